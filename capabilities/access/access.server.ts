import { Problem } from '../../rules/problem.ts'
import type { Answers, Call } from '../../server/answer.ts'
import type { Tx } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import type { MoveNow } from '../endpoint.ts'
import { activeUnitOf, inScope, pathOf, pathOfUnit } from '../units/units.reads.ts'
import { absenceAnswers } from './absence.server.ts'
import { endAbsencesOfHolding } from './absence.sql.ts'
import type { Account, accessContract, Holding } from './access.contract.ts'
import * as queries from './access.sql.ts'
import type { AccountRow, HoldingRow } from './access.sql.ts'
import { changePassword, keepFormerPassword } from './change-password.server.ts'
import { createAccount, firstPassword, hashPassword } from './accounts.server.ts'
import { mayAlsoHold } from './admin-roles.ts'
import { grantFor, mustBeAble, mustHold, scopeOf, type Actor } from './permission.ts'
import { securityAnswers } from './security.server.ts'
import { sessionLimits } from './session-limits.ts'
import type { Verb } from './verbs.ts'

const may = (move: string, why: string | undefined, from: string[] = []): MoveNow =>
  why ? { move, possible: false, from, why } : { move, possible: true, from }

/** The administrator's moves on an account, each with the reason why it is not possible now. */
async function accountOf(tx: Tx, actor: Actor, row: AccountRow): Promise<Account> {
  const path = await pathOf(tx, row.unit)
  const not = (verb: Verb) => (grantFor(actor, verb, path) ? undefined : 'not-allowed')
  const self = row.id === actor.account ? 'same-person' : undefined
  const { mustChangeWhy: _why, ...shown } = row
  return {
    ...shown,
    moves: [
      may('disable', not('account.manage') ?? self ?? (row.disabled ? 'move-not-possible' : undefined), ['active']),
      may('enable', not('account.manage') ?? (row.disabled ? undefined : 'move-not-possible'), ['disabled']),
      may('resetPassword', not('account.manage') ?? self),
      may('unlinkIdentity', not('account.manage') ?? self ?? (row.identity ? undefined : 'identity-not-linked')),
      may('resetSecondFactor', not('grant.manage') ?? self ?? (row.secondFactor ? undefined : 'second-factor-not-set')),
      may('unlock', not('grant.manage') ?? (row.lockedUntil ? undefined : 'move-not-possible'), ['locked']),
    ],
  }
}

/** The account, locked, if the actor holds `verb` where it is looked after. Throws Problems `account-unknown`, `not-allowed`. */
async function managed(tx: Tx, actor: Actor, id: string, verb: Verb): Promise<AccountRow> {
  const row = await queries.accountForUpdate(tx, id)
  if (!row) throw new Problem('account-unknown', { facts: { account: id } })
  mustBeAble(actor, verb, await pathOf(tx, row.unit))
  return row
}

async function answerAccount(tx: Tx, actor: Actor, id: string): Promise<Account> {
  const row = await queries.findAccount(tx, id)
  if (!row) throw new Error('an account that was just written is there')
  return accountOf(tx, actor, row)
}

function holdingNow(actor: Actor, row: HoldingRow, path: readonly number[], today: string): Holding {
  const ended = row.validTo !== null && row.validTo <= today
  const { admin: _admin, ...shown } = row
  return {
    ...shown,
    moves: [
      may(
        'end',
        !grantFor(actor, 'grant.manage', path)
          ? 'not-allowed'
          : row.account === actor.account
            ? 'same-person'
            : ended
              ? 'move-not-possible'
              : undefined,
        ['held'],
      ),
    ],
  }
}

const by = (actor: Actor) => ({ account: actor.account })

async function search({ tx, actor, input }: Call<{ text: string; state?: 'active' | 'disabled' | 'locked' | undefined; limit: number; offset: number }>, verb: Verb) {
  const { rows, total } = await queries.searchAccounts(tx, { ...input, state: input.state, scope: await inScope(tx, 'u', mustHold(actor, verb)) })
  return { rows: await Promise.all(rows.map((row) => accountOf(tx, actor, row))), total }
}

export const accessAnswers: Answers<typeof accessContract> = {
  ...securityAnswers,
  ...absenceAnswers,

  async me({ tx, actor }) {
    const account = await queries.findAccount(tx, actor.account)
    return {
      account: actor.account,
      username: account?.username ?? actor.username ?? '',
      name: actor.name,
      locale: actor.locale,
      mustChangePassword: actor.mustChangePassword,
      mustChangeWhy: account?.mustChangeWhy ?? null,
      wants: actor.wants ?? null,
      posts: actor.grants.map((grant) => ({ ...grant, verbs: [...grant.verbs] })),
    }
  },

  async setLocale({ tx, actor, input }) {
    await queries.saveLocale(tx, actor.account, input.locale)
    await queries.tellAccessChanged(tx, actor.account)
    await record(tx, 'access.localeChosen', { by: by(actor), subject: `account:${actor.account}`, facts: { to: input.locale } })
    return { locale: input.locale }
  },

  async changePassword({ tx, actor, input }) {
    await changePassword(tx, actor.account, input)
    const endedSessions = await queries.endSessions(tx, actor.account, { except: actor.session })
    await queries.tellAccessChanged(tx, actor.account)
    await record(tx, 'access.passwordChanged', { by: by(actor), subject: `account:${actor.account}`, facts: { endedSessions } })
    return { endedSessions }
  },

  async sessions({ tx, actor }) {
    const rows = await queries.sessionsOf(tx, actor.account, sessionLimits.idleMinutes * 60)
    return rows.map((row) => ({ ...row, current: row.id === actor.session }))
  },

  async endSession({ tx, actor, input }) {
    const ended = await queries.endSessions(tx, actor.account, { only: input.id })
    await queries.tellAccessChanged(tx, actor.account)
    await record(tx, 'access.sessionEnded', { by: by(actor), subject: `account:${actor.account}`, facts: { ended } })
    return { ended }
  },

  async endOtherSessions({ tx, actor }) {
    const ended = await queries.endSessions(tx, actor.account, { except: actor.session })
    await queries.tellAccessChanged(tx, actor.account)
    await record(tx, 'access.sessionEnded', { by: by(actor), subject: `account:${actor.account}`, facts: { ended } })
    return { ended }
  },

  accounts: (call) => search(call, 'account.manage'),
  people: (call) => search(call, 'grant.manage'),

  async createAccount({ tx, actor, input }) {
    const unit = await activeUnitOf(tx, input.unit)
    mustBeAble(actor, 'account.manage', pathOfUnit(unit))
    const password = firstPassword()
    const id = await createAccount(tx, { ...input, password })
    await record(tx, 'access.accountCreated', { by: by(actor), unit: unit.id, subject: `account:${id}` })
    return { account: await answerAccount(tx, actor, id), firstPassword: password }
  },

  async disableAccount({ tx, actor, input }) {
    const row = await managed(tx, actor, input.account, 'account.manage')
    if (row.id === actor.account) throw new Problem('same-person')
    if (row.disabled) throw new Problem('move-not-possible', { facts: { life: 'account', move: 'disable', state: 'disabled', from: ['active'] } })
    await queries.saveDisabled(tx, row.id, true)
    const endedSessions = await queries.endSessions(tx, row.id)
    await queries.tellAccessChanged(tx, row.id)
    await record(tx, 'access.accountDisabled', {
      by: by(actor),
      unit: row.unit,
      subject: `account:${row.id}`,
      reason: input.reason,
      facts: { endedSessions },
    })
    return answerAccount(tx, actor, row.id)
  },

  async enableAccount({ tx, actor, input }) {
    const row = await managed(tx, actor, input.account, 'account.manage')
    if (!row.disabled) throw new Problem('move-not-possible', { facts: { life: 'account', move: 'enable', state: 'active', from: ['disabled'] } })
    await queries.saveDisabled(tx, row.id, false)
    await queries.tellAccessChanged(tx, row.id)
    await record(tx, 'access.accountEnabled', { by: by(actor), unit: row.unit, subject: `account:${row.id}`, reason: input.reason })
    return answerAccount(tx, actor, row.id)
  },

  async resetPassword({ tx, actor, input }) {
    const row = await managed(tx, actor, input.account, 'account.manage')
    if (row.id === actor.account) throw new Problem('same-person')
    const password = firstPassword()
    await keepFormerPassword(tx, row.id)
    await queries.savePassword(tx, row.id, await hashPassword(password), { mustChange: true })
    const endedSessions = await queries.endSessions(tx, row.id)
    await queries.tellAccessChanged(tx, row.id)
    await record(tx, 'access.passwordReset', {
      by: by(actor),
      unit: row.unit,
      subject: `account:${row.id}`,
      reason: input.reason,
      facts: { endedSessions },
    })
    return { account: await answerAccount(tx, actor, row.id), firstPassword: password }
  },

  async unlock({ tx, actor, input }) {
    const row = await managed(tx, actor, input.account, 'grant.manage')
    if ((await queries.forgetFailures(tx, row.username)) === 0) {
      throw new Problem('move-not-possible', { facts: { life: 'account', move: 'unlock', state: 'active', from: ['locked'] } })
    }
    await record(tx, 'access.accountUnlocked', { by: by(actor), unit: row.unit, subject: `account:${row.id}`, reason: input.reason })
    return answerAccount(tx, actor, row.id)
  },

  async holdings({ tx, actor, input, today }) {
    if (input.unit === undefined && input.account === undefined) throw new Problem('invalid-input', { field: 'unit' })
    if (input.unit !== undefined) mustBeAble(actor, 'grant.manage', await pathOf(tx, input.unit))
    const rows = await queries.holdingHistory(tx, input)
    const seen: Holding[] = []
    for (const row of rows) {
      const path = await pathOf(tx, row.unit)
      // Of an account, only the posts on units that the administrator looks after.
      if (grantFor(actor, 'grant.manage', path)) seen.push(holdingNow(actor, row, path, today))
    }
    return seen
  },

  async grant({ tx, actor, input, today }) {
    const post = await queries.postNow(tx, input.post, today)
    if (!post) throw new Problem('not-found', { facts: { what: 'post', post: input.post } })
    const path = pathOfUnit(await activeUnitOf(tx, post.unit))
    mustBeAble(actor, 'grant.manage', path)
    const account = await queries.accountForUpdate(tx, input.account)
    if (!account) throw new Problem('account-unknown', { field: 'account', facts: { account: input.account } })
    if (account.id === actor.account) throw new Problem('same-person')
    if (account.disabled) throw new Problem('account-disabled', { facts: { name: account.name } })
    const from = input.from ?? today
    const held = await queries.holdingsOf(tx, account.id, from)
    if (!mayAlsoHold(held, post)) {
      throw new Problem('admin-roles-separate', { facts: { post: post.title, held: held.map((one) => one.title) } })
    }
    if (!input.acting) {
      const holder = await queries.findHolder(tx, input.post, from)
      if (holder) throw new Problem('post-filled', { facts: { ...holder, post: post.title } })
    }
    const id = await queries.insertHolding(tx, { post: input.post, account: account.id, acting: input.acting, from })
    await queries.tellAccessChanged(tx, account.id)
    await record(tx, 'access.postGranted', {
      by: by(actor),
      unit: post.unit,
      subject: `account:${account.id}`,
      reason: input.reason,
      facts: { post: input.post, title: post.title, acting: input.acting, from },
    })
    return holdingNow(actor, (await queries.findHolding(tx, id))!, path, today)
  },

  async endHolding({ tx, actor, input, today }) {
    const row = await queries.findHolding(tx, input.holding)
    if (!row) throw new Problem('not-found', { facts: { what: 'holding', holding: input.holding } })
    const path = await pathOf(tx, row.unit)
    mustBeAble(actor, 'grant.manage', path)
    if (row.account === actor.account) throw new Problem('same-person')
    const on = input.on ?? today
    if (row.validTo !== null && row.validTo <= on) {
      throw new Problem('move-not-possible', { facts: { life: 'holding', move: 'end', state: 'ended', from: ['held'] } })
    }
    const end = on < row.validFrom ? row.validFrom : on
    await queries.saveHoldingEnd(tx, row.id, end)
    for (const deputy of await endAbsencesOfHolding(tx, row.id, end)) await queries.tellAccessChanged(tx, deputy)
    await queries.tellAccessChanged(tx, row.account)
    await record(tx, 'access.postTaken', {
      by: by(actor),
      unit: row.unit,
      subject: `account:${row.account}`,
      reason: input.reason,
      facts: { post: row.post, title: row.title, on: end },
    })
    return holdingNow(actor, (await queries.findHolding(tx, row.id))!, path, today)
  },

  async events({ tx, actor, input }) {
    const scope = mustHold(actor, 'audit.read')
    if (input.unit !== undefined) mustBeAble(actor, 'audit.read', await pathOf(tx, input.unit))
    const [xid, id] = input.before?.split('-') ?? []
    const rows = await queries.searchEvents(tx, {
      scope: await inScope(tx, 'u', scope),
      wholeTree: await queries.holdsWholeTree(tx, scope),
      unit: input.unit === undefined ? undefined : await inScope(tx, 'u', [input.unit]),
      kind: input.kind,
      subject: input.subject,
      from: input.from,
      to: input.to,
      before: xid === undefined || id === undefined ? undefined : { tx: xid, id: Number(id) },
      limit: input.limit + 1,
    })
    const shown = rows.slice(0, input.limit).map(({ tx: at, id: n, ...row }) => ({ ...row, cursor: `${at}-${n}` }))
    return { rows: shown, next: rows.length > input.limit ? (shown.at(-1)?.cursor ?? null) : null }
  },

  async seals({ tx, actor, input }) {
    const scope = scopeOf(actor, 'audit.read')
    if (!(await queries.holdsWholeTree(tx, scope))) throw new Problem('not-allowed', { facts: { verb: 'audit.read' } })
    const { seals, waiting } = await queries.countSeals(tx)
    return { rows: await queries.sealsPage(tx, input.limit, input.offset), total: seals, waiting }
  },
}
