import { createRouterClient } from '@orpc/server'
import { beforeAll, describe, expect, test } from 'vitest'
import { answer } from '../../server/answer.ts'
import { one, sql } from '../../server/db.ts'
import { villageItems, villageMonth } from '../../tests/forms.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { unitOf } from '../units/units.reads.ts'
import { registerForm } from './forms.server.ts'
import { ledgersContract } from './ledgers.contract.ts'
import { saveSubmission } from './ledgers.sql.ts'
import { countedRecords, keepMeasures, keptBelow, keptOf, waitingChecks, waitingReturns } from './ledgers.reads.ts'
import { ledgersAnswers } from './ledgers.server.ts'
import { compareKept } from './recount.sql.ts'
import { verifyRollup } from './rollup.server.ts'

const own = ownDatabase()
const router = { ledgers: answer(ledgersContract, ledgersAnswers) }
const form = 'village-month'
let world: SmallWorld
let ask: ReturnType<typeof asking>

beforeAll(async () => {
  ask = asking(router, own.database)
  world = await smallWorld(own.db)
  await registerForm(own.db, villageMonth, villageItems, { state: 'registered', by: 'test', pack: null })
  await keepMeasures(own.db, form, ['sum(covered) / sum(households)', 'count(income > 0元)', 'max(income)'])
  for (const period of ['2018-05', '2018-06']) {
    await ask(holder(world.province), 'ledgers.openPeriod', { form, period, audience: { classes: ['village'], within: [world.province] }, due: '2018-07-10' })
  }
})

const key = (unit: number, period = '2018-06') => ({ unit, form, period })
const submit = (unit: number, values: Record<string, unknown>, { version = 0, period = '2018-06', note }: { version?: number; period?: string; note?: string } = {}) =>
  ask(holder(unit), 'ledgers.submit', { ...key(unit, period), formVersion: 1, values, version, note })
const accept = (unit: number, version: number, by: number, period = '2018-06') => ask(holder(by), 'ledgers.accept', { ...key(unit, period), version })
async function kept(unit: number, period = 201806) {
  const [row] = await keptOf(own.db, form, [period], [await unitOf(own.db, unit)])
  return row && { expected: row.expected, reported: row.reported, sums: row.sums.map(Number) }
}

describe('a return goes up', () => {
  test('every addressed unit is expected, at every level above', async () => {
    expect(await kept(world.eastTown1)).toEqual({ expected: 3, reported: 0, sums: [] })
    expect((await kept(world.east))!.expected).toBe(6)
    expect((await kept(world.city))!.expected).toBe(12)
    expect((await kept(world.province))!.expected).toBe(12)
  })

  test('a draft survives, and a stale draft is refused with what the other wrote', async () => {
    const unit = world.eastTown1Village1
    const saved = await ask(holder(unit), 'ledgers.saveDraft', { ...key(unit), formVersion: 1, values: { households: '10' }, version: 0 })
    expect(saved.version).toBe(1)
    await ask(holder(unit), 'ledgers.saveDraft', { ...key(unit), formVersion: 1, values: { households: '11' }, version: 1 })
    await expect(ask(holder(unit), 'ledgers.saveDraft', { ...key(unit), formVersion: 1, values: { households: '12' }, version: 1 })).rejects.toMatchObject({
      code: 'stale-version',
      facts: { theirs: 2, values: { households: '11' } },
    })
    const page = await ask(holder(unit), 'ledgers.open', key(unit))
    expect(page.values).toEqual({ households: '11' })
    expect(page.draft.version).toBe(2)
  })

  test('a wrong return is refused with the field and the reason, and nothing is saved', async () => {
    const unit = world.eastTown1Village1
    await expect(submit(unit, { households: '100', covered: '101' })).rejects.toMatchObject({ code: 'checks-failed', field: 'values.covered' })
    await expect(submit(unit, { covered: '1,5' })).rejects.toMatchObject({
      code: 'checks-failed',
      findings: expect.arrayContaining([expect.objectContaining({ code: 'required', path: 'values.households' }), expect.objectContaining({ code: 'not-a-number', path: 'values.covered' })]),
    })
    expect((await ask(holder(unit), 'ledgers.open', key(unit))).state).toBe('none')
  })

  test('submitted is not counted yet; accepted by the level above moves every figure at once', async () => {
    const unit = world.eastTown1Village1
    const { version, warnings } = await submit(unit, { households: '100', covered: '80', income: '5000000' })
    expect(warnings).toEqual([])
    expect((await kept(world.province))!.reported).toBe(0)
    await accept(unit, version, world.eastTown1)
    // slots: sum(covered), sum(households), count(income > 0), max(income)
    for (const above of ['eastTown1', 'east', 'city', 'province'] as const) {
      const figure = await kept(world[above])
      expect([above, figure!.reported, figure!.sums.slice(0, 3)]).toEqual([above, 1, [80, 100, 1]])
    }
    expect(await kept(unit)).toMatchObject({ expected: 1, reported: 1 })
    expect((await ask(holder(unit), 'ledgers.open', key(unit))).values.open).toBe('20')
  })

  test('nobody accepts his own return, and the village itself cannot', async () => {
    const unit = world.eastTown1Village2
    const me = holder(world.eastTown1)
    await ask(me, 'ledgers.submit', { ...key(unit), formVersion: 1, values: { households: '50', covered: '20' }, version: 0 })
    await expect(ask(me, 'ledgers.accept', { ...key(unit), version: 1 })).rejects.toMatchObject({ code: 'same-person' })
    await expect(accept(unit, 1, unit)).rejects.toMatchObject({ code: 'not-allowed' })
    await accept(unit, 1, world.east)
    expect((await kept(world.eastTown1))!.sums.slice(0, 2)).toEqual([100, 150])
  })

  test('a correction counts only when it is accepted, and moves the figures by the difference', async () => {
    const unit = world.eastTown1Village1
    await expect(submit(unit, { households: '100', covered: '90', income: '5000000' }, { version: 2 })).rejects.toMatchObject({ code: 'reason-needed' })
    const { version, submission } = await submit(unit, { households: '100', covered: '90' }, { version: 2, note: '漏报 10 户' })
    expect([version, submission]).toEqual([3, 2])
    expect((await kept(world.city))!.sums.slice(0, 3)).toEqual([100, 150, 1])
    await accept(unit, 3, world.eastTown1)
    expect((await kept(world.city))!.sums.slice(0, 3)).toEqual([110, 150, 0])
    expect((await kept(world.city))!.reported).toBe(2)
    const page = await ask(holder(unit), 'ledgers.open', key(unit))
    expect(page.history.map((one: { submission: number; state: string }) => [one.submission, one.state])).toEqual([[2, 'accepted'], [1, 'accepted']])
  })

  test('a return that is sent back carries a reason per field and leaves the figures', async () => {
    const unit = world.eastTown1Village1
    await ask(holder(world.eastTown1), 'ledgers.sendBack', { ...key(unit), version: 4, reasons: { covered: '与走访记录不符' } })
    expect((await kept(world.city))!).toMatchObject({ reported: 1 })
    expect((await kept(world.city))!.sums.slice(0, 2)).toEqual([20, 50])
    const page = await ask(holder(unit), 'ledgers.open', key(unit))
    expect([page.state, page.reasons]).toEqual(['sentBack', { covered: '与走访记录不符' }])
    await submit(unit, { households: '100', covered: '85' }, { version: 5 })
    await accept(unit, 6, world.eastTown1)
    expect((await kept(world.city))!.sums.slice(0, 2)).toEqual([105, 150])
  })

  test('a stale page is told both versions', async () => {
    const unit = world.eastTown1Village1
    await expect(accept(unit, 3, world.eastTown1)).rejects.toMatchObject({ code: 'stale-version', facts: { mine: 3, theirs: 7 } })
  })

  test('the same acceptance sent twice is answered once', async () => {
    const unit = world.eastTown1Village3
    await submit(unit, { households: '40', covered: '40' })
    const asked = { ...key(unit), version: 1 }
    const first = await ask(holder(world.eastTown1), 'ledgers.accept', asked, 'key-1')
    expect(await ask(holder(world.eastTown1), 'ledgers.accept', asked, 'key-1')).toEqual(first)
    expect((await kept(world.eastTown1))!.reported).toBe(3)
  })

  test('many are accepted at once; what cannot be is named with its reason', async () => {
    for (const unit of [world.westTown1Village1, world.westTown1Village2, world.westTown2Village1]) await submit(unit, { households: '10', covered: '5' })
    const outcome = await ask(holder(world.west), 'ledgers.acceptMany', {
      form,
      period: '2018-06',
      rows: [
        { unit: world.westTown1Village1, version: 1 },
        { unit: world.westTown1Village2, version: 9 },
        { unit: world.westTown2Village1, version: 1 },
        { unit: world.westTown2Village2, version: 1 },
        { unit: world.eastTown2Village1, version: 1 },
      ],
    })
    expect(outcome.done).toBe(2)
    expect(outcome.rows.map((row: { code: string | null }) => row.code)).toEqual([null, 'stale-version', null, 'not-found', 'not-allowed'])
    expect((await kept(world.west))!.sums.slice(0, 2)).toEqual([10, 20])
  })

  test('figures below a unit come at every rank', async () => {
    const province = await unitOf(own.db, world.province)
    const perCounty = await keptBelow(own.db, form, [201806], province, 3)
    expect(perCounty.map((row) => [row.unit, row.reported]).sort()).toEqual([[world.east, 3], [world.west, 2]].sort())
    expect((await keptBelow(own.db, form, [201806], province, 5)).length).toBe(12)
  })
})

describe('what the levels see', () => {
  test('the queue shows what changed since last time and what looks odd', async () => {
    const unit = world.eastTown2Village1
    await submit(unit, { households: '100', covered: '50' }, { period: '2018-05' })
    await accept(unit, 1, world.eastTown2, '2018-05')
    await submit(unit, { households: '300', covered: '50' })
    const { rows, total } = await ask(holder(world.eastTown2), 'ledgers.queue', {})
    expect(total).toBe(1)
    expect(rows[0].changes.map((change: { field: string; percent: string }) => [change.field, change.percent])).toEqual([['households', '200.0'], ['open', '400.0']].map(([f, p]) => [f, Number(p).toString()]))
    expect(rows[0].odd.map((finding: { field: string; code: string }) => [finding.field, finding.code])).toContainEqual(['households', 'jump'])
    expect((await ask(holder(world.eastTown2), 'ledgers.queue', { only: 'plain' })).total).toBe(0)
  })

  test('a new return starts with what was reported last time', async () => {
    const unit = world.eastTown1Village2
    await ask(holder(world.province), 'ledgers.openPeriod', { form, period: '2018-07', audience: { classes: ['village'], within: [world.province] }, due: '2018-08-10' })
    const page = await ask(holder(unit), 'ledgers.open', key(unit, '2018-07'))
    expect(page.values).toEqual({ households: '50', covered: '20' })
    expect(page.origins.households).toMatchObject({ from: 'last', period: '2018-06' })
  })

  test('coverage names who is missing, and a level takes its figure with the gaps named', async () => {
    const coverage = await ask(holder(world.city), 'ledgers.coverage', key(world.city))
    expect(coverage.total).toMatchObject({ expected: 12, accepted: 5, submitted: 2, missing: 5 })
    expect(coverage.rows.map((row: { unit: number; accepted: number }) => [row.unit, row.accepted])).toEqual([[world.east, 3], [world.west, 2]])
    const missing = await ask(holder(world.east), 'ledgers.missing', key(world.east))
    expect(missing.rows.map((row: { unit: number }) => row.unit)).toEqual([world.eastTown2Village2, world.eastTown2Village3])
    const taken = await ask(holder(world.east), 'ledgers.take', { ...key(world.east), note: '两村停电' })
    expect([taken.reported, taken.expected, taken.missing.length]).toEqual([3, 6, 3])
  })

  test('those who have not reported are reminded once a day, all or some, and read it among their notices', async () => {
    const remind = (who: number, input: object) => ask(holder(who), 'ledgers.remind', { unit: who, form, period: '2018-06', ...input })
    const { total: missing, rows } = await ask(holder(world.east), 'ledgers.missing', { unit: world.east, form, period: '2018-06' })
    expect(missing).toBeGreaterThan(1)
    expect(await remind(world.east, { units: [rows[0].unit], text: '请今天报送' })).toEqual({ missing: 1, reminded: 1, alreadyToday: 0 })
    expect(await remind(world.east, {})).toEqual({ missing, reminded: missing - 1, alreadyToday: 1 })
    expect(await remind(world.east, {})).toEqual({ missing, reminded: 0, alreadyToday: missing })
    const notice = await one<object>(own.db, sql`select kind, subject, facts from notice where unit_id = ${rows[0].unit} and kind = 'reminder'`)
    expect(notice).toMatchObject({ subject: `record:${rows[0].unit}:${form}:2018-06`, facts: { text: '请今天报送', title: '村月报 · 2018年6月' } })
  })

  test('what waits: returns for the village, decisions for the level above', async () => {
    const mine = await waitingReturns(own.db, [world.eastTown2Village2])
    expect(mine.map((row) => [row.period, row.state])).toEqual([['2018-05', 'none'], ['2018-06', 'none'], ['2018-07', 'none']])
    expect((await waitingChecks(own.db, [world.eastTown2])).map((row) => [row.unit, row.count])).toEqual([[world.eastTown2, 1]])
  })

  test('the records behind a figure are listed with what each adds', async () => {
    const { rows, total } = await countedRecords(own.db, form, [201806], await unitOf(own.db, world.eastTown1), { limit: 10, offset: 0 }, 'zh-CN')
    expect(total).toBe(3)
    expect(rows.map((row) => [row.unit, row.counted.slice(0, 2).map(Number)])).toEqual([
      [world.eastTown1Village1, [85, 100]],
      [world.eastTown1Village2, [20, 50]],
      [world.eastTown1Village3, [40, 40]],
    ])
  })
})

describe('forms are registered', () => {
  test('a second asker of an item is refused with the name of the first', async () => {
    await expect(
      registerForm(own.db, { ...villageMonth, code: 'other-month', name: { zh: '另一张表', en: 'Another form' } }, [], { state: 'registered', by: 'test', pack: null }),
    ).rejects.toMatchObject({ code: 'item-already-asked', facts: { form, name: '村月报' } })
  })

  test('a red-line field is refused', async () => {
    const items = [{ ...villageItems[0]!, code: 'faith', name: { zh: '宗教信仰人数', en: 'Believers' } }]
    const asks = { ...villageMonth, code: 'bad-form', checks: [], sections: [{ name: { zh: '一', en: 'One' }, fields: [{ code: 'faith', asks: 'faith', required: true }] }] }
    await expect(registerForm(own.db, asks, items, { state: 'registered', by: 'test', pack: null })).rejects.toMatchObject({
      code: 'form-invalid',
      findings: expect.arrayContaining([expect.objectContaining({ code: 'red-line' })]),
    })
  })

  test('asked again unchanged it stays the same version; asked differently it gets the next', async () => {
    expect((await registerForm(own.db, villageMonth, [], { state: 'registered', by: 'test', pack: null })).outcome).toBe('same')
    const { form: next, outcome } = await registerForm(own.db, { ...villageMonth, minutes: 4 }, [], { state: 'registered', by: 'test', pack: null })
    expect([next.version, outcome]).toEqual([2, 'changed'])
  })
})

describe('kept figures can be trusted', () => {
  test('they equal a full recompute; a broken one is found and repaired', async () => {
    expect(await compareKept(own.db, form)).toMatchObject({ wrong: 0 })
    await sql`update kept_figure set sums[1] = sums[1] + 7 where form = ${form} and unit_id = ${world.east} and period = 201806`.execute(own.db)
    await sql`update record set counted[2] = counted[2] + 1 where form = ${form} and unit_id = ${world.eastTown1Village3} and period = 201806`.execute(own.db)
    expect(await verifyRollup(own.database)).toMatchObject([{ form, wrongRecords: 1, wrongKept: 2, repaired: false }])
    expect(await verifyRollup(own.database, { repair: true })).toMatchObject([{ form, repaired: true }])
    expect(await verifyRollup(own.database)).toMatchObject([{ form, wrongRecords: 0, wrongKept: 0 }])
    expect(await compareKept(own.db, form)).toMatchObject({ wrong: 0 })
  })

  test('an aggregate asked for later is counted over all records', async () => {
    await keepMeasures(own.db, form, ['count(covered = households)'])
    const figure = await kept(world.province)
    expect(figure!.sums[4]).toBe(1)
    expect(await compareKept(own.db, form)).toMatchObject({ wrong: 0 })
  })

  test('an aggregate asked for between submission and acceptance is counted too', async () => {
    const unit = world.westTown2Village3
    await ask(holder(unit), 'ledgers.submit', { ...key(unit), formVersion: 2, values: { households: '30', covered: '30', income: '700' }, version: 0 })
    await keepMeasures(own.db, form, ['sum(income)'])
    const before = (await kept(world.west))!.sums[5]!
    await accept(unit, 1, world.west)
    expect((await kept(world.west))!.sums[5]! - before).toBe(700)
    expect(await verifyRollup(own.database)).toMatchObject([{ wrongRecords: 0, wrongKept: 0 }])
  })

  test('the same acceptance sent twice at once, with one key, counts once and is answered alike', async () => {
    await ask(holder(world.province), 'ledgers.openPeriod', { form, period: '2018-03', audience: { classes: ['village'], within: [world.province] }, due: '2018-07-10' })
    const unit = world.eastTown2Village1
    const { version } = await ask(holder(unit), 'ledgers.submit', { ...key(unit, '2018-03'), formVersion: 2, values: { households: '40', covered: '20', income: '900' }, version: 0 })
    const before = await kept(world.east, 201803)
    const context = { database: own.database, actor: async () => holder(world.east), clock: () => new Date(), idempotencyKey: 'twin' }
    const people = [1, 2, 3, 4].map(() => createRouterClient(router, { context }) as any)
    const answers = await Promise.all(people.map((person) => person.ledgers.accept({ ...key(unit, '2018-03'), version })))
    expect(answers).toEqual(answers.map(() => ({ unit, state: 'accepted', version: version + 1 })))
    expect((await kept(world.east, 201803))!.reported - before!.reported).toBe(1)
    const { n } = await one<{ n: number }>(own.db, sql`select count(*)::int as n from event where kind = 'record.accepted' and subject = ${`record:${unit}:${form}:2018-03`}`)
    expect(n).toBe(1)
    expect(await verifyRollup(own.database)).toMatchObject([{ wrongRecords: 0, wrongKept: 0 }])
  })

  test('of many who submit the same correction at once one is quicker, and the others are told so', async () => {
    const unit = world.eastTown2Village2
    const values = { households: '10', covered: '5', income: '100' }
    await ask(holder(unit), 'ledgers.submit', { ...key(unit, '2018-03'), formVersion: 2, values, version: 0 })
    await accept(unit, 1, world.east, '2018-03')
    const clerks = Array.from({ length: 8 }, (_, n) =>
      ask(holder(unit), 'ledgers.submit', { ...key(unit, '2018-03'), formVersion: 2, values: { ...values, households: `${20 + n}` }, version: 2, note: '更正' }).then(() => 'submitted', (error: { code: string }) => error.code),
    )
    expect((await Promise.all(clerks)).sort()).toEqual([...Array.from({ length: 7 }, () => 'stale-version'), 'submitted'])
    const { n } = await one<{ n: number }>(own.db, sql`select count(*)::int as n from record_former where unit_id = ${unit} and form = ${form} and period = 201803`)
    expect(n).toBe(1)

    // Both have found the same version; the second saves while the first has not yet ended.
    const place = { unit, county: world.east, form, period: 201803 }
    const again = { formVersion: 2, values, offered: ['1'], late: false, by: 'somebody', at: new Date(), note: null, version: 3 }
    let second: Promise<unknown> = Promise.resolve()
    await own.database.transaction(async (tx) => {
      expect(await saveSubmission(tx, place, again)).toMatchObject({ version: 4 })
      second = own.database.transaction((other) => saveSubmission(other, place, again))
      await expect.poll(async () => (await one<{ n: number }>(own.db, sql`select count(*)::int as n from pg_locks where not granted`)).n).toBeGreaterThan(0)
    })
    expect(await second).toBeUndefined()
  })

  test('counting a form anew waits for acceptances under way, and they for it', async () => {
    const units = [world.westTown1Village1, world.westTown1Village2, world.westTown1Village3]
    for (const unit of units) await ask(holder(unit), 'ledgers.submit', { ...key(unit, '2018-03'), formVersion: 2, values: { households: '10', covered: '5', income: '100' }, version: 0 })
    await Promise.all([...units.map((unit) => accept(unit, 1, world.west, '2018-03')), verifyRollup(own.database, { repair: true })])
    expect(await verifyRollup(own.database)).toMatchObject([{ wrongRecords: 0, wrongKept: 0 }])
  })

  test('forty acceptances at once end in the right sums', async () => {
    const units = [world.eastTown1Village1, world.eastTown1Village2, world.eastTown2Village1, world.westTown1Village1, world.westTown2Village1]
    for (const unit of units) await ask(holder(unit), 'ledgers.submit', { ...key(unit, '2018-07'), formVersion: 2, values: { households: '10', covered: '3' }, version: 0 })
    const decisions = units.flatMap((unit) => Array.from({ length: 8 }, () => accept(unit, 1, world.province, '2018-07').then(() => 1, () => 0)))
    expect((await Promise.all(decisions)).reduce<number>((sum, one) => sum + one, 0)).toBe(5)
    expect((await kept(world.province, 201807))!.sums.slice(0, 2)).toEqual([15, 50])
    expect(await compareKept(own.db, form)).toMatchObject({ wrong: 0 })
    const { n } = await one<{ n: number }>(own.db, sql`select count(*)::int as n from event where kind = 'record.accepted' and subject like '%2018-07'`)
    expect(n).toBe(5)
  })
})

describe('what cannot be submitted', () => {
  const good = { households: '10', covered: '3' }

  test('for a period that is not open, not even as a draft', async () => {
    const unit = world.westTown2Village3
    await expect(submit(unit, good, { period: '2018-09' })).rejects.toMatchObject({ code: 'period-not-open', facts: { period: '2018-09' } })
    await expect(ask(holder(unit), 'ledgers.saveDraft', { ...key(unit, '2018-09'), formVersion: 1, values: good, version: 0 })).rejects.toMatchObject({ code: 'period-not-open' })
  })

  test('for somebody else’s village, and for one that nobody knows', async () => {
    const asNeighbour = { ...key(world.westTown2Village3, '2018-05'), formVersion: 1, values: good, version: 0 }
    await expect(ask(holder(world.westTown2Village2), 'ledgers.submit', asNeighbour)).rejects.toMatchObject({ code: 'not-allowed', facts: { verb: 'record.fill', unit: world.westTown2Village3 } })
    await expect(ask(holder(world.province), 'ledgers.submit', { ...asNeighbour, unit: 987_654 })).rejects.toMatchObject({ code: 'unit-unknown', facts: { unit: 987_654 } })
  })

  test('twice: the same sending counts once', async () => {
    const unit = world.westTown2Village3
    const { definition, version } = await ask(holder(unit), 'ledgers.open', key(unit, '2018-05'))
    const sending = { ...key(unit, '2018-05'), formVersion: definition.version, values: good, version }
    const first = await ask(holder(unit), 'ledgers.submit', sending, 'sent-on-a-weak-line')
    expect(await ask(holder(unit), 'ledgers.submit', sending, 'sent-on-a-weak-line')).toEqual(first)
    const { events } = await one<{ events: number }>(own.db, sql`select count(*)::int as events from event where kind in ('record.submitted', 'record.corrected') and subject = ${`record:${unit}:${form}:2018-05`}`)
    expect(events).toBe(first.submission)
  })

  test('by a unit that has been closed; it is told since when', async () => {
    const unit = world.westTown2Village2
    await sql`update unit set state = 'abolished', valid_to = '2018-06-30' where id = ${unit}`.execute(own.db)
    await expect(submit(unit, good, { period: '2018-05' })).rejects.toMatchObject({ code: 'unit-closed', facts: { unit, since: '2018-06-30' } })
  })
})
