import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto'
import { Problem } from '../../rules/problem.ts'
import type { Answers, Call } from '../../server/answer.ts'
import type { Tx } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import { later } from '../../server/queue.ts'
import { grantFor, mustBeAble, type Actor } from '../access/permission.ts'
import { noticesToSay } from '../inbox/inbox.reads.ts'
import { pathOf } from '../units/units.reads.ts'
import { hashOfFeed } from './feed.server.ts'
import type { Choice, reachContract, Robot } from './reach.contract.ts'
import * as queries from './reach.sql.ts'
import { refusedAddress } from './robot-message.ts'
import { tellRobot } from './robot.server.ts'
import { say } from './words.server.ts'

const codeMinutes = 30
const codeTries = 5
/** How long one waits before asking for another code: nobody floods an address through us. */
const askAgainSeconds = 60

const hashOfCode = (account: string, code: string) => createHash('sha256').update(`${account}:${code}`).digest('hex')
const by = (actor: Actor) => ({ account: actor.account })
const subjectOf = (actor: Actor) => `account:${actor.account}`

async function choiceNow({ tx, actor, settings, now }: Pick<Call<unknown>, 'tx' | 'actor' | 'settings' | 'now'>): Promise<Choice> {
  const row = await queries.choiceOf(tx, actor.account)
  const waiting = await queries.confirmationOf(tx, actor.account)
  return {
    email: row?.email ?? null,
    unconfirmed: waiting && new Date(waiting.expiresAt) > now ? waiting.email : null,
    mode: row?.mode ?? 'off',
    quietFrom: row?.quietFrom ?? 20,
    quietTo: row?.quietTo ?? 8,
    digestHour: row?.digestHour ?? 8,
    muted: row?.muted ?? [],
    hasFeed: row?.hasFeed ?? false,
    mailIsSet: settings.SMTP_URL !== undefined,
    version: row?.version ?? 1,
  }
}

async function robotShown(tx: Tx, unit: number, id: number): Promise<Robot> {
  const row = (await queries.robotsOf(tx, unit)).find((robot) => robot.id === id)
  if (!row) throw new Problem('not-found', { facts: { what: 'robot', id } })
  return shown(row)
}

function shown({ url, secret, since: _since, ...row }: queries.RobotShown): Robot {
  return { ...row, address: `${new URL(url).hostname}/…${url.slice(-4)}`, signs: secret !== '' }
}

export const reachAnswers: Answers<typeof reachContract> = {
  choice: (call) => choiceNow(call),

  async saveChoice(call) {
    const { tx, actor, input, now, settings } = call
    const before = await choiceNow(call)
    if (input.mode !== 'off' && !settings.SMTP_URL) throw new Problem('mail-not-set', { field: 'mode' })
    if (input.mode !== 'off' && before.email === null) throw new Problem('email-not-confirmed', { field: 'email' })
    await queries.beginChoice(tx, actor.account, now)
    if (!(await queries.saveChoice(tx, actor.account, input, now))) throw new Problem('stale-version', { facts: { mine: input.version, theirs: before.version, values: before } })
    await record(tx, 'reach.chosen', { by: by(actor), subject: subjectOf(actor), facts: { from: before.mode, to: input.mode } })
    return choiceNow(call)
  },

  async askEmail(call) {
    const { tx, actor, input, now, settings } = call
    if (!settings.SMTP_URL) throw new Problem('mail-not-set', { field: 'email' })
    const before = await queries.confirmationOf(tx, actor.account, { lock: true })
    const askedAt = before && new Date(before.expiresAt).getTime() - codeMinutes * 60_000
    const left = askedAt === undefined ? 0 : Math.ceil((askedAt + askAgainSeconds * 1000 - now.getTime()) / 1000)
    if (left > 0) throw new Problem('wait-a-moment', { field: 'email', facts: { seconds: left } })
    const code = String(randomInt(1_000_000)).padStart(6, '0')
    await queries.askConfirmation(tx, actor.account, input.email, hashOfCode(actor.account, code), new Date(now.getTime() + codeMinutes * 60_000))
    await later(tx, 'reach:mailCode', { email: input.email, code, locale: actor.locale }, { key: `reach:mailCode:${actor.account}` })
    await record(tx, 'reach.emailAsked', { by: by(actor), subject: subjectOf(actor) })
    return choiceNow(call)
  },

  /** A wrong code is counted although it is refused, so it is answered, not thrown: a thrown problem would undo the count. */
  async confirmEmail(call) {
    const { tx, actor, input, now } = call
    const waiting = await queries.confirmationOf(tx, actor.account, { lock: true })
    if (!waiting || new Date(waiting.expiresAt) <= now || waiting.tries >= codeTries) throw new Problem('code-expired', { field: 'code' })
    const given = Buffer.from(hashOfCode(actor.account, input.code))
    if (!timingSafeEqual(given, Buffer.from(waiting.codeHash))) {
      return { confirmed: false, triesLeft: codeTries - (await queries.countTry(tx, actor.account)), choice: await choiceNow(call) }
    }
    await queries.beginChoice(tx, actor.account, now)
    await queries.setEmail(tx, actor.account, waiting.email)
    await queries.endConfirmation(tx, actor.account)
    await record(tx, 'reach.emailConfirmed', { by: by(actor), subject: subjectOf(actor) })
    return { confirmed: true, triesLeft: codeTries, choice: await choiceNow(call) }
  },

  async removeEmail(call) {
    const { tx, actor } = call
    await queries.endConfirmation(tx, actor.account)
    await queries.setEmail(tx, actor.account, null)
    await record(tx, 'reach.emailRemoved', { by: by(actor), subject: subjectOf(actor) })
    return choiceNow(call)
  },

  async makeFeed({ tx, actor, now, settings }) {
    const token = randomBytes(32).toString('base64url')
    await queries.beginChoice(tx, actor.account, now)
    await queries.setFeed(tx, actor.account, hashOfFeed(token))
    await record(tx, 'reach.feedMade', { by: by(actor), subject: subjectOf(actor) })
    return { url: `${settings.PUBLIC_URL ?? ''}/api/reach/calendar/${token}.ics` }
  },

  async endFeed(call) {
    const { tx, actor } = call
    await queries.setFeed(tx, actor.account, null)
    await record(tx, 'reach.feedEnded', { by: by(actor), subject: subjectOf(actor) })
    return choiceNow(call)
  },

  async sent({ tx, actor, input }) {
    const { rows, total } = await queries.sentTo(tx, actor.account, input)
    const notices = new Map((await noticesToSay(tx, rows.map((row) => row.notice))).map((notice) => [notice.id, notice]))
    return {
      total,
      rows: rows.map(({ notice, ...row }) => {
        const { kind = '', unitName = '', facts = {}, at = row.sendAt } = notices.get(notice) ?? {}
        return { ...row, kind, unitName, facts, at }
      }),
    }
  },

  async robots({ tx, actor, input, settings }) {
    mustBeAble(actor, 'unit.manage', await pathOf(tx, input.unit))
    return { rows: (await queries.robotsOf(tx, input.unit)).map(shown), hosts: settings.ROBOT_HOSTS }
  },

  async saveRobot({ tx, actor, input, now, settings }) {
    const { id, unit, version } = input
    const grant = mustBeAble(actor, 'unit.manage', await pathOf(tx, unit))
    const before = id === undefined ? undefined : await queries.robotById(tx, id)
    if (id !== undefined && before?.unit !== unit) throw new Problem('not-found', { facts: { what: 'robot', id } })
    const url = input.url || before?.url || ''
    const refused = refusedAddress(url, settings.ROBOT_HOSTS)
    if (refused) throw new Problem('robot-address', { field: 'url', facts: { why: refused, hosts: settings.ROBOT_HOSTS.join('、') } })
    const robot = { unit, name: input.name, shape: input.shape, url, secret: input.secret || before?.secret || '', muted: input.muted, active: input.active }
    if (robot.shape === 'plain' && robot.secret.length < 8) throw new Problem('robot-secret', { field: 'secret' })
    if (id !== undefined && !(await queries.updateRobot(tx, id, version, robot, now))) {
      const { name, shape, active } = before!
      throw new Problem('stale-version', { facts: { mine: version, theirs: before!.version, values: { name, shape, active } } })
    }
    const saved = id ?? (await queries.insertRobot(tx, robot, actor.account, now))
    await record(tx, 'reach.robotSaved', { by: { account: actor.account, post: grant.post || undefined }, unit, subject: `robot:${saved}`, facts: { shape: robot.shape, active: robot.active } })
    return robotShown(tx, unit, saved)
  },

  async dropRobot({ tx, actor, input }) {
    const grant = mustBeAble(actor, 'unit.manage', await pathOf(tx, input.unit))
    const before = await queries.robotById(tx, input.id)
    if (before?.unit !== input.unit) return { dropped: false }
    if (!(await queries.deleteRobot(tx, input.unit, input.id, input.version))) throw new Problem('stale-version', { facts: { mine: input.version, theirs: before.version, values: { name: before.name } } })
    await record(tx, 'reach.robotDropped', { by: { account: actor.account, post: grant.post || undefined }, unit: input.unit, subject: `robot:${input.id}` })
    return { dropped: true }
  },

  async tryRobot({ tx, actor, input, now, settings }) {
    const path = await pathOf(tx, input.unit)
    mustBeAble(actor, 'unit.manage', path)
    const robot = await queries.robotById(tx, input.id)
    if (robot?.unit !== input.unit) throw new Problem('not-found', { facts: { what: 'robot', id: input.id } })
    const title = say('zh-CN', 'reach:robot.trial')
    const unitName = grantFor(actor, 'unit.manage', path)?.unitName ?? ''
    const error = await tellRobot(robot, { title, notices: [{ id: 0, kind: 'trial', unit: unitName, text: title, at: now.toISOString(), link: `${settings.PUBLIC_URL ?? ''}/reach` }], now, hosts: settings.ROBOT_HOSTS })
    await record(tx, 'reach.robotTried', { by: by(actor), unit: input.unit, subject: `robot:${input.id}`, facts: { delivered: error === undefined } })
    return { delivered: error === undefined, error: error ?? null }
  },
}
