import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { many, sql } from '../../server/db.ts'
import { router } from '../../server/rooms.ts'
import { villageItems, villageMonth } from '../../tests/forms.ts'
import { bookOf, everyKind, everyKindItems, fileOf, openDesk, sheetOf, type Desk } from '../../tests/workbooks.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { registerForm } from '../ledgers/forms.server.ts'

const own = ownDatabase()
let world: SmallWorld
let desk: Desk
let ask: ReturnType<typeof asking>
const form = everyKind.code
const period = '2018-06'
const codes = { v1: '990121101201', v2: '990121101202', v3: '990121101203', t2v1: '990121102201', t2v2: '990121102202', west1: '990122101201' }

beforeAll(async () => {
  world = await smallWorld(own.db)
  ask = asking(router, own.database)
  desk = await openDesk(own.database)
  await registerForm(own.db, villageMonth, villageItems, { state: 'registered', by: 'test', pack: null })
  await registerForm(own.db, everyKind, everyKindItems, { state: 'registered', by: 'test', pack: null })
  for (const code of [villageMonth.code, form]) await ask(holder(world.province), 'ledgers.openPeriod', { form: code, period, audience: { classes: ['village'], within: [world.province] }, due: '2018-07-10' })
  await ask(holder(world.eastTown1Village1), 'ledgers.submit', { unit: world.eastTown1Village1, form: villageMonth.code, period, formVersion: 1, values: { households: '120', covered: '20' }, version: 0 })
})
afterAll(() => desk.close())

const draftOf = async (unit: number) => (await many<{ vals: Record<string, unknown>; version: number }>(own.db, sql`select vals, version from record_draft where unit_id = ${unit} and form = ${form}`))[0]
const recordsOf = (unit: number) => many<{ vals: Record<string, unknown>; state: string; submitted_by: string; submission: number }>(own.db, sql`select vals, state, submitted_by, submission from record where unit_id = ${unit} and form = ${form}`)
const county = () => `form=${form}&period=${period}&unit=${world.east}`
async function brought(file: Buffer, query = `unit=${world.east}&name=a.xlsx`): Promise<number> {
  const { status, body } = await desk.bring(file, query)
  if (status !== 201) throw new Error(JSON.stringify(body))
  await desk.run('workbooks:read', body.id)
  return body.id
}
const importOf = (id: number, unit = world.east) => ask(holder(unit), 'workbooks.import', { id })
const rowsOf = async (id: number, input = {}, unit = world.east) => (await ask(holder(unit), 'workbooks.rows', { id, ...input })).rows
async function putIn(id: number, input: Record<string, unknown>, unit = world.east) {
  await ask(holder(unit), 'workbooks.putIn', { id, confirmed: false, ...input })
  await desk.run('workbooks:putIn', id)
  return importOf(id, unit)
}

describe('a county’s returns go out and come back', () => {
  test('what goes out is prefilled, locked where known, and says what it is', async () => {
    desk.as(holder(world.east))
    const book = await bookOf(await desk.out(county()))
    expect(book.worksheets.map(({ name, state }) => [name, state])).toEqual([['填报', 'visible'], ['房间', 'visible'], ['填写说明', 'visible'], ['选项', 'hidden']])
    const { sheet, cell } = sheetOf(book)
    expect(cell(codes.v1, 'unit.code').value).toBe(codes.v1)
    expect(cell(codes.v1, 'unit.code').numFmt).toBe('@')
    expect(cell(codes.v1, 'households').value).toBe(120)
    expect([cell(codes.v1, 'households').protection?.locked ?? true, cell(codes.v1, 'people').protection?.locked]).toEqual([true, false])
    expect(sheet.getRow(3).hidden).toBe(true)
    expect(cell(codes.v1, 'premises').dataValidation).toMatchObject({ type: 'list', promptTitle: '场所状况' })
    expect(sheet.rowCount).toBe(4 + 6)
  })

  test('filled in, its good rows become drafts or submissions by the rules of the page, and bad ones wait', async () => {
    desk.as(holder(world.east))
    const book = await bookOf(await desk.out(county()))
    const { cell } = sheetOf(book)
    cell(codes.v1, 'people').value = 30
    cell(codes.v1, 'gain').value = '12.5万'
    cell(codes.v1, 'heldOn').value = '2018年6月29日'
    cell(codes.v1, 'premises').value = '租用'
    cell(codes.v1, 'published').value = '是'
    cell(codes.v1, 'area').value = '约 70'
    cell(codes.v2, 'people').value = 40
    cell(codes.v2, 'gain').value = 100.5
    cell(codes.v3, 'people').value = '三十'
    cell(codes.v3, 'gain').value = 1
    cell(codes.t2v1, 'people').value = 5000
    cell(codes.t2v1, 'gain').value = 1
    const rooms = sheetOf(book, 1).sheet
    rooms.getRow(5).values = [null, codes.v1, null, '会议', 2]
    rooms.getRow(6).values = [null, codes.v1, null, '便民', '１']
    const id = await brought(await fileOf(book))
    const read = await importOf(id)
    expect(read.counts).toEqual({ same: 2, good: 2, bad: 2, conflict: 0, refused: 0, in: 0 })
    expect(read.noted).toBe(1)
    const bad = await rowsOf(id, { state: 'bad' })
    expect(bad.map((row: any) => [row.code, ...row.findings.filter((one: any) => one.level === 'error').map((one: any) => [one.code, one.sheet, one.cell, one.fieldName.zh])])).toEqual([
      [codes.v3, ['not-a-number', '填报', 'F7', '受益人数']],
      [codes.t2v1, ['people-small', '填报', 'F8', '受益人数']],
    ])

    // What was understood is looked at first; the plain row goes in alone.
    const first = await putIn(id, { as: 'submit' })
    expect(first.counts).toMatchObject({ good: 1, in: 1, bad: 2 })
    expect(await recordsOf(world.eastTown1Village2)).toEqual([{ vals: { people: '40', gain: '10050' }, state: 'submitted', submitted_by: holder(world.east).account, submission: 1 }])
    const second = await putIn(id, { as: 'draft', confirmed: true })
    expect(second.counts).toMatchObject({ good: 0, in: 2, bad: 2 })
    expect((await draftOf(world.eastTown1Village1))!.vals).toEqual({
      people: '30', gain: '12500000', heldOn: '2018-06-29', premises: 'rented', published: true, area: { value: '70', approx: 'about' }, rooms: [{ use: '会议', count: '2' }, { use: '便民', count: '1' }],
    })
    const events = await many<{ kind: string }>(own.db, sql`select kind from event where subject = ${`workbook:${id}`} or (kind = 'record.submitted' and unit_id = ${world.eastTown1Village2}) order by id`)
    expect(events.map(({ kind }) => kind)).toEqual(['workbook.brought', 'workbook.putIn', 'record.submitted', 'workbook.putIn'])
  })

  test('who brought it in cannot accept it', async () => {
    await expect(ask(holder(world.east), 'ledgers.accept', { unit: world.eastTown1Village2, form, period, version: 1 })).rejects.toMatchObject({ code: 'same-person' })
  })

  test('the marked workbook holds only what did not go in; mended, it comes back', async () => {
    const [{ id }] = (await ask(holder(world.east), 'workbooks.imports', {})).rows
    const book = await bookOf(await desk.marked(id))
    const { sheet, cell } = sheetOf(book)
    expect(sheet.rowCount).toBe(4 + 2)
    expect(cell(codes.v3, 'people').value).toBe('三十')
    expect(JSON.stringify(cell(codes.v3, 'people').note)).toContain('不是数字')
    expect((cell(codes.v3, 'people').fill as any).fgColor.argb).toBe('FFFFC7CE')
    expect(cell(codes.v3, 'gain').value).toBe(1)
    expect(JSON.stringify(cell(codes.t2v1, 'people').note)).toContain('不能超过 1000')
    cell(codes.v3, 'people').value = 30
    cell(codes.t2v1, 'people').value = 500
    const again = await brought(await fileOf(book))
    expect((await importOf(again)).counts).toMatchObject({ good: 2, bad: 0 })
    expect((await putIn(again, { as: 'draft' })).counts).toMatchObject({ good: 0, in: 2 })
    expect((await draftOf(world.eastTown1Village3))!.vals).toMatchObject({ people: '30', gain: '100' })
  })

  test('what is wrong by the form itself is said in the marked workbook as on the page', async () => {
    const book = await bookOf(await desk.out(county()))
    const { cell } = sheetOf(book)
    cell(codes.t2v2, 'remark').value = '只写了备注'
    const id = await brought(await fileOf(book))
    const marked = sheetOf(await bookOf(await desk.marked(id)))
    expect(JSON.stringify(marked.cell(codes.t2v2, 'people').note)).toContain('请填写。')
    await ask(holder(world.east), 'workbooks.drop', { id })
  })

  test('the same file twice is the same import, and nothing is done again', async () => {
    desk.as(holder(world.east))
    const file = await desk.out(county())
    const first = await desk.bring(file, `unit=${world.east}&name=a.xlsx`)
    const second = await desk.bring(file, `unit=${world.east}&name=b.xlsx`)
    expect([first.status, second.status, second.body]).toEqual([201, 200, { id: first.body.id, same: true }])
    await desk.run('workbooks:read', first.body.id)
    const before = await draftOf(world.eastTown1Village1)
    const read = await importOf(first.body.id)
    // A table that came back as it went out is no change either.
    expect(read.counts).toEqual({ same: 6, good: 0, bad: 0, conflict: 0, refused: 0, in: 0 })
    await desk.run('workbooks:read', first.body.id)
    expect(await draftOf(world.eastTown1Village1)).toEqual(before)
  })
})

describe('two sides change the same return', () => {
  test('a cell that both changed is shown with both values, and the person chooses', async () => {
    desk.as(holder(world.east))
    const book = await bookOf(await desk.out(county()))
    const { cell } = sheetOf(book)
    cell(codes.v1, 'people').value = 31
    cell(codes.v1, 'remark').value = '县里补充'
    cell(codes.v3, 'people').value = 33
    const clerk = holder(world.eastTown1Village1)
    const draft = (await draftOf(world.eastTown1Village1))!
    await ask(clerk, 'ledgers.saveDraft', { unit: world.eastTown1Village1, form, period, formVersion: 1, values: { ...draft.vals, people: '99', premises: 'own' }, version: draft.version })
    const id = await brought(await fileOf(book))
    expect((await importOf(id)).counts).toMatchObject({ conflict: 1, good: 1 })
    const [row] = await rowsOf(id, { state: 'conflict' })
    expect(row.conflicts).toEqual([{ field: 'people', name: { zh: '受益人数', en: 'people' }, mine: '31', theirs: '99', chosen: null }])
    const marked = sheetOf(await bookOf(await desk.marked(id)))
    expect(JSON.stringify(marked.cell(codes.v1, 'people').note)).toContain('平台上现在是 99')
    await ask(holder(world.east), 'workbooks.choose', { id, choices: [{ n: row.n, field: 'people', take: 'theirs' }] })
    expect((await importOf(id)).counts).toMatchObject({ conflict: 0, good: 2 })
    await putIn(id, { as: 'draft' })
    expect((await draftOf(world.eastTown1Village1))!.vals).toMatchObject({ people: '99', remark: '县里补充', premises: 'own' })
  })

  test('what changes between reading and putting in becomes a conflict, never a loss', async () => {
    desk.as(holder(world.east))
    const book = await bookOf(await desk.out(county()))
    sheetOf(book).cell(codes.v3, 'people').value = 34
    const id = await brought(await fileOf(book))
    const draft = (await draftOf(world.eastTown1Village3))!
    await ask(holder(world.eastTown1Village3), 'ledgers.saveDraft', { unit: world.eastTown1Village3, form, period, formVersion: 1, values: { ...draft.vals, people: '77' }, version: draft.version })
    expect((await putIn(id, { as: 'draft' })).counts).toMatchObject({ conflict: 1, in: 0 })
    expect((await draftOf(world.eastTown1Village3))!.vals.people).toBe('77')
    await ask(holder(world.east), 'workbooks.choose', { id, all: 'mine' })
    expect((await putIn(id, { as: 'draft' })).counts).toMatchObject({ conflict: 0, in: 1 })
    expect((await draftOf(world.eastTown1Village3))!.vals.people).toBe('34')
  })

  test('a return that waits for checking is not touched, one that was accepted is corrected with a reason', async () => {
    desk.as(holder(world.east))
    const book = await bookOf(await desk.out(county()))
    sheetOf(book).cell(codes.v2, 'people').value = 41
    const waiting = await brought(await fileOf(book))
    expect((await rowsOf(waiting))[0].findings.map((one: any) => one.code)).toEqual(['waits-for-check'])
    await ask(holder(world.eastTown1), 'ledgers.accept', { unit: world.eastTown1Village2, form, period, version: 1 })
    const later = await bookOf(await desk.out(county()))
    sheetOf(later).cell(codes.v2, 'people').value = 42
    const id = await brought(await fileOf(later))
    expect((await importOf(id)).corrections).toBe(1)
    expect((await putIn(id, { as: 'submit' })).counts).toMatchObject({ good: 1, in: 0 })
    expect((await putIn(id, { as: 'submit', note: '漏报两人' })).counts).toMatchObject({ good: 0, in: 1 })
    expect((await recordsOf(world.eastTown1Village2))[0]).toMatchObject({ vals: { people: '42' }, state: 'submitted', submission: 2 })
  })
})
