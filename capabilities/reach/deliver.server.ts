import { todayIn } from '../../rules/civil-date.ts'
import type { Config } from '../../server/config.ts'
import type { Database, Tx } from '../../server/db.ts'
import type { JobCall } from '../../server/queue.ts'
import { grantsOfAccounts, localesOf } from '../access/access.reads.ts'
import { noticesToSay, seenAmong, takeFreshNotices, type NoticeToSay } from '../inbox/inbox.reads.ts'
import { placeOfNotice } from '../inbox/place-of-notice.ts'
import { sendMails, type Mail } from './mail.server.ts'
import * as queries from './reach.sql.ts'
import type { Due } from './reach.sql.ts'
import type { Said } from './robot-message.ts'
import { tellRobot } from './robot.server.ts'
import { sendAt, tryAgainAt } from './when.ts'
import { noticeWords, say } from './words.server.ts'

/** A notice that nobody planned for in this time (the platform stood still) is not sent any more; the page has it. */
const lookBackMs = 86_400_000
/** A sender that has not answered for this long is gone. */
const lostAfterMs = 15 * 60_000
const atOnce = 500
const lookedAtOnce = 5_000
/** A mail lists at most this many notices; the rest is counted. */
const linesInMail = 40
const robotWish = { mode: 'each', quietFrom: 0, quietTo: 0, digestHour: 8 } as const

type Sending = Pick<JobCall, 'database' | 'now'> & { settings: Config; log?: JobCall['log'] }

/** What runs every minute: plans what is new, then sends what is due. @returns how many notices were planned and sent */
export async function deliver(call: Sending): Promise<{ planned: number; sent: number }> {
  let planned = 0
  for (;;) {
    const done = await call.database.transaction((tx) => plan(tx, call.now))
    planned += done.planned
    if (done.looked < lookedAtOnce) break
  }
  return { planned, sent: await sendDue(call) }
}

/**
 * Each new notice, for each person and robot that wants it, once: whoever asks for mail or takes a post later is not told what
 * was said before.
 */
async function plan(tx: Tx, now: Date): Promise<{ looked: number; planned: number }> {
  const fresh = await takeFreshNotices(tx, lookedAtOnce)
  const notices = fresh.filter((notice) => Date.parse(notice.at) > now.getTime() - lookBackMs)
  if (notices.length === 0) return { looked: fresh.length, planned: 0 }
  const [choices, robots] = [await queries.choicesWithMail(tx), await queries.activeRobots(tx)]
  const grants = choices.length === 0 ? [] : await grantsOfAccounts(tx, choices.map((choice) => choice.account), todayIn(now.getTime()))
  const byUnit = Map.groupBy(notices, (notice) => notice.unit)
  const choiceOf = new Map(choices.map((choice) => [choice.account, choice]))
  const planned: queries.ToDeliver[] = []
  for (const { account, unit, verbs } of grants) {
    const choice = choiceOf.get(account)!
    for (const notice of byUnit.get(unit) ?? []) {
      if (!verbs.includes(notice.verb) || choice.muted.includes(notice.kind) || notice.at < choice.since) continue
      planned.push({ notice: notice.id, account, robot: null, sendAt: sendAt({ ...choice, mode: choice.mode as 'each' | 'digest' }, now) })
    }
  }
  for (const robot of robots) {
    const told = new Set<string>()
    for (const notice of byUnit.get(robot.unit) ?? []) {
      if (robot.muted.includes(notice.kind) || notice.at < robot.since || told.has(String(notice.id))) continue
      told.add(String(notice.id))
      planned.push({ notice: notice.id, account: null, robot: robot.id, sendAt: sendAt(robotWish, now) })
    }
  }
  return { looked: fresh.length, planned: planned.length === 0 ? 0 : await queries.planDeliveries(tx, planned) }
}

/** What is due is taken first (and committed), then sent: after a kill in between it is `unsure`, never sent twice. */
async function sendDue({ database, now, settings, log }: Sending): Promise<number> {
  await queries.lostOnTheWay(database.db, new Date(now.getTime() - lostAfterMs), now)
  let sent = 0
  for (;;) {
    const due = await database.transaction((tx) => queries.takeDue(tx, now, atOnce))
    if (due.length === 0) return sent
    const notices = new Map((await noticesToSay(database.db, [...new Set(due.map((one) => one.notice))])).map((notice) => [notice.id, notice]))
    sent += await sendToAccounts({ database, now, settings, due: due.filter((one) => one.account !== null), notices })
    sent += await sendToRobots({ database, now, settings, due: due.filter((one) => one.robot !== null), notices })
    log?.info({ taken: due.length, sent }, 'notices sent')
  }
}

type Batch = { database: Database; now: Date; settings: Config; due: readonly Due[]; notices: ReadonlyMap<number, NoticeToSay> }
const ids = (due: readonly Due[]) => due.map((one) => one.id)

async function failedFor({ database, now }: Pick<Batch, 'database' | 'now'>, due: readonly Due[], error: string): Promise<void> {
  for (const [attempts, some] of Map.groupBy(due, (one) => one.attempts)) {
    const again = tryAgainAt(attempts, now)
    await queries.settle(database.db, ids(some), { state: again ? 'waiting' : 'failed', error: error.slice(0, 300), sendAt: again }, now)
  }
}

async function sendToAccounts({ database, now, settings, due, notices }: Batch): Promise<number> {
  if (due.length === 0) return 0
  const accounts = [...new Set(due.map((one) => one.account!))]
  const [addresses, locales, seen] = await Promise.all([
    queries.addressesOf(database.db, accounts),
    localesOf(database.db, accounts),
    seenAmong(database.db, accounts, due.map((one) => one.notice)),
  ])
  // Read on the page already, or mail was switched off meanwhile: nothing is said twice.
  const isOver = (one: Due) => seen.has(`${one.account}:${one.notice}`) || !addresses.has(one.account!) || !notices.has(one.notice)
  await queries.settle(database.db, ids(due.filter(isOver)), { state: 'seen', error: null, sendAt: undefined }, now)
  const perAccount = Map.groupBy(due.filter((one) => !isOver(one)), (one) => one.account!)
  const letters = new Map<Mail, Due[]>()
  for (const [account, mine] of perAccount) {
    const said = mine.map((one) => notices.get(one.notice)!).sort((a, b) => a.id - b.id)
    letters.set({ to: addresses.get(account)!, id: `notices.${mine[0]!.id}.${mine[0]!.attempts}`, ...letterOf(locales.get(account) ?? 'zh-CN', said, settings) }, mine)
  }
  let sent = 0
  const hand = sendMails(settings, [...letters.keys()], {
    sent: async (mail) => {
      const mine = letters.get(mail)!
      letters.delete(mail)
      sent += await queries.settle(database.db, ids(mine), { state: 'sent', error: null, sendAt: undefined }, now)
    },
    failed: async (mail, error) => {
      const mine = letters.get(mail)!
      letters.delete(mail)
      await failedFor({ database, now }, mine, error.message)
    },
  })
  await hand.catch((error: Error) => failedFor({ database, now }, [...letters.values()].flat(), error.message))
  return sent
}

/** One notice is the subject itself; several are a list. */
function letterOf(locale: 'zh-CN' | 'en', notices: readonly NoticeToSay[], { PUBLIC_URL = '' }: Config): { subject: string; text: string } {
  const lines = notices.slice(0, linesInMail).map((notice) => `· ${notice.unitName}：${noticeWords(locale, notice)}\n  ${linkTo(PUBLIC_URL, notice.subject)}`)
  const first = notices[0]!
  return {
    subject: notices.length === 1 ? say(locale, 'reach:mail.one', { words: noticeWords(locale, first) }) : say(locale, 'reach:mail.many', { count: notices.length }),
    text: [
      ...lines,
      ...(notices.length > linesInMail ? [say(locale, 'reach:mail.more', { count: notices.length - linesInMail })] : []),
      '',
      say(locale, 'reach:mail.end', { link: `${PUBLIC_URL}/reach` }),
    ].join('\n'),
  }
}

const linkTo = (base: string, subject: string) => `${base}${placeOfNotice(subject) ?? '/notices'}`

async function sendToRobots({ database, now, settings, due, notices }: Batch): Promise<number> {
  let sent = 0
  for (const [id, mine] of Map.groupBy(due, (one) => one.robot!)) {
    const robot = await queries.robotById(database.db, id)
    const known = mine.filter((one) => notices.has(one.notice))
    const error = robot?.active
      ? await tellRobot(robot, { title: say('zh-CN', 'reach:robot.message', { count: known.length }), notices: known.map((one) => saidOf(notices.get(one.notice)!, settings)), now, hosts: settings.ROBOT_HOSTS })
      : 'switched off'
    if (error) await failedFor({ database, now }, mine, error)
    else sent += await queries.settle(database.db, ids(mine), { state: 'sent', error: null, sendAt: undefined }, now)
  }
  return sent
}

function saidOf(notice: NoticeToSay, { PUBLIC_URL = '' }: Config): Said {
  return { id: notice.id, kind: notice.kind, unit: notice.unitName, text: noticeWords('zh-CN', notice), at: notice.at, link: linkTo(PUBLIC_URL, notice.subject) }
}

/** Mails the code of an address that is being confirmed (a job, so that a slow mail server keeps nobody waiting). */
export async function mailCode({ email, code, locale }: { email: string; code: string; locale: 'zh-CN' | 'en' }, settings: Config): Promise<void> {
  let refused: Error | undefined
  await sendMails(settings, [{ to: email, id: `code.${Date.now()}`, subject: say(locale, 'reach:mail.codeSubject'), text: say(locale, 'reach:mail.codeText', { code }) }], {
    sent: async () => undefined,
    failed: async (_, error) => void (refused = error),
  })
  if (refused) throw refused
}
