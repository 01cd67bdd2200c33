import ExcelJS from 'exceljs'
import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { beforeAll, describe, expect, test } from 'vitest'
import { answer } from '../../server/answer.ts'
import { villageItems, villageMonth } from '../../tests/forms.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { registerForm } from '../ledgers/forms.server.ts'
import { ledgersContract } from '../ledgers/ledgers.contract.ts'
import { ledgersAnswers } from '../ledgers/ledgers.server.ts'
import { unitOf } from '../units/units.reads.ts'
import { IndicatorDefinition } from './indicator-definition.ts'
import { indicatorsContract } from './indicators.contract.ts'
import { indicatorsPart } from './indicators.pack.ts'
import { indicatorsAnswers } from './indicators.server.ts'
import { sourceOf } from './reading.server.ts'
import { workbookRows, writeWorkbook } from './workbook.server.ts'

const own = ownDatabase()
const router = { ledgers: answer(ledgersContract, ledgersAnswers), indicators: answer(indicatorsContract, indicatorsAnswers) }
const form = villageMonth.code
let world: SmallWorld
let ask: ReturnType<typeof asking>
const words = (zh: string) => ({ zh, en: zh })
const define = (more: object) => IndicatorDefinition.parse({ pillar: 'foundation', form, population: words('全部村'), ...more })
const indicators = [
  define({ code: 'coverage-rate', name: words('覆盖率'), num: 'sum(covered)', den: 'sum(households)', shown: 'percent', targets: { 2018: '0.9' } }),
  define({ code: 'income', name: words('集体收入'), num: 'sum(income)', shown: 'money', overTime: 'sum', bands: { edges: ['1', '5000000', '10000000'], names: ['空白', '薄弱', '中等', '较强'].map(words) } }),
  define({ code: 'zero-villages', name: words('空白村占比'), num: 'count(income = 0元)', den: 'count()', shown: 'percent', direction: 'lower' }),
  define({ code: 'best-income', name: words('最高收入'), num: 'max(income)', shown: 'money' }),
]

beforeAll(async () => {
  ask = asking(router, own.database)
  world = await smallWorld(own.db)
  await registerForm(own.db, villageMonth, villageItems, { state: 'registered', by: 'test', pack: null })
  await indicatorsPart.apply(own.db, indicators, { pack: null as never, by: undefined })
  for (const period of ['2017-06', '2018-05', '2018-06']) {
    await ask(holder(world.province), 'ledgers.openPeriod', { form, period, audience: { classes: ['village'], within: [world.province] }, due: '2018-07-10' })
  }
  await report(world.eastTown1Village1, 300, 260, 0)
  await report(world.eastTown1Village2, 200, 140, 4_000_000)
  await report(world.westTown1Village1, 50, 45, 20_000_000)
  await report(world.eastTown1Village1, 300, 130, 100, '2017-06')
  await report(world.eastTown1Village1, 300, 200, 100, '2018-05')
})

async function report(unit: number, households: number, covered: number, income: number, period = '2018-06') {
  await ask(holder(unit), 'ledgers.submit', { unit, form, period, formVersion: 1, values: { households: String(households), covered: String(covered), income: String(income) }, version: 0 })
  await ask(holder(world.province), 'ledgers.accept', { unit, form, period, version: 1 })
}
const me = () => holder(world.province)
const one = (code: string, unit: number, period = '2018-06') => ask(me(), 'indicators.one', { code, unit, period })

describe('figures', () => {
  test('county 400/500 and county 45/50 make the city 445/550 = 80.9 %, not 85 %, with 3 of 12 reported', async () => {
    expect((await one('coverage-rate', world.east)).judged.figure.value).toBe('0.8')
    expect((await one('coverage-rate', world.west)).judged.figure.value).toBe('0.9')
    const city = (await one('coverage-rate', world.city)).judged
    expect(city.figure).toEqual({ value: '0.809090909', why: null, num: '445', den: '550', reported: 3, expected: 12 })
    expect(city.attainment).toBe('0.89899')
  })

  test('the same at every level, down to the village', async () => {
    expect((await one('coverage-rate', world.province)).judged.figure.num).toBe('445')
    expect((await one('coverage-rate', world.eastTown1)).judged.figure.num).toBe('400')
    expect((await one('coverage-rate', world.eastTown1Village2)).judged.figure).toMatchObject({ value: '0.7', reported: 1, expected: 1 })
    expect((await one('coverage-rate', world.eastTown2)).judged.figure).toMatchObject({ value: null, why: 'none-reported', reported: 0, expected: 3 })
  })

  test('year on year and the change since the period before', async () => {
    const village = (await one('coverage-rate', world.eastTown1Village1)).judged
    expect([village.lastYear, village.yearOnYear, village.previous]).toEqual(['0.433333333', '1', '0.666666667'])
  })

  test('max comes from the leaves, and a year adds up what flows', async () => {
    expect((await one('best-income', world.city)).judged.figure.value).toBe('20000000')
    expect((await one('income', world.city, '2018')).judged.figure.value).toBe('24000100')
  })

  test('a correction moves the figure by the difference; a return that is sent back leaves it', async () => {
    const unit = world.westTown1Village1
    await ask(holder(unit), 'ledgers.submit', { unit, form, period: '2018-06', formVersion: 1, values: { households: '50', covered: '40', income: '20000000' }, version: 2, note: '复核' })
    expect((await one('coverage-rate', world.city)).judged.figure.num).toBe('445')
    await ask(me(), 'ledgers.accept', { unit, form, period: '2018-06', version: 3 })
    expect((await one('coverage-rate', world.city)).judged.figure.num).toBe('440')
    await ask(me(), 'ledgers.sendBack', { unit, form, period: '2018-06', version: 4, reasons: { covered: '核实' } })
    expect((await one('coverage-rate', world.city)).judged.figure).toMatchObject({ num: '400', den: '500', reported: 2 })
    await ask(holder(unit), 'ledgers.submit', { unit, form, period: '2018-06', formVersion: 1, values: { households: '50', covered: '45', income: '20000000' }, version: 5 })
    await ask(me(), 'ledgers.accept', { unit, form, period: '2018-06', version: 6 })
  })
})

describe('a figure is opened', () => {
  test('units below with rank, third and who is below the mean', async () => {
    const { rows, total, mean, withValue } = await ask(me(), 'indicators.ranked', { code: 'coverage-rate', unit: world.city, period: '2018-06' })
    expect([total, withValue, mean]).toEqual([2, 2, '0.85'])
    expect(rows.map((row: { unit: number; rank: number; belowMean: boolean }) => [row.unit, row.rank, row.belowMean])).toEqual([[world.west, 1, false], [world.east, 2, true]])
    const villages = await ask(me(), 'indicators.ranked', { code: 'coverage-rate', unit: world.city, period: '2018-06', level: 5, limit: 4 })
    expect([villages.total, villages.rows.length, villages.withValue]).toEqual([12, 4, 3])
  })

  test('down to the records with what each adds, and up again from a record', async () => {
    const opened = await ask(me(), 'indicators.opened', { code: 'coverage-rate', unit: world.east, period: '2018-06' })
    expect(opened.aggregates).toEqual([{ text: 'sum(covered)', value: '400' }, { text: 'sum(households)', value: '500' }])
    expect(opened.records.rows.map((row: { unit: number; adds: string[] }) => [row.unit, row.adds])).toEqual([[world.eastTown1Village1, ['260', '300']], [world.eastTown1Village2, ['140', '200']]])
    const used = await ask(me(), 'indicators.usedIn', { unit: world.eastTown1Village2, form, period: '2018-06' })
    expect(used.map((one: { indicator: string }) => one.indicator).sort()).toEqual(['best-income', 'coverage-rate', 'income', 'zero-villages'])
    expect(used.find((one: { indicator: string }) => one.indicator === 'coverage-rate').levels.map((level: { name: string }) => level.name)).toEqual(['东川1镇第2村', '东川1镇', '东川县', '青河市', '云岭省'])
  })

  test('bands show how many villages fall where; a village that has not reported is in none', async () => {
    const bands = await ask(me(), 'indicators.bands', { code: 'income', unit: world.city, period: '2018-06' })
    expect(bands.rows.map((row: { units: number }) => row.units)).toEqual([1, 1, 0, 1])
    expect([bands.withValue, bands.expected]).toEqual([3, 12])
  })

  test('the trend has a gap where nobody reported', async () => {
    const trend = await ask(me(), 'indicators.trend', { code: 'coverage-rate', unit: world.city, period: '2018-06', periods: 3 })
    expect(trend.map((point: { period: string; figure: { value: string | null } }) => [point.period, point.figure.value])).toEqual([['2018-04', null], ['2018-05', '0.666666667'], ['2018-06', '0.809090909']])
  })

  test('a target of a unit holds for those below it', async () => {
    await ask(me(), 'indicators.setTarget', { code: 'coverage-rate', unit: world.east, year: 2018, value: '0.8' })
    expect([(await one('coverage-rate', world.eastTown1)).judged.target, (await one('coverage-rate', world.west)).judged.target]).toEqual(['0.8', '0.9'])
  })

  test('the overview has every indicator, and a new one counts the records that were there before', async () => {
    await indicatorsPart.apply(own.db, [define({ code: 'late-comer', name: words('全覆盖村'), num: 'count(covered = households)' })], { pack: null as never, by: undefined })
    const { rows } = await ask(me(), 'indicators.overview', { unit: world.city, period: '2018-06' })
    expect(rows.length).toBe(5)
    expect(rows.find((row: { indicator: string }) => row.indicator === 'late-comer').judged.figure).toMatchObject({ value: '0', reported: 3 })
  })

  test('a formula that is wrong is shown its place', async () => {
    expect(await ask(me(), 'indicators.checkFormula', { form, formula: 'sum(covered) / sum(housholds)' })).toMatchObject({ ok: false, error: { at: 19, length: 9 } })
    const known = { tx: own.db, pack: 'p', sections: {} }
    expect(await indicatorsPart.check([define({ code: 'bad', name: words('坏'), num: 'sum(nothing)' })], known)).toMatchObject([{ code: 'formula-invalid', path: '0.num' }])
  })
})

describe('the workbook', () => {
  test('has codes as text, the coverage, and says that it is partial', async () => {
    const source = await sourceOf(own.db, form)
    const rows = await workbookRows(own.db, source, indicators[0]!, { within: await unitOf(own.db, world.city), period: 201806, level: 5 })
    const stream = new PassThrough()
    const read = buffer(stream)
    await writeWorkbook(stream, { definition: indicators[0]!, form: source.form, title: '青河市 · 覆盖率', locale: 'zh-CN', ...rows })
    const book = new ExcelJS.Workbook()
    await book.xlsx.load((await read) as never)
    const sheet = book.worksheets[0]!
    expect(sheet.getCell('A2').text).toBe('已报 3，应报 12（部分数据）')
    expect([sheet.getCell('A5').value, sheet.getCell('A5').numFmt]).toEqual(['990121101201', '@'])
    expect(sheet.rowCount).toBe(16)
  })
})
