import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { many, one, sql } from '../../server/db.ts'
import { router } from '../../server/rooms.ts'
import { villageItems, villageMonth } from '../../tests/forms.ts'
import { bookOf, everyKind, everyKindItems, fileOf, libreOffice, openDesk, savedByLibreOffice, sheetOf, zipOf, type Desk } from '../../tests/workbooks.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { registerForm } from '../ledgers/forms.server.ts'
import { openParts } from './open-zip.server.ts'

const own = ownDatabase()
let world: SmallWorld
let desk: Desk
let ask: ReturnType<typeof asking>
const form = everyKind.code
const period = '2018-06'
const codes = { v1: '990121101201', v2: '990121101202', v3: '990121101203', t2v1: '990121102201', t2v2: '990121102202', t2v3: '990121102203', west1: '990122101201' }

beforeAll(async () => {
  world = await smallWorld(own.db)
  ask = asking(router, own.database)
  desk = await openDesk(own.database)
  await registerForm(own.db, villageMonth, villageItems, { state: 'registered', by: 'test', pack: null })
  await registerForm(own.db, everyKind, everyKindItems, { state: 'registered', by: 'test', pack: null })
  for (const code of [villageMonth.code, form]) await ask(holder(world.province), 'ledgers.openPeriod', { form: code, period, audience: { classes: ['village'], within: [world.province] }, due: '2018-07-10' })
  desk.as(holder(world.east))
})
afterAll(() => desk.close())

const query = () => `unit=${world.east}&name=a.xlsx`
const out = async (more = '') => bookOf(await desk.out(`form=${form}&period=${period}&unit=${world.east}${more}`))
async function brought(file: Buffer): Promise<{ id: number; page: any; rows: any[] }> {
  const { status, body } = await desk.bring(file, query())
  if (status !== 201) throw new Error(JSON.stringify(body))
  await desk.run('workbooks:read', body.id)
  return { id: body.id, page: await ask(holder(world.east), 'workbooks.import', { id: body.id }), rows: (await ask(holder(world.east), 'workbooks.rows', { id: body.id, limit: 500 })).rows }
}
const told = (row: any) => row.findings.map((one_: any) => [one_.cell, one_.code])
const wantedOf = async (id: number) => new Map((await many<{ code: string; wanted: any }>(own.db, sql`select code, wanted from workbook_row where import_id = ${id}`)).map(({ code, wanted }) => [code, wanted.m]))

describe('what is no workbook of ours is refused plainly, and nothing is kept', () => {
  const ole = Buffer.concat([Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]), Buffer.alloc(2_000)])
  const parts = { '[Content_Types].xml': Buffer.from('<Types/>'), 'xl/workbook.xml': Buffer.from('<workbook/>') }
  test.each<[string, () => Buffer | Promise<Buffer>]>([
    ['empty', () => Buffer.alloc(0)],
    ['pdf', () => Buffer.from('%PDF-1.7\n…')],
    ['old-xls', () => ole],
    ['encrypted', () => Buffer.concat([ole, Buffer.from('EncryptedPackage', 'utf16le'), Buffer.alloc(100)])],
    ['csv', () => Buffer.from('单位代码,户数\n990121101201,5\n')],
    ['html', () => Buffer.from('<html><table><tr><td>5</td></tr></table></html>')],
    ['not-xlsx', () => Buffer.from([1, 0, 2, 0])],
    ['not-xlsx', () => zipOf({ 'a.txt': Buffer.from('a') })],
    ['ods', () => zipOf({ mimetype: Buffer.from('x'), 'content.xml': Buffer.from('<x/>') })],
    ['word', () => zipOf({ 'word/document.xml': Buffer.from('<x/>') })],
    ['xlsb', () => zipOf({ 'xl/workbook.bin': Buffer.from('x') })],
    ['encrypted', () => zipOf(parts, { encrypted: true })],
    ['damaged', async () => (await desk.out(`form=${form}&period=${period}&unit=${world.east}`)).subarray(0, 5_000)],
    ['too-much-inside', () => zipOf({ ...parts, 'xl/worksheets/sheet1.xml': Buffer.alloc(30 * 1024 * 1024) })],
    ['too-many-parts', () => zipOf({ ...parts, ...Object.fromEntries(Array.from({ length: 2_001 }, (_, n) => [`xl/media/${n}`, Buffer.alloc(1)])) })],
    ['no-stamp', async () => {
      const book = await out()
      book.worksheets[0]!.spliceRows(3, 1)
      return fileOf(book)
    }],
    ['two-headings', async () => {
      const book = await out()
      const copy = book.addWorksheet('副本')
      copy.getRow(1).values = book.worksheets[0]!.getRow(3).values
      return fileOf(book)
    }],
  ])('%s', async (why, make) => {
    const before = await one<{ n: number }>(own.db, sql`select count(*)::int as n from workbook_import`)
    const { status, body } = await desk.bring(await make(), query())
    expect([status, body.code, body.findings?.[0]?.code]).toEqual([422, 'workbook-refused', `workbook-${why}`])
    expect(await one(own.db, sql`select count(*)::int as n from workbook_import`)).toEqual(before)
  })

  test('a part that inflates to more than it declares is stopped at that byte', async () => {
    const rels = '<Relationships><Relationship Id="r1" Type="x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    const book = '<workbook xmlns:r="r"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>'
    const bomb = zipOf({ 'xl/workbook.xml': Buffer.from(book), 'xl/_rels/workbook.xml.rels': Buffer.from(rels), 'xl/worksheets/sheet1.xml': Buffer.alloc(30 * 1024 * 1024, ' ') }, { declares: 100 })
    expect((await desk.bring(bomb, query())).body.findings[0].code).toBe('workbook-damaged')
  })

  test('more than 50 MB is refused before it is read', async () => {
    expect((await desk.bring(Buffer.alloc(51 * 1024 * 1024), query())).status).toBe(413)
  })

  test('the workbook of another form or period is told apart on the page of one return', async () => {
    const file = await desk.out(`form=${villageMonth.code}&period=${period}&unit=${world.eastTown1Village1}&layout=one`)
    const { body } = await desk.bring(file, `unit=${world.eastTown1Village1}&name=a.xlsx&form=${form}&period=${period}`)
    expect(body.findings[0]).toMatchObject({ code: 'workbook-other-form', facts: { form: villageMonth.code, period, wanted: `${form} ${period}` } })
  })
})

describe('whatever was done to it, a workbook is read or says which cell stops it', () => {
  test('rows that moved, columns that came, hidden rows, and a row for somebody else’s village', async () => {
    const book = await out()
    const { sheet, cell, rowOf } = sheetOf(book)
    cell(codes.v1, 'people').value = 11
    cell(codes.v2, 'people').value = '１２'
    cell(codes.v3, 'people').value = 13
    sheet.getRow(rowOf(codes.v3)).hidden = true
    // Sorting tore the marks in column A from two rows.
    const [a, b] = [rowOf(codes.v1), rowOf(codes.v2)]
    const [markA, markB] = [sheet.getCell(a, 1).value, sheet.getCell(b, 1).value]
    sheet.getCell(a, 1).value = markB
    sheet.getCell(b, 1).value = markA
    const west = sheet.addRow([null, codes.west1, '西川', null, null, 5])
    west.commit()
    sheet.addRow([null, '999999999999', '没有这个村', null, null, 5]).commit()
    sheet.addRow([null, null, '没有代码', null, null, 5]).commit()
    sheet.addRow([null, codes.v3, '又来一次', null, null, 6]).commit()
    for (const row of sheet.getRows(5, sheet.rowCount - 4)!) row.getCell(7).value ??= 1
    sheet.spliceColumns(5, 0, [null, null, null, '我加的列', '备忘'])
    const { id, page, rows } = await brought(await fileOf(book))
    expect(page.about).toMatchObject({ strangeColumns: ['我加的列'], hiddenRows: 1 })
    const by = new Map(rows.map((row) => [row.code, row]))
    expect([by.get(codes.v1).state, by.get(codes.v2).state]).toEqual(['good', 'good'])
    expect((await wantedOf(id)).get(codes.v2)).toEqual({ people: '12', gain: '100' })
    expect(rows.filter((row) => row.state === 'refused').map((row) => told(row)[0][1]).sort()).toEqual(['no-unit', 'not-yours', 'unit-unknown'])
    expect(rows.filter((row) => row.code === codes.v3).map((row) => [row.state, told(row).at(-1)[1]])).toEqual([['bad', 'row-twice'], ['bad', 'row-twice']])
  })

  test('formulas, merged cells, error values and lost digits are named by their cells', async () => {
    const book = await out()
    const { sheet, cell } = sheetOf(book)
    for (const code of Object.values(codes).slice(0, 6)) cell(code, 'gain').value = 1
    cell(codes.v1, 'people').value = { formula: 'SUM(1,2)', result: 3 }
    cell(codes.v2, 'people').value = { formula: 'SUM(1,2)' } as never
    cell(codes.v3, 'people').value = { error: '#REF!' } as never
    cell(codes.t2v1, 'people').value = 1
    cell(codes.t2v1, 'remark').value = 123456789012345680
    cell(codes.t2v1, 'remark').style = { numFmt: 'General' }
    sheet.mergeCells(`F${sheetOf(book).rowOf(codes.t2v2)}:F${sheetOf(book).rowOf(codes.t2v3)}`)
    const { rows, page } = await brought(await fileOf(book))
    const by = new Map(rows.map((row) => [row.code, told(row)]))
    expect(page.noted).toBe(1)
    expect(by.get(codes.v1)).toEqual([['F5', 'formula']])
    expect(by.get(codes.v2)).toEqual([['F6', 'formula-without-result']])
    expect(by.get(codes.v3)).toEqual([['F7', 'cell-error']])
    expect(by.get(codes.t2v1)).toEqual([['K8', 'digits-lost']])
    expect(by.get(codes.t2v2)).toEqual([['F9', 'merged']])
    expect(by.get(codes.t2v3)).toEqual([['F10', 'merged']])
  })

  test('one unit’s workbook, a row a field, comes back with its table', async () => {
    desk.as(holder(world.eastTown1Village1))
    const book = await bookOf(await desk.out(`form=${form}&period=${period}&unit=${world.eastTown1Village1}&layout=one`))
    const { sheet, cell } = sheetOf(book)
    cell('people', 'value').value = 21
    cell('gain', 'value').value = '1,234.50元'
    cell('published', 'value').value = '√'
    sheetOf(book, 1).sheet.getRow(5).getCell(4).value = '会议'
    sheetOf(book, 1).sheet.getRow(5).getCell(5).value = 3
    sheet.spliceRows(5, 0, [], [])
    const { status, body } = await desk.bring(await fileOf(book), `unit=${world.eastTown1Village1}&name=b.xlsx&form=${form}&period=${period}`)
    expect(status).toBe(201)
    await desk.run('workbooks:read', body.id)
    await ask(holder(world.eastTown1Village1), 'workbooks.putIn', { id: body.id, as: 'submit', confirmed: true })
    await desk.run('workbooks:putIn', body.id)
    const { vals } = await one<{ vals: unknown }>(own.db, sql`select vals from record where unit_id = ${world.eastTown1Village1} and form = ${form}`)
    expect(vals).toEqual({ people: '21', gain: '123450', published: true, rooms: [{ use: '会议', count: '3' }] })
    desk.as(holder(world.east))
  })

  test('another version of the form is mapped by its codes, or refused with what changed', async () => {
    const file = await out()
    sheetOf(file).cell(codes.t2v3, 'people').value = 5
    sheetOf(file).cell(codes.t2v3, 'gain').value = 6
    const [section] = everyKind.sections
    const without = { ...everyKind, sections: [{ ...section!, fields: section!.fields.filter(({ code }) => code !== 'remark') }] }
    await registerForm(own.db, without, [], { state: 'registered', by: 'test', pack: null })
    const mapped = await brought(await fileOf(file))
    expect(mapped.page.about).toMatchObject({ formVersion: 1, versionNow: 2, removed: [{ field: 'remark' }] })
    expect((await wantedOf(mapped.id)).get(codes.t2v3)).toEqual({ people: '5', gain: '600' })
    await registerForm(own.db, without, everyKindItems.map((item) => (item.code === 'people' ? { ...item, unit: '人次' } : item)), { state: 'registered', by: 'test', pack: null })
    sheetOf(file).cell(codes.t2v3, 'people').value = 7
    const refused = await brought(await fileOf(file))
    expect(refused.page.state).toBe('refused')
    expect(refused.page.problem.findings.map((finding: any) => [finding.code, finding.facts])).toEqual([
      ['workbook-form-changed', { version: 1, now: 3 }],
      ['workbook-field-unit', { name: { zh: '受益人数', en: 'people' } }],
    ])
    await registerForm(own.db, everyKind, everyKindItems, { state: 'registered', by: 'test', pack: null })
  })
})

// Where LibreOffice is not installed these are skipped, and the report says so; CI installs it.
describe.skipIf(!libreOffice)('files that LibreOffice saved (needs libreoffice-calc)', () => {
  let saved: Record<string, Buffer>
  beforeAll(async () => {
    const untouched = await desk.out(`form=${form}&period=${period}&unit=${world.east}`)
    const filled = await bookOf(untouched)
    const { sheet, cell } = sheetOf(filled)
    for (const code of [codes.v2, codes.v3, codes.t2v1]) cell(code, 'gain').value = '１２.５万'
    cell(codes.v2, 'people').value = { formula: 'SUM(20,3)', result: 23 }
    cell(codes.v2, 'heldOn').value = new Date('2018-06-29T00:00:00Z')
    cell(codes.v2, 'premises').value = '租用'
    cell(codes.v2, 'published').value = true
    cell(codes.v2, 'remark').value = { richText: [{ text: '富' }, { text: '文本', font: { bold: true } }] }
    cell(codes.v2, 'area').value = '近70'
    cell(codes.v3, 'people').value = '1，024'
    cell(codes.t2v1, 'people').value = 0.5
    // Cells of a kind share one style.
    cell(codes.t2v1, 'people').style = { ...cell(codes.t2v1, 'people').style, numFmt: '0%' }
    sheet.getRow(sheetOf(filled).rowOf(codes.v3)).hidden = true
    const rooms = sheetOf(filled, 1).sheet
    rooms.getRow(5).values = [null, codes.v2, null, '会议', 2]
    const single = await desk.out(`form=${form}&period=${period}&unit=${world.eastTown1Village2}&layout=one`)
    saved = await savedByLibreOffice({ untouched, filled: await fileOf(filled), single })
  }, 300_000)

  test('an untouched workbook changes nothing after LibreOffice saved it', async () => {
    expect((await brought(saved.untouched!)).page.counts).toEqual({ same: 6, good: 0, bad: 0, conflict: 0, refused: 0, in: 0 })
    expect((await brought(saved.single!)).page.counts).toEqual({ same: 1, good: 0, bad: 0, conflict: 0, refused: 0, in: 0 })
  })

  test('a filled one is read as it was filled: formulas computed, dates, rich text, drop-downs, a table', async () => {
    const { id, rows, page } = await brought(saved.filled!)
    const wanted = await wantedOf(id)
    expect(wanted.get(codes.v2)).toEqual({ people: '23', gain: '12500000', heldOn: '2018-06-29', premises: 'rented', published: true, remark: '富文本', area: { value: '70', approx: 'nearly' }, rooms: [{ use: '会议', count: '2' }] })
    expect(wanted.get(codes.v3)).toEqual({ people: '1024', gain: '12500000' })
    const by = new Map(rows.map((row) => [row.code, row]))
    expect(by.get(codes.t2v1).findings.filter((one_: any) => one_.level === 'error').map((one_: any) => one_.code)).toEqual(['percent-in-number'])
    expect(by.get(codes.v2).findings.map((one_: any) => one_.code)).toContain('formula')
    expect(by.get(codes.v3).findings.map((one_: any) => one_.code)).toContain('people-small')
    expect(page.about.hiddenRows).toBe(1)
  })

  test('the drop-downs, the lock and the hidden stamp survive LibreOffice', async () => {
    const { sheet, cell } = sheetOf(await bookOf(saved.untouched!))
    const path = join(desk.call.dataDir, 'saved.xlsx')
    await writeFile(path, saved.untouched!)
    const parts = await openParts(path)
    const [first, styles] = await Promise.all(['xl/worksheets/sheet1.xml', 'xl/styles.xml'].map(async (name) => text(await parts.open(name))))
    parts.close()
    expect([/<sheetProtection [^>]*sheet="true"/.test(first!), /<protection locked="false"/.test(styles!)]).toEqual([true, true])
    expect(cell(codes.v2, 'premises').dataValidation.type).toBe('list')
    expect(cell(codes.v2, 'unit.code').value).toBe(codes.v2)
    expect(sheet.getRow(3).hidden).toBe(true)
  })
})
