import { Problem } from '../../rules/problem.ts'
import type { Answers, Call } from '../../server/answer.ts'
import type { Tx } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import { pathOf } from '../units/units.reads.ts'
import { accountForUpdate, endSessions, findAccount, holdsWholeTree, identityOf, removeIdentity, tellAccessChanged } from './access.sql.ts'
import { mustKnowPassword } from './accounts.server.ts'
import { mustBeAble, scopeOf, type Actor } from './permission.ts'
import { confirmSecondFactor, newBackupCodes, startSecondFactor } from './second-factor.server.ts'
import { needsSecondFactor } from './security-settings.ts'
import type { SecondFactor, securityContract } from './security.contract.ts'
import * as queries from './security.sql.ts'

/** Minutes after signing in through the provider in which no password is asked: many of those people have none. */
const freshMinutes = 10
const shownVersions = 50
const subject = (account: string) => `account:${account}`
const by = (actor: Actor) => ({ account: actor.account })

function sealing({ sealingKey }: Pick<Call<unknown>, 'sealingKey'>): string {
  if (!sealingKey) throw new Error('nothing seals secrets here')
  return sealingKey
}

async function isFresh(tx: Tx, actor: Actor): Promise<boolean> {
  const session = actor.session === undefined ? undefined : await queries.findSession(tx, actor.session)
  return session?.signedInBy === 'oidc' && session.minutes < freshMinutes
}

/** Throws Problem `sign-in-failed` unless the asker shows that he is who he was when he signed in. */
async function mustProve(tx: Tx, actor: Actor, password: string | undefined): Promise<void> {
  if (await isFresh(tx, actor)) return
  await mustKnowPassword(tx, actor.account, password ?? '')
}

async function myFactor(tx: Tx, actor: Actor, today: string): Promise<SecondFactor> {
  const row = await queries.findSecondFactor(tx, actor.account)
  const { settings } = await queries.settingsNow(tx)
  const { codes, devices } = await queries.factorCounts(tx, actor.account)
  return {
    state: row === undefined ? 'none' : row.confirmedAt === null ? 'started' : 'set',
    since: row?.confirmedAt ?? null,
    backupCodesLeft: codes,
    trustedDevices: devices,
    required: needsSecondFactor(await queries.kindsHeld(tx, actor.account, today), settings.secondFactor),
    trustDays: settings.secondFactor.trustDays,
    fresh: await isFresh(tx, actor),
  }
}

async function mustHaveFactor(tx: Tx, account: string): Promise<void> {
  const row = await queries.findSecondFactor(tx, account)
  if (!row || row.confirmedAt === null) throw new Problem('second-factor-not-set')
}

export const securityAnswers: Answers<typeof securityContract> = {
  async passwordRules({ tx }) {
    return (await queries.settingsNow(tx)).settings.passwords
  },

  async securitySettings({ tx, actor }) {
    const mayChange = await holdsWholeTree(tx, scopeOf(actor, 'grant.manage'))
    return { versions: await queries.settingsVersions(tx, shownVersions), mayChange, kinds: await queries.postKinds(tx) }
  },

  async saveSecuritySettings({ tx, actor, input: { version, settings, reason } }) {
    // They hold everywhere, so whoever looks after a part alone does not decide them.
    if (!(await holdsWholeTree(tx, scopeOf(actor, 'grant.manage')))) throw new Problem('not-allowed', { facts: { verb: 'grant.manage' } })
    const kinds = await queries.postKinds(tx)
    const unknown = settings.secondFactor.kinds.find((kind) => !kinds.some(({ code }) => code === kind))
    if (unknown !== undefined) throw new Problem('invalid-input', { field: 'settings.secondFactor.kinds', facts: { kind: unknown } })
    const now = await queries.settingsNow(tx)
    const stale = now.version !== version || !(await queries.insertSettings(tx, { version: version + 1, settings, reason, by: actor.account }))
    if (stale) {
      const theirs = await queries.settingsNow(tx)
      throw new Problem('stale-version', { facts: { what: 'securitySettings', mine: version, theirs: theirs.version, values: theirs.settings } })
    }
    await record(tx, 'access.settingsChanged', { by: by(actor), subject: 'security-settings', reason, facts: { version: version + 1, from: now.settings, to: settings } })
    return (await queries.settingsVersions(tx, 1))[0]!
  },

  secondFactor: ({ tx, actor, today }) => myFactor(tx, actor, today),

  async startSecondFactor({ tx, actor, input, sealingKey }) {
    await mustProve(tx, actor, input.password)
    const account = await findAccount(tx, actor.account)
    const started = await startSecondFactor(tx, { id: actor.account, username: account?.username ?? actor.name }, sealing({ sealingKey }))
    await record(tx, 'access.secondFactorStarted', { by: by(actor), subject: subject(actor.account) })
    return started
  },

  async confirmSecondFactor({ tx, actor, input, now, sealingKey }) {
    const codes = await confirmSecondFactor(tx, actor.account, input.code, now.getTime(), sealing({ sealingKey }))
    if (actor.session !== undefined) await queries.saveSessionState(tx, actor.session, { wants: null })
    await tellAccessChanged(tx, actor.account)
    await record(tx, 'access.secondFactorSet', { by: by(actor), subject: subject(actor.account) })
    return { backupCodes: codes }
  },

  async newBackupCodes({ tx, actor, input }) {
    await mustHaveFactor(tx, actor.account)
    await mustProve(tx, actor, input.password)
    const codes = await newBackupCodes(tx, actor.account)
    await record(tx, 'access.backupCodesMade', { by: by(actor), subject: subject(actor.account) })
    return { backupCodes: codes }
  },

  async removeSecondFactor({ tx, actor, input, today }) {
    await mustHaveFactor(tx, actor.account)
    if ((await myFactor(tx, actor, today)).required) throw new Problem('second-factor-required')
    await mustProve(tx, actor, input.password)
    await queries.removeFactor(tx, actor.account)
    await record(tx, 'access.secondFactorRemoved', { by: by(actor), subject: subject(actor.account) })
    return myFactor(tx, actor, today)
  },

  async forgetDevices({ tx, actor }) {
    const forgotten = await queries.forgetTrusted(tx, actor.account)
    await record(tx, 'access.devicesForgotten', { by: by(actor), subject: subject(actor.account), facts: { forgotten } })
    return { forgotten }
  },

  async identity({ tx, actor }) {
    return { since: (await identityOf(tx, actor.account)) ?? null }
  },

  async unlinkMyIdentity({ tx, actor, input }) {
    if ((await identityOf(tx, actor.account)) === undefined) throw new Problem('identity-not-linked')
    await mustProve(tx, actor, input.password)
    await removeIdentity(tx, actor.account)
    await record(tx, 'access.identityUnlinked', { by: by(actor), subject: subject(actor.account) })
    return { since: null }
  },

  async unlinkIdentity({ tx, actor, input }) {
    const row = await accountForUpdate(tx, input.account)
    if (!row) throw new Problem('account-unknown', { facts: { account: input.account } })
    mustBeAble(actor, 'account.manage', await pathOf(tx, row.unit))
    // One's own is untied with one's password, never by the power of a post.
    if (row.id === actor.account) throw new Problem('same-person')
    if (!(await removeIdentity(tx, row.id))) throw new Problem('identity-not-linked')
    const endedSessions = await endSessions(tx, row.id)
    await tellAccessChanged(tx, row.id)
    await record(tx, 'access.identityUnlinked', { by: by(actor), unit: row.unit, subject: subject(row.id), reason: input.reason, facts: { endedSessions } })
    return { account: row.id, endedSessions }
  },

  async resetSecondFactor({ tx, actor, input }) {
    const row = await accountForUpdate(tx, input.account)
    if (!row) throw new Problem('account-unknown', { facts: { account: input.account } })
    mustBeAble(actor, 'grant.manage', await pathOf(tx, row.unit))
    // One's own is removed with one's password, never by the power of a post.
    if (row.id === actor.account) throw new Problem('same-person')
    if (!(await queries.removeFactor(tx, row.id))) throw new Problem('second-factor-not-set')
    const endedSessions = await endSessions(tx, row.id)
    await tellAccessChanged(tx, row.id)
    await record(tx, 'access.secondFactorReset', { by: by(actor), unit: row.unit, subject: subject(row.id), reason: input.reason, facts: { endedSessions } })
    return { account: row.id, endedSessions }
  },
}
