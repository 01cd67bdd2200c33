import ExcelJS from 'exceljs'
import { PassThrough, Writable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, test } from 'vitest'
import { answer } from '../../server/answer.ts'
import { many, run, sql } from '../../server/db.ts'
import { villageItems, villageMonth } from '../../tests/forms.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { registerForm } from '../ledgers/forms.server.ts'
import { ledgersContract } from '../ledgers/ledgers.contract.ts'
import { ledgersAnswers } from '../ledgers/ledgers.server.ts'
import { unitOf } from '../units/units.reads.ts'
import { IndicatorDefinition } from './indicator-definition.ts'
import { indicatorsContract, type Overview, type Ranked } from './indicators.contract.ts'
import { indicatorsPart, targetsPart } from './indicators.pack.ts'
import { indicatorsAnswers } from './indicators.server.ts'
import { sourceOf } from './reading.server.ts'
import { workbookRows, writeWorkbook } from './workbook.server.ts'

const own = ownDatabase()
const router = {
  ledgers: answer(ledgersContract, ledgersAnswers),
  indicators: answer(indicatorsContract, indicatorsAnswers),
}
const form = villageMonth.code
let world: SmallWorld
let ask: ReturnType<typeof asking>

const words = (zh: string) => ({ zh, en: zh })
const define = (more: object) =>
  IndicatorDefinition.parse({ pillar: 'foundation', form, population: words('全部村'), ...more })
const coverage = define({
  code: 'coverage-rate',
  name: words('覆盖率'),
  num: 'sum(covered)',
  den: 'sum(households)',
  shown: 'percent',
  targets: { 2018: '0.9' },
})
const bands = {
  edges: ['1', '5000000', '10000000'],
  names: ['空白', '5万元以下', '5万元至10万元', '10万元及以上'].map(words),
}
const indicators = [
  coverage,
  define({ code: 'income', name: words('集体收入'), num: 'sum(income)', shown: 'money', overTime: 'sum', bands }),
  define({ code: 'zero-villages', name: words('空白村占比'), num: 'count(income = 0元)', den: 'count()', shown: 'percent', direction: 'lower' }),
  define({ code: 'best-income', name: words('最高收入'), num: 'max(income)', shown: 'money' }),
]
const noPack = { pack: null as never, by: undefined }

beforeAll(async () => {
  ask = asking(router, own.database)
  world = await smallWorld(own.db)
  await registerForm(own.db, villageMonth, villageItems, { state: 'registered', by: 'test', pack: null })
  await indicatorsPart.apply(own.db, indicators, noPack)
  for (const period of ['2017-06', '2018-05', '2018-06']) {
    const audience = { classes: ['village'], within: [world.province] }
    await ask(asProvince(), 'ledgers.openPeriod', { form, period, audience, due: '2018-07-10' })
  }
  await report(world.eastTown1Village1, { households: 300, covered: 260, income: 0 })
  await report(world.eastTown1Village2, { households: 200, covered: 140, income: 4_000_000 })
  await report(world.westTown1Village1, { households: 50, covered: 45, income: 20_000_000 })
  await report(world.eastTown1Village1, { households: 300, covered: 130, income: 100 }, '2017-06')
  await report(world.eastTown1Village1, { households: 300, covered: 200, income: 100 }, '2018-05')
})

const asProvince = () => holder(world.province)
const asCounty = () => holder(world.east)

const texts = (values: Record<string, number>) =>
  Object.fromEntries(Object.entries(values).map(([field, value]) => [field, String(value)]))

async function report(unit: number, values: Record<string, number>, period = '2018-06') {
  const given = { unit, form, period, formVersion: 1, values: texts(values), version: 0 }
  await ask(holder(unit), 'ledgers.submit', given)
  await ask(asProvince(), 'ledgers.accept', { unit, form, period, version: 1 })
}

const one = (code: string, unit: number, period = '2018-06') =>
  ask(asProvince(), 'indicators.one', { code, unit, period })
const figure = async (code: string, unit: number, period?: string) => (await one(code, unit, period)).judged.figure
const ranked = (more: object) =>
  ask(asProvince(), 'indicators.ranked', { code: 'coverage-rate', unit: world.city, period: '2018-06', ...more })

describe('figures', () => {
  test('county 400/500 and county 45/50 make the city 445/550 = 80.9 %, not 85 %, with 3 of 12 reported', async () => {
    expect((await figure('coverage-rate', world.east)).value).toBe('0.8')
    expect((await figure('coverage-rate', world.west)).value).toBe('0.9')
    const city = (await one('coverage-rate', world.city)).judged
    expect(city.figure).toEqual({ value: '0.809090909', why: null, num: '445', den: '550', reported: 3, expected: 12 })
    expect(city.attainment).toBe('0.89899')
  })

  test('are the same at every level, down to the village', async () => {
    expect((await figure('coverage-rate', world.province)).num).toBe('445')
    expect((await figure('coverage-rate', world.eastTown1)).num).toBe('400')
    const village = await figure('coverage-rate', world.eastTown1Village2)
    expect(village).toMatchObject({ value: '0.7', reported: 1, expected: 1 })
  })

  test('a township and a village without a return have no figure, and say how many are missing', async () => {
    const missing = { value: null, why: 'none-reported', reported: 0 }
    expect(await figure('coverage-rate', world.eastTown2)).toMatchObject({ ...missing, expected: 3 })
    expect(await figure('coverage-rate', world.eastTown2Village1)).toMatchObject({ ...missing, expected: 1 })
  })

  test('stand beside last year and the period before', async () => {
    const { judged } = await one('coverage-rate', world.eastTown1Village1)
    expect([judged.lastYear, judged.yearOnYear, judged.previous]).toEqual(['0.433333333', '1', '0.666666667'])
  })

  test('of a quarter or a year add up what flows, and keep the last state of what stands', async () => {
    expect((await figure('income', world.city, '2018')).value).toBe('24000100')
    expect(await figure('income', world.city, '2018-Q2')).toMatchObject({ value: '24000100', reported: 4, expected: 24 })
    expect((await figure('coverage-rate', world.city, '2018-Q2')).value).toBe('0.809090909')
    expect(await figure('coverage-rate', world.city, '2018-Q1')).toMatchObject({ value: null, expected: 0 })
  })

  test('a highest value comes from the records, at every level', async () => {
    expect((await figure('best-income', world.city)).value).toBe('20000000')
    expect((await figure('best-income', world.eastTown1)).value).toBe('4000000')
    expect((await figure('best-income', world.eastTown1Village1)).value).toBe('0')
  })

  test('a correction moves the figure by the difference; a return that is sent back leaves it', async () => {
    const unit = world.westTown1Village1
    const at = { unit, form, period: '2018-06' }
    const corrected = { households: '50', covered: '40', income: '20000000' }
    await ask(holder(unit), 'ledgers.submit', { ...at, formVersion: 1, values: corrected, version: 2, note: '复核' })
    expect((await figure('coverage-rate', world.city)).num).toBe('445')
    await ask(asProvince(), 'ledgers.accept', { ...at, version: 3 })
    expect((await figure('coverage-rate', world.city)).num).toBe('440')
    await ask(asProvince(), 'ledgers.sendBack', { ...at, version: 4, reasons: { covered: '核实' } })
    expect(await figure('coverage-rate', world.city)).toMatchObject({ num: '400', den: '500', reported: 2 })
    const again = { ...corrected, covered: '45' }
    await ask(holder(unit), 'ledgers.submit', { ...at, formVersion: 1, values: again, version: 5 })
    await ask(asProvince(), 'ledgers.accept', { ...at, version: 6 })
    expect((await figure('coverage-rate', world.city)).num).toBe('445')
  })

  test('the overview has every indicator, and a new one counts the records that were there before', async () => {
    const late = define({ code: 'late-comer', name: words('全覆盖村'), num: 'count(covered > 100)' })
    await indicatorsPart.apply(own.db, [late], noPack)
    const { rows } = await ask(asProvince(), 'indicators.overview', { unit: world.city, period: '2018-06' })
    expect(rows).toHaveLength(5)
    const found = rows.find((row: Overview) => row.indicator === 'late-comer')
    expect(found.judged.figure).toMatchObject({ value: '2', reported: 3 })
  })
})

describe('units side by side', () => {
  test('have a rank and a mean, and who is below the mean is told', async () => {
    const { rows, total, mean, withValue, belowMean } = await ranked({})
    expect([total, withValue, belowMean, mean]).toEqual([2, 2, 1, '0.85'])
    const told = rows.map((row: Ranked) => [row.unit, row.rank, row.belowMean, row.parentName])
    expect(told).toEqual([[world.west, 1, false, '青河市'], [world.east, 2, true, '青河市']])
  })

  test('villages without a return stand at the end without a rank', async () => {
    const villages = await ranked({ level: 5 })
    expect([villages.total, villages.withValue]).toEqual([12, 3])
    expect(villages.rows.map((row: Ranked) => row.rank)).toEqual([1, 2, 3, ...Array.from({ length: 9 }, () => null)])
    expect(villages.rows.slice(0, 3).map((row: Ranked) => row.third)).toEqual(['first', 'middle', 'last'])
    expect(villages.rows[3].judged.figure).toMatchObject({ value: null, reported: 0, expected: 1 })
  })

  test('ties share a rank and the next one is skipped', async () => {
    await report(world.westTown1Village2, { households: 10, covered: 9, income: 1 })
    await report(world.westTown1Village3, { households: 10, covered: 1, income: 1 })
    const { rows } = await ranked({ unit: world.westTown1 })
    const told = rows.map((row: Ranked) => [row.unit, row.rank])
    expect(told).toEqual([[world.westTown1Village1, 1], [world.westTown1Village2, 1], [world.westTown1Village3, 3]])
    for (const unit of [world.westTown1Village2, world.westTown1Village3]) {
      await ask(asProvince(), 'ledgers.sendBack', { unit, form, period: '2018-06', version: 2, reasons: { covered: '核实' } })
    }
  })

  test('are sorted by code, name, coverage or attainment, page by page', async () => {
    const units = async (sort: string) => (await ranked({ level: 5, sort })).rows.map((row: Ranked) => row.unit)
    const byCode = await units('code')
    expect(byCode[0]).toBe(world.eastTown1Village1)
    expect((await units('name')).at(-1)).toBe(world.westTown2Village3)
    expect((await units('coverage')).slice(-3)).toEqual([byCode[0], byCode[1], world.westTown1Village1])
    expect((await units('attainment'))[0]).toBe(world.westTown1Village1)
    const page = await ranked({ level: 5, sort: 'code', limit: 5, offset: 5 })
    expect(page.rows.map((row: Ranked) => row.unit)).toEqual(byCode.slice(5, 10))
  })

  test('a unit is told its own place and not the names of the others', async () => {
    const { peers, path } = await ask(asCounty(), 'indicators.one', { code: 'coverage-rate', unit: world.east, period: '2018-06' })
    expect(peers).toEqual({ rank: 2, of: 2, belowMean: true, mean: '0.85' })
    expect(path.map((step: { unit: number }) => step.unit)).toEqual([world.east])
  })

  test('bands show how many villages stand where; a village that has not reported is in none', async () => {
    const { rows, withValue, expected } = await ask(asProvince(), 'indicators.bands', { code: 'income', unit: world.city, period: '2018-06' })
    expect(rows.map((row: { units: number }) => row.units)).toEqual([1, 1, 0, 1])
    expect(rows[2].range).toBe('[50,000, 100,000)')
    expect([withValue, expected]).toEqual([3, 12])
  })
})

describe('a figure is opened', () => {
  test('down to the records with what each adds', async () => {
    const opened = await ask(asProvince(), 'indicators.opened', { code: 'coverage-rate', unit: world.east, period: '2018-06' })
    expect(opened.aggregates).toEqual([{ text: 'sum(covered)', value: '400' }, { text: 'sum(households)', value: '500' }])
    expect(opened.records.rows.map((row: { unit: number; adds: string[] }) => [row.unit, row.adds])).toEqual([
      [world.eastTown1Village1, ['260', '300']],
      [world.eastTown1Village2, ['140', '200']],
    ])
  })

  test('the records of a year of what flows are those of all its months', async () => {
    const opened = await ask(asProvince(), 'indicators.opened', { code: 'income', unit: world.east, period: '2018' })
    expect(opened.periods).toHaveLength(12)
    expect(opened.records.total).toBe(3)
  })

  test('and up again from a record, as far as the reader may look', async () => {
    const input = { unit: world.eastTown1Village2, form, period: '2018-06' }
    const used = await ask(asProvince(), 'indicators.usedIn', input)
    const rate = used.find((at: { indicator: string }) => at.indicator === 'coverage-rate')
    expect(rate.adds).toEqual([{ text: 'sum(covered)', value: '140' }, { text: 'sum(households)', value: '200' }])
    expect(rate.levels.map((level: { name: string; figure: { num: string } }) => [level.name, level.figure.num])).toEqual([
      ['东川1镇第2村', '140'], ['东川1镇', '400'], ['东川县', '400'], ['青河市', '445'], ['云岭省', '445'],
    ])
    const [seen] = await ask(asCounty(), 'indicators.usedIn', input)
    expect(seen.levels.map((level: { name: string }) => level.name)).toEqual(['东川1镇第2村', '东川1镇', '东川县'])
  })

  test('the trend has a gap where nobody reported', async () => {
    const input = { code: 'coverage-rate', unit: world.city, period: '2018-06', periods: 3 }
    const trend = await ask(asProvince(), 'indicators.trend', input)
    expect(trend.map((at: { period: string; figure: { value: string | null } }) => [at.period, at.figure.value])).toEqual([
      ['2018-04', null], ['2018-05', '0.666666667'], ['2018-06', '0.809090909'],
    ])
  })

  test('the latest period is the last one with reports', async () => {
    expect((await ask(asProvince(), 'indicators.latestPeriod', { unit: world.city })).period).toBe('2018-06')
  })

  test('a formula that is wrong is shown its place', async () => {
    const checked = await ask(asProvince(), 'indicators.checkFormula', { form, formula: 'sum(covered) / sum(housholds)' })
    expect(checked).toMatchObject({ ok: false, error: { at: 19, length: 9 } })
    const right = await ask(asProvince(), 'indicators.checkFormula', { form, formula: 'sum(covered)/sum(households)' })
    expect(right).toMatchObject({ ok: true, text: 'sum(covered) / sum(households)' })
  })
})

describe('targets', () => {
  const target = async (code: string, unit: number) => (await one(code, unit)).judged.target
  const set = (input: object) => ask(asProvince(), 'indicators.setTarget', { code: 'coverage-rate', unit: world.east, year: 2018, ...input })

  test('of a share hold for the units below, of a sum they do not', async () => {
    await set({ value: '0.8' })
    expect([await target('coverage-rate', world.eastTown1), await target('coverage-rate', world.west)]).toEqual(['0.8', '0.9'])
    await set({ code: 'income', value: '1000' })
    expect([await target('income', world.east), await target('income', world.eastTown1)]).toEqual(['1000', null])
  })

  test('what somebody set in between is seen before it is replaced', async () => {
    await expect(set({ value: '0.85', version: '0.9' })).rejects.toMatchObject({ code: 'stale-version', facts: { theirs: '0.8' } })
    await set({ value: null, version: '0.8' })
    expect(await target('coverage-rate', world.east)).toBe('0.9')
  })

  test('leave a line in the trail', async () => {
    const lines = await many<{ facts: object }>(own.db, sql`select facts from event where kind = 'target.set' and subject = 'indicator:coverage-rate' order by id`)
    expect(lines.map((line) => line.facts)).toEqual([{ year: 2018, from: '0.9', to: '0.8' }, { year: 2018, from: '0.8', to: null }])
  })
})

describe('a pack', () => {
  const known = () => ({ tx: own.db, pack: 'p', sections: {} })
  const findings = async (more: object) => {
    const found = await indicatorsPart.check([define({ code: 'new', name: words('新指标'), num: 'sum(covered)', ...more })], known())
    return found.map(({ code, path }) => `${path} ${code}`)
  }

  test('is told where a formula, a form, a band or a target is wrong', async () => {
    expect(await findings({})).toEqual([])
    const [wrong] = await indicatorsPart.check([define({ code: 'bad', name: words('坏'), num: 'sum(covered) + sum(nothing)' })], known())
    expect(wrong).toMatchObject({ code: 'formula-invalid', path: '0.num', facts: { column: 20 } })
    expect(await findings({ form: 'no-such-form' })).toEqual(['0.form form-unknown'])
    expect(await findings({ den: 'latest(covered) > 1' })).toEqual(['0.den formula-invalid'])
    expect(await findings({ bands: { edges: ['2', '1'], names: [words('低'), words('高')] } })).toEqual(['0.bands.names band-names', '0.bands.edges band-order'])
    expect(await findings({ targets: { 2018: '5' } })).toEqual(['0.targets target-of-a-sum'])
  })

  test('that carries its form is checked against that form', async () => {
    const other = { ...villageMonth, code: 'other-month' }
    const check = (num: string) =>
      indicatorsPart.check([define({ code: 'new', name: words('新指标'), form: 'other-month', num })], { ...known(), sections: { forms: [other], dataItems: villageItems } })
    expect(await check('sum(covered)')).toEqual([])
    expect(await check('sum(missing)')).toMatchObject([{ code: 'formula-invalid', path: '0.num' }])
  })

  test('applied twice changes nothing; a target it no longer names is gone', async () => {
    const again = await indicatorsPart.apply(own.db, indicators, noPack)
    expect(again).toEqual({ added: [], changed: [], removed: [], same: 4 })
    await indicatorsPart.apply(own.db, [{ ...coverage, targets: {} }], noPack)
    expect((await one('coverage-rate', world.city)).judged.target).toBeNull()
    await indicatorsPart.apply(own.db, [coverage], noPack)
  })

  test('takes away what it no longer has, and nothing of other packs', async () => {
    await run(own.db, sql`insert into pack (code, version, title_zh, title_en, hash, content) values ('p', '1', '样例', 'Sample', 'x', '{}')`)
    const mine = define({ code: 'mine', name: words('本包'), num: 'count()' })
    expect((await indicatorsPart.apply(own.db, [mine], { pack: 'p', by: undefined })).added).toEqual(['mine'])
    expect((await indicatorsPart.apply(own.db, [], { pack: 'p', by: undefined })).removed).toEqual(['mine'])
    expect((await one('coverage-rate', world.city)).judged.figure.num).toBe('445')
  })

  test('gives units their targets, and is told which indicator or unit does not exist', async () => {
    const row = { indicator: 'income', year: 2018, unit: '990121000000', value: '5000' }
    const wrong = await targetsPart.check([row, { ...row, indicator: 'no', unit: 'no' }], known())
    expect(wrong.map(({ code, path }) => `${path} ${code}`)).toEqual(['1.indicator indicator-unknown', '1.unit unit-unknown'])
    const rows = [row, { ...row, unit: '990122000000' }]
    expect(await targetsPart.apply(own.db, rows, noPack)).toEqual({ added: ['income 2018 990122000000'], changed: ['income 2018 990121000000'], removed: [], same: 0 })
    expect(await targetsPart.apply(own.db, rows, noPack)).toMatchObject({ added: [], changed: [], same: 2 })
    expect((await one('income', world.east)).judged.target).toBe('5000')
  })
})

describe('the workbook', () => {
  const at = async (level: number) => ({ within: await unitOf(own.db, world.city), period: 201806, level })

  async function book(definition: IndicatorDefinition, level: number) {
    const source = await sourceOf(own.db, form)
    const rows = await workbookRows(own.db, source, definition, await at(level))
    const stream = new PassThrough()
    const read = buffer(stream)
    await writeWorkbook(stream, { definition, form: source.form, title: '青河市 · 样例', locale: 'zh-CN', ...rows })
    const workbook = new ExcelJS.Workbook()
    await workbook.xlsx.load((await read) as never)
    return workbook
  }

  test('has codes as text, the coverage, and says that it is partial', async () => {
    const sheet = (await book(coverage, 5)).worksheets[0]!
    expect(sheet.getCell('A2').text).toMatch(/^已报 3，应报 12（部分数据）；缺：(.+、){8}.+$/)
    expect([sheet.getCell('A5').value, sheet.getCell('A5').numFmt]).toEqual(['990121101201', '@'])
    expect(sheet.rowCount).toBe(16)
    expect(sheet.getRow(5).values).toMatchObject({ 2: '东川1镇第1村', 3: '东川1镇', 4: 0.866666667, 5: 260, 6: 300, 7: 1, 8: 1, 9: '完整', 10: 2 })
    expect(sheet.getCell('D5').numFmt).toBe('0.0%')
    expect([sheet.getCell('D8').value, sheet.getCell('I8').value]).toEqual([null, '不全'])
  })

  test('names whose return is not in it, on a sheet of their own', async () => {
    const missing = (await book(coverage, 5)).worksheets[2]!
    expect([missing.name, missing.getCell('A1').text, missing.rowCount]).toEqual(['未报', '缺 9 份', 11])
    expect(missing.getRow(3).values).toMatchObject({ 1: expect.stringMatching(/^99012\d{7}$/), 3: expect.stringMatching(/镇$/), 4: '2018年6月' })
  })

  test('writes money in yuan and tells the definition on the second sheet', async () => {
    const [sheet, about] = (await book(indicators[3]!, 3)).worksheets
    expect([sheet!.getCell('D5').value, sheet!.getCell('D5').numFmt]).toEqual([40000, '#,##0.00'])
    const told = new Map(about!.getSheetValues().slice(1).map((line) => [(line as string[])[1], (line as string[])[2]]))
    expect([told.get('分子'), told.get('统计范围')]).toEqual(['max(income)', '全部村'])
  })

  test('waits for a slow reader and ends when the reader goes away', async () => {
    const source = await sourceOf(own.db, form)
    const { coverage: total, batches } = await workbookRows(own.db, source, coverage, await at(5))
    const rows = (await batches[Symbol.asyncIterator]().next()).value as Ranked[]
    let asked = 0
    async function* endless() {
      for (; asked < 100_000; asked += 1) yield Array.from({ length: 20 }, () => rows).flat()
    }
    const stuck = new Writable({ highWaterMark: 1024, write: () => undefined })
    const written = writeWorkbook(stuck, { definition: coverage, form: source.form, title: 't', locale: 'en', coverage: total, batches: endless() })
    let before = -1
    while (before !== asked) {
      before = asked
      await sleep(500)
    }
    expect(asked).toBeGreaterThan(0)
    expect(asked).toBeLessThan(100_000)
    stuck.destroy()
    await written
  })
})
