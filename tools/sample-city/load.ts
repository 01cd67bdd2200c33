import { fileURLToPath } from 'node:url'
import { createAccounts, hashPassword } from '../../capabilities/access/accounts.server.ts'
import { checkRecord } from '../../capabilities/ledgers/check-record.ts'
import { contributionsOf } from '../../capabilities/ledgers/contributions.ts'
import { rebuildKept } from '../../capabilities/ledgers/recount.sql.ts'
import { formNow, measuresOf } from '../../capabilities/ledgers/ledgers.sql.ts'
import { workCalendarOf } from '../../capabilities/lists/calendar.reads.ts'
import { addDays } from '../../rules/civil-date.ts'
import { lastPeriods, periodEnd, periodOf, periodStart, periodText, previousPeriod } from '../../rules/period.ts'
import { isProblem } from '../../rules/problem.ts'
import { addWorkingDays, type WorkCalendar } from '../../rules/working-days.ts'
import type { Database, Tx } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import { applyPack } from '../pack/apply-pack.ts'
import { asPerson } from './as-person.ts'
import { chanceOf, seedOf } from './chance.ts'
import { loadBurden } from './load-burden.ts'
import { loadPromises } from './load-promises.ts'
import { sampleCity, samplePeople, sampleRoles } from './city.ts'
import { loadDesigns } from './designs.ts'
import { communityMonth, departmentYear, townshipQuarter, villageMonth, villageStandings, villageYear } from './figures.ts'
import * as queries from './load.sql.ts'
import type { PlacedUnit, SampleRecord } from './load.sql.ts'

/** The password of every sample account. Sample accounts are marked as such and belong to no real installation. */
export const samplePassword = 'Sanji-2018-yangli'

export type Loaded = { units: number; accounts: number; records: number; tasks: number }
type Report = (line: string) => void

const packFolder = (name: string) => fileURLToPath(new URL(`../../packs/${name}`, import.meta.url))

/**
 * Loads the sample city as of `today`: both packs, an account for each post, thirteen months of returns, and a lively
 * present. Figures and people come from a fixed seed; the dates follow `today`.
 */
export async function loadSample(database: Database, { today, report }: { today: string; report: Report }): Promise<Loaded> {
  report('1/5 应用内容包 / applying the packs')
  await applyPack(database, packFolder('three-basics-2018'))
  await applyPack(database, packFolder('sample-city'))
  const { units, posts } = sampleCity()
  const people = samplePeople(posts)
  report('2/5 建立示例账号 / making sample accounts')
  const accounts = await database.transaction(async (tx) => {
    const placed = new Map((await queries.placedUnits(tx, units.map((unit) => unit.code))).map((unit) => [unit.code, unit.id]))
    const ids = await createAccounts(
      tx,
      people.map((person) => ({ username: person.username, name: person.name, unit: placed.get(person.unit)!, sample: true })),
      { passwordHash: await hashPassword(samplePassword), mustChangePassword: false },
    )
    await queries.fillPosts(tx, people, '2018-01-01')
    return ids.length
  })
  report('3/5 载入历史填报 / loading past returns')
  const records = await database.transaction((tx) => loadReturns(tx, units.map((unit) => unit.code), today))
  report('4/5 下发清单 / issuing lists')
  const tasks = await loadLists(database, today)
  await loadBurden(database, today)
  await loadPromises(database, today)
  await loadDesigns(database, new Date(`${today}T02:00:00Z`))
  report('5/5 本期填报 / the present period')
  const present = await database.transaction(async (tx) => {
    const count = await loadPresent(tx, units.map((unit) => unit.code), today)
    await record(tx, 'sample.loaded', { by: null, subject: 'pack:sample-city', facts: { units: units.length, accounts, records, tasks } })
    return count
  })
  await loadChange(database, today)
  return { units: units.length, accounts, records: records + present, tasks }
}

/** Two villages of the last county became one this month: the pages of changes have something to show. */
async function loadChange(database: Database, today: string): Promise<void> {
  const at = new Date(`${today}T02:00:00Z`)
  const period = periodOf(today, 'month')
  const [first, second] = await queries.twoVillages(database.db, 'village-month', period)
  if (!first || !second) throw new Error('the sample has no two villages of one township that have both reported')
  const shi = asPerson(database, await queries.personOf(database.db, 'shi'), at)
  const clerk = (await queries.holdersByUnit(database.db, 'clerk')).get(first.id)!
  const code = `${first.code.slice(0, 9)}299`
  const changes = [{ kind: 'merge' as const, on: periodStart(period), units: [first.id, second.id], into: { create: { code, name: '双合村' } } }]
  const { fingerprint } = await shi.changes.preview({ changes })
  await shi.changes.make({ changes, fingerprint, reason: `${first.name}、${second.name}合并（示例）`, document: `示例政发〔${today.slice(0, 4)}〕12号` })
  // The security administrator gives the clerk of the one his post at the new village; the other post is vacant.
  const [merged] = await queries.placedUnits(database.db, [code])
  const post = (await shi.units.one({ id: merged!.id })).posts.find((one) => one.kind === 'clerk')!
  const anquan = asPerson(database, await queries.personOf(database.db, 'anquan'), at)
  await anquan.access.grant({ post: post.id, account: clerk, reason: '合并后任职（示例）' })
  // And another two will be one from New Year on: prepared, it waits for its day.
  const [east, west] = await queries.placedUnits(database.db, ['990125107201', '990125107202'])
  const coming = [{ kind: 'merge' as const, on: `${Number(today.slice(0, 4)) + 1}-01-01`, units: [east!.id, west!.id], into: { create: { code: '990125107298', name: '同心村' } } }]
  const preview = await shi.changes.preview({ changes: coming })
  await shi.changes.prepare({ changes: coming, fingerprint: preview.fingerprint, reason: '合并村（示例）', document: `示例政发〔${today.slice(0, 4)}〕15号` })
}

const monthIndex = (period: number) => Math.floor(period / 100) * 12 + (period % 100)
const noon = (date: string, chance: number) => new Date(`${date}T0${1 + Math.floor(chance * 8)}:${String(Math.floor(chance * 59)).padStart(2, '0')}:00Z`).toISOString()

type Asked = { form: string; periods: number[]; units: readonly PlacedUnit[]; clerk: string; checkedBy: (unit: PlacedUnit) => number; values: (unit: PlacedUnit, at: number, period: number) => Record<string, unknown> }

function askedForms(placed: readonly PlacedUnit[], today: string): Asked[] {
  const of = (...classes: string[]) => placed.filter((unit) => classes.includes(unit.class))
  const cityId = placed.find((unit) => unit.class === 'city')!.id
  const months = lastPeriods(previousPeriod(periodOf(today, 'month')), 13)
  const quarters = lastPeriods(previousPeriod(periodOf(today, 'quarter')), 5)
  const lastYear = periodOf(today, 'year') - 100
  const villages = of('village')
  const codes = villages.map((unit) => unit.code)
  const standings = new Map([lastYear - 100, lastYear].map((year) => [year, villageStandings(codes, year)]))
  const township = (unit: PlacedUnit) => unit.township ?? unit.county
  return [
    { form: 'village-month', periods: months, units: villages, clerk: 'clerk', checkedBy: township, values: (unit, _at, period) => villageMonth(unit.code, unit.residents ?? 800, monthIndex(period)) },
    { form: 'village-year', periods: [lastYear - 100, lastYear], units: villages, clerk: 'clerk', checkedBy: township, values: (unit, _at, period) => villageYear(unit.code, standings.get(period)!.get(unit.code)!, period) },
    { form: 'community-month', periods: months, units: of('community'), clerk: 'clerk', checkedBy: township, values: (unit, _at, period) => communityMonth(unit.code, unit.residents ?? 4_000, monthIndex(period)) },
    { form: 'township-quarter', periods: quarters, units: of('township', 'street'), clerk: 'clerk', checkedBy: (unit) => unit.county, values: (unit, at, period) => townshipQuarter(unit.code, at, period) },
    { form: 'department-year', periods: [lastYear], units: of('department'), clerk: 'clerk', checkedBy: () => cityId, values: (unit, at) => departmentYear(unit.code, at) },
  ]
}

async function loadReturns(tx: Tx, codes: readonly string[], today: string): Promise<number> {
  const placed = await queries.placedUnits(tx, codes)
  const clerks = await queries.holdersByUnit(tx, 'clerk')
  const checkers = await queries.holdersByUnit(tx, 'checker')
  const issuer = await queries.personOf(tx, 'sheng')
  const province = { unit: issuer.grants[0]!.unit, account: issuer.account }
  let total = 0
  for (const { form, periods, units, checkedBy, values } of askedForms(placed, today)) {
    const now = (await formNow(tx, form))!
    const measures = await measuresOf(tx, form)
    const dated = periods.map((period) => ({ period, opens: periodStart(period), due: addDays(periodEnd(period), 10) }))
    await queries.openPeriods(tx, form, dated, units, province)
    const records: SampleRecord[] = []
    for (const [at, unit] of units.entries()) {
      let last: Record<string, unknown> | null = null
      for (const { period, due } of dated) {
        const checked = checkRecord(now.definition, values(unit, at, period), { last, held: heldFor(unit, period) })
        const errors = checked.findings.filter((finding) => finding.level === 'error')
        if (errors.length > 0) throw new Error(`sample figures of ${form} ${unit.code} ${periodText(period)} break a check: ${errors.map((one) => `${one.field} ${one.code}`).join(', ')}`)
        const own = chanceOf(seedOf(unit.code, form, period)).next()
        const late = own > 0.95
        records.push({
          period, county: unit.county, unit: unit.id, state: 'accepted', version: 2, values: checked.values,
          counted: contributionsOf(measures, checked.values, unit.class),
          by: clerks.get(unit.id)!, at: noon(addDays(due, late ? 2 : -4), own), decidedBy: checkers.get(checkedBy(unit)) ?? clerks.get(unit.id)!, decidedAt: noon(addDays(due, late ? 3 : -2), own),
          reasons: null, late, note: null,
        })
        last = checked.values
      }
    }
    await queries.insertRecords(tx, form, now.version, records)
    await rebuildKept(tx, form)
    total += records.length
  }
  return total
}

/** What village-year shows of village-month: the households of that December. */
function heldFor(unit: PlacedUnit, period: number): Record<string, unknown> {
  if (unit.class !== 'village') return {}
  return { households: villageMonth(unit.code, unit.residents ?? 800, (Math.floor(period / 100) + 1) * 12)['households'] }
}

/** The village basics of this year, issued by the province three weeks ago, with tasks in every state. */
async function loadLists(database: Database, today: string): Promise<number> {
  const at = (daysAgo: number) => new Date(`${addDays(today, -daysAgo)}T02:00:00Z`)
  const issuer = await queries.personOf(database.db, 'sheng')
  const province = issuer.grants[0]!.unit
  const sheng = asPerson(database, issuer, at(21))
  const year = Number(today.slice(0, 4))
  const { id } = await sheng.lists.create({ issuer: province, programme: 'three-basics-2018', year, title: `${year} 年村级基础清单（示例）`, template: 'village-basics' })
  const calendar = await workCalendarOf(database.db)
  const [office] = await queries.placedUnits(database.db, ['YL-XTB'])
  const draft = await sheng.lists.list({ id })
  for (const item of draft.entries) {
    const { id: item_, list: _list, ordinal: _ordinal, parentItem: _parent, state: _state, version, leadName: _lead, coUnitNames: _co, audienceText: _text, formName: _form, deadline: _deadline, progress: _progress, missing: _missing, reason: _reason, moves: _moves, ...input } = item
    const period = item.form === 'village-month' ? periodText(periodOf(today, 'month')) : item.form === 'village-year' ? String(year) : null
    const due = item.form === 'village-month' ? addDays(today, 5) : reaches(calendar, addDays(today, -21), item.dueWorkingDays) ? null : addDays(today, item.dueWorkingDays ?? 20)
    await sheng.lists.updateItem({ item: item_, version, to: { ...input, lead: office!.id, period, ...(due ? { due, dueWorkingDays: null } : {}) } })
  }
  const ready = await sheng.lists.list({ id })
  const issued = await sheng.lists.issue({ list: id, version: ready.version })

  // Villages of the first township in every state of a task's life; further ones only signed for.
  const zhen = await queries.personOf(database.db, 'zhen')
  const township = zhen.grants[0]!.unit
  const checker = asPerson(database, zhen, at(2))
  const tasks = (await checker.lists.tasks({ unit: township, limit: 500 })).rows.filter((task) => task.form === null)
  const clerks = new Map<number, string>()
  for (const person of samplePeople(sampleCity().posts).filter((one) => one.kind === 'clerk')) clerks.set((await queries.placedUnits(database.db, [person.unit]))[0]?.id ?? -1, person.username)
  for (const [n, task] of tasks.entries()) {
    const username = clerks.get(task.unit)
    if (!username || n % 6 === 5) continue
    const clerk = asPerson(database, await queries.personOf(database.db, username), at(12))
    let { version } = await clerk.lists.sign({ task: task.id, version: task.version })
    if (n % 6 === 0) continue
    ;({ version } = await clerk.lists.work({ task: task.id, version, progress: 60, note: '已开展，材料在整理' }))
    if (n % 6 === 1) {
      if (n % 12 === 1) await clerk.lists.askDeferral({ task: task.id, version, to: addDays(task.due, 14), reason: '代表大会改期，需要顺延两周' })
      continue
    }
    ;({ version } = await clerk.lists.report({ task: task.id, version, result: '已按要求完成，内容已公示。' }))
    if (n % 6 === 3) await checker.lists.verify({ task: task.id, version })
    if (n % 6 === 4) await checker.lists.sendBack({ task: task.id, version, reason: '公示内容不全，请补上时限和责任岗位' })
    if (n % 6 === 2 && n % 4 === 0) await checker.lists.comment({ task: task.id, text: '请说明公示的地点和日期。', needsReply: true, replyBy: addDays(today, 3) })
  }
  return issued.tasks
}

/** Whether the notices that are in the pack reach far enough to count the limit; otherwise the sample takes a date. */
function reaches(calendar: WorkCalendar, from: string, days: number | null): boolean {
  try {
    return days === null || addWorkingDays(calendar, from, days) !== ''
  } catch (error) {
    if (isProblem(error, 'calendar-missing')) return false
    throw error
  }
}

/** Of the present month: accepted, waiting, sent back, begun and missing, so that every page has something to show. */
async function loadPresent(tx: Tx, codes: readonly string[], today: string): Promise<number> {
  const placed = (await queries.placedUnits(tx, codes)).filter((unit) => unit.class === 'village')
  const clerks = await queries.holdersByUnit(tx, 'clerk')
  const checkers = await queries.holdersByUnit(tx, 'checker')
  const showcase = sampleRoles.find((one) => one.username === 'cun')!.unit
  const form = 'village-month'
  const period = periodOf(today, 'month')
  const now = (await formNow(tx, form))!
  const measures = await measuresOf(tx, form)
  const records: SampleRecord[] = []
  const drafts: { unit: number; period: number; values: Record<string, unknown>; by: string; at: string }[] = []
  for (const unit of placed) {
    const own = chanceOf(seedOf(unit.code, 'present'))
    const share = own.next()
    // The village that visitors try has its return still before it; its neighbours wait for the township.
    if (unit.code === showcase) continue
    const neighbour = unit.code.slice(0, 9) === showcase.slice(0, 9)
    const state = neighbour ? (share < 0.75 ? 'submitted' : 'accepted') : share < 0.58 ? 'accepted' : share < 0.76 ? 'submitted' : share < 0.82 ? 'sentBack' : share < 0.88 ? 'draft' : 'missing'
    const before = villageMonth(unit.code, unit.residents ?? 800, monthIndex(previousPeriod(period)))
    const given = villageMonth(unit.code, unit.residents ?? 800, monthIndex(period))
    // Now and then a figure jumps, for the checker to see.
    if (share > 0.6 && share < 0.68) given['householdsServed'] = String(Math.min(Number(given['households']), Math.round(Number(before['householdsServed']) * 0.4)))
    const { values } = checkRecord(now.definition, given, { last: before, held: {} })
    const at = noon(addDays(today, -1 - Math.floor(share * 5)), own.next())
    if (state === 'missing') continue
    if (state === 'draft') {
      drafts.push({ unit: unit.id, period, values: { households: values['households'] }, by: clerks.get(unit.id)!, at })
      continue
    }
    const decided = state !== 'submitted'
    records.push({
      period, county: unit.county, unit: unit.id, state, version: decided ? 2 : 1, values, counted: state === 'accepted' ? contributionsOf(measures, values, unit.class) : null,
      by: clerks.get(unit.id)!, at, decidedBy: decided ? checkers.get(unit.township ?? unit.county)! : null, decidedAt: decided ? noon(today, own.next()) : null,
      reasons: state === 'sentBack' ? { householdsServed: '与走访记录不一致，请核对服务到的户数' } : null, late: false, note: null,
    })
  }
  await queries.insertRecords(tx, form, now.version, records)
  await queries.insertDrafts(tx, form, now.version, drafts)
  await rebuildKept(tx, form)
  return records.length
}
