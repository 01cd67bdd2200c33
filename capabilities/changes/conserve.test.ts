import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { answer } from '../../server/answer.ts'
import { many, one, run, sql } from '../../server/db.ts'
import { isProblem } from '../../rules/problem.ts'
import { villageItems, villageMonth } from '../../tests/forms.ts'
import { giveProgramme, sampleItem } from '../../tests/lists.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { registerForm } from '../ledgers/forms.server.ts'
import { ledgersContract } from '../ledgers/ledgers.contract.ts'
import { keepMeasures } from '../ledgers/ledgers.reads.ts'
import { ledgersAnswers } from '../ledgers/ledgers.server.ts'
import { compareKept } from '../ledgers/recount.sql.ts'
import { listsContract } from '../lists/lists.contract.ts'
import { listsAnswers } from '../lists/lists.server.ts'
import { changesContract, type ChangeInput } from './changes.contract.ts'
import { changesAnswers } from './changes.server.ts'

// Any sequence of changes conserves items, records and sums (C1, “Properties worth testing”).
const own = ownDatabase()
const form = 'village-month'
let world: SmallWorld
let ask: ReturnType<typeof asking>
const me = () => holder(0, undefined, '测试')

beforeAll(async () => {
  ask = asking({ ledgers: answer(ledgersContract, ledgersAnswers), lists: answer(listsContract, listsAnswers), changes: answer(changesContract, changesAnswers) }, own.database)
  world = await smallWorld(own.db)
  await giveProgramme(own.db)
  await registerForm(own.db, villageMonth, villageItems, { state: 'registered', by: 'test', pack: null })
  await keepMeasures(own.db, form, ['sum(covered) / sum(households)'])
  await run(own.db, sql`insert into post_kind (code, name_zh, name_en, verbs) values ('clerk', '台账员', 'Clerk', '{record.fill}')`)
  const province = holder(world.province)
  for (const period of ['2018-05', '2018-06', '2018-07']) await ask(province, 'ledgers.openPeriod', { form, period, audience: { classes: ['village'], within: [world.province] }, due: '2018-08-10' })
  const villages = await many<{ id: number; l4: number }>(own.db, sql`select id, l4 from unit where class = 'village' order by id`)
  for (const [at, { id, l4 }] of villages.entries()) {
    // Some have reported, some wait, some have begun a draft, some have nothing.
    if (at % 4 === 3) await ask(holder(id), 'ledgers.saveDraft', { unit: id, form, period: '2018-06', formVersion: 1, values: { covered: '1' }, version: 0 })
    if (at % 4 === 3) continue
    await ask(holder(id), 'ledgers.submit', { unit: id, form, period: '2018-05', formVersion: 1, values: { households: String(20 + at), covered: String(at) }, version: 0 })
    if (at % 4 === 2) continue
    await ask(holder(l4, undefined, '审核'), 'ledgers.accept', { unit: id, form, period: '2018-05', version: 1 })
  }
  const list = (await ask(province, 'lists.create', { issuer: world.province, programme: 'sample', year: 2018, title: '测试' })).id
  for (const item of [{ title: '甲' }, { title: '乙' }, { title: '填报', form, period: '2018-06', due: '2018-08-10' }]) await ask(province, 'lists.addItem', { list, item: sampleItem({ lead: world.province, within: world.province, ...item }) })
  await ask(province, 'lists.issue', { list, version: (await ask(province, 'lists.list', { id: list })).version })
})

type Step = { kind: 'merge' | 'absorb' | 'split' | 'carve' | 'rename' | 'abolish' | 'transfer' | 'mergeTowns' | 'undo'; a: number; b: number; c: number }
const step = fc.record({
  kind: fc.constantFrom<Step['kind']>('merge', 'absorb', 'split', 'carve', 'rename', 'abolish', 'transfer', 'mergeTowns', 'undo'),
  a: fc.nat(50), b: fc.nat(50), c: fc.nat(50),
})

let made = 0
/** The step as a change of the world as it is now; undefined when there is nothing to do it to. */
async function changeFor({ kind, a, b, c }: Step): Promise<ChangeInput | undefined> {
  const of = async (cls: string) => (await many<{ id: number }>(own.db, sql`select id from unit where class = ${cls} and state = 'active' order by code`)).map((row) => row.id)
  const [villages, towns, counties] = [await of('village'), await of('township'), await of('county')]
  const pick = (list: readonly number[], at: number) => list[at % list.length]!
  const [first, second, town] = [pick(villages, a), pick(villages, b), pick(towns, c)]
  const on = '2018-07-01'
  const create = (name: string) => ({ create: { code: `N-${++made}`, name: `${name}${made}` } })
  if (kind === 'rename') return { kind, on, unit: pick([...villages, ...towns], a), name: `改名${++made}` }
  if (kind === 'merge') return first === second ? undefined : { kind, on, units: [first, second], into: create('合') }
  if (kind === 'absorb') return first === second ? undefined : { kind: 'merge', on, units: [first], into: { unit: second } }
  if (kind === 'split') return { kind, on, unit: first, main: c % 2, into: b % 2 ? [create('分'), create('分')] : [{ ...create('分'), share: '0.3' }, { ...create('分'), share: '0.7' }] }
  if (kind === 'carve') return { kind: 'split', on, unit: first, main: 0, into: [{ unit: first }, create('析')] }
  if (kind === 'abolish') return villages.length < 4 ? undefined : { kind, on, unit: first, heir: second === first ? town : b % 2 ? town : second }
  if (kind === 'mergeTowns') return towns.length < 2 || pick(towns, a) === pick(towns, a + 1) ? undefined : { kind: 'merge', on, units: [pick(towns, a), pick(towns, a + 1)], into: c % 2 ? { unit: pick(towns, a) } : create('镇') }
  return c % 2 ? { kind: 'transfer', on, units: [pick(towns, a)], areaParent: pick(counties, b), lineParent: null, management: 'area' } : { kind: 'transfer', on, units: [first], areaParent: town, lineParent: null, management: 'area' }
}

/** What no change may change. */
const totals = () =>
  one(
    own.db,
    sql`select (select count(*)::int from task) as tasks, (select count(*)::int from task_state where live_state not in ('closed', 'cancelled')) as open,
          (select count(*)::int from record) as records, (select count(*)::int from record_draft) as drafts,
          (select sum_sums(counted)::text from record where counted is not null) as sums,
          (select sum_sums(k.sums)::text from kept_figure k where k.unit_id = k.county_id) as kept,
          (select sum(k.reported)::int from kept_figure k where k.unit_id = k.county_id) as reported,
          (select md5(string_agg(unit_id || form || period || vals::text || state, '|' order by unit_id, form, period)) from record) as given`,
  )
const leaves = async () => (await one<{ n: number }>(own.db, sql`select count(*)::int as n from unit where level = 5 and state = 'active'`)).n

async function mustHold(): Promise<void> {
  const none = async (what: string, query: Parameters<typeof many>[1]) => expect([what, await many(own.db, query)]).toEqual([what, []])
  await none('a unit has a circle above it', sql`with recursive up(id, at, way) as (
      select id, id, array[id] from unit union all
      select up.id, p, up.way || p from up join unit u on u.id = up.at, unnest(array[u.area_parent, u.line_parent]) p where p is not null and cardinality(up.way) < 12)
    select id from up where at = id and cardinality(way) > 1`)
  await none('an active unit hangs below an ended one', sql`select u.id from unit u join unit p on p.id = u.area_parent where u.state = 'active' and p.state <> 'active'`)
  await none('an active unit below the top has no place in the area tree', sql`select id from unit where state = 'active' and level > 1 and area_parent is null`)
  await none('an open task has no living owner', sql`select s.id from task_state s join unit u on u.id = s.unit_id where s.live_state not in ('closed', 'cancelled') and u.state <> 'active'`)
  await none('a path differs from the parents', sql`with recursive up as (
      select u.id, u.id as at, u.level from unit u union all
      select up.id, p.id, p.level from up join unit u on u.id = up.at join unit p on p.id = case when u.management = 'line' then u.line_parent else u.area_parent end
    ), right_path as (select id, max(at) filter (where level = 1) as l1, max(at) filter (where level = 2) as l2, max(at) filter (where level = 3) as l3, max(at) filter (where level = 4) as l4, max(at) filter (where level = 5) as l5 from up group by id)
    select u.id from unit u join right_path r on r.id = u.id where (u.l1, u.l2, u.l3, u.l4, u.l5) is distinct from (r.l1, r.l2, r.l3, r.l4, r.l5)`)
  await none('a tally differs from a recount', sql`select coalesce(t.unit_id, c.unit_id) from unit_tally t full join (
      select a as unit_id, u.class, count(*)::int as units from unit u, unnest(array[u.l1, u.l2, u.l3, u.l4, u.l5]) a where u.state = 'active' and a is not null group by 1, 2) c
    on c.unit_id = t.unit_id and c.class = t.class where coalesce(t.units, 0) <> coalesce(c.units, 0)`)
  await none('a row stands in another county than its unit', sql`select unit_id from (
      select unit_id, county_id from record union all select unit_id, county_id from record_former union all select unit_id, county_id from record_typing union all select unit_id, county_id from expected_return union all select unit_id, county_id from task) x
    join unit u on u.id = x.unit_id where x.county_id <> coalesce(u.l3, u.l2, u.l1, u.id)`)
  await none('an ended unit has nobody who came after it', sql`select id from unit where state <> 'active' and not exists (select from unit_successor where unit_id = id)`)
  await none('an open return of an ended unit has nobody to finish it', sql`with recursive after(unit, at) as (
      select u.id, u.id from unit u where u.state <> 'active' union select a.unit, s.successor_id from after a join unit_successor s on s.unit_id = a.at)
    select e.unit_id from expected_return e join unit u on u.id = e.unit_id where u.state <> 'active'
      and not exists (select from after a join unit l on l.id = a.at and l.state = 'active' where a.unit = e.unit_id)`)
  expect(await compareKept(own.db, form)).toMatchObject({ wrong: 0 })
}

test('any sequence of changes conserves items, records and sums; no circles; one parent; every open item has a living owner', async () => {
  const done: Record<string, number> = {}
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      for (const one of steps) {
        const [before, leavesBefore] = [await totals(), await leaves()]
        const who = { ...me(), grants: holder(world.province).grants }
        if (one.kind === 'undo') {
          const { rows } = await ask(who, 'changes.list', {})
          const last = rows.find((row: { state: string }) => row.state === 'done')
          if (!last) continue
          const undone = await ask(who, 'changes.undo', { id: last.id, reason: '误操作' }).then(() => true, (error: unknown) => {
            if (isProblem(error, 'change-undo-later') || isProblem(error, 'change-undo-hangs')) return false
            throw error
          })
          if (!undone) continue
        } else {
          const change = await changeFor(one)
          if (!change) continue
          const { fingerprint } = await ask(who, 'changes.preview', { changes: [change] })
          const { reports } = await ask(who, 'changes.make', { changes: [change], fingerprint, reason: '随机', document: '测1号' })
          const units = reports[0].units as { becomes: string; code: string }[]
          const count = (becomes: string) => units.filter((unit) => unit.becomes === becomes).length
          const towns = one.kind === 'mergeTowns'
          if (!towns) expect(await leaves()).toBe(leavesBefore - count('ended') + count('created'))
        }
        done[one.kind] = (done[one.kind] ?? 0) + 1
        expect(await totals()).toEqual(before)
        await mustHold()
      }
    }),
    { numRuns: 16, seed: 20180702 },
  )
  // The sequences have tried every kind.
  expect(Object.keys(done).sort()).toEqual(['abolish', 'absorb', 'carve', 'merge', 'mergeTowns', 'rename', 'split', 'transfer', 'undo'])
}, 240_000)
