import ExcelJS from 'exceljs'
import { beforeAll, describe, expect, test } from 'vitest'
import { deflateRawSync } from 'node:zlib'
import { one, sql } from '../../server/db.ts'
import { holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { columns } from './change-rows.ts'
import { markChangeBook, readChangeBook, writeChangeBook } from './workbook.server.ts'

const own = ownDatabase()
let world: SmallWorld
const now = new Date('2018-07-02T01:00:00Z')
beforeAll(async () => {
  world = await smallWorld(own.db)
})

/** The book as it is given out, filled in as a person would; `moved`: a column was put in before it. */
async function filled(lines: Record<string, unknown>[], { moved = false } = {}): Promise<Buffer> {
  const book = new ExcelJS.Workbook()
  await book.xlsx.load((await writeChangeBook(own.database, holder(world.east), world.east)) as never)
  const sheet = book.worksheets[0]!
  if (moved) sheet.spliceColumns(1, 0, ['备注'])
  for (const [at, line] of lines.entries()) {
    for (const [key, value] of Object.entries(line)) sheet.getCell(at + 2, columns.findIndex((one_) => one_.key === key) + (moved ? 2 : 1)).value = value as ExcelJS.CellValue
  }
  return Buffer.from(await book.xlsx.writeBuffer())
}
const read = (bytes: Buffer, unit: keyof SmallWorld = 'city') => readChangeBook(own.database, holder(world[unit]), bytes, now)
const village = (town: number, n: number) => `99012110${town}20${n}`

describe('a county’s changes by workbook', () => {
  test('the book that is given out names the units that stand there, with codes as text', async () => {
    const book = new ExcelJS.Workbook()
    await book.xlsx.load((await writeChangeBook(own.database, holder(world.east), world.east)) as never)
    const codes = book.worksheets[1]!.getColumn(1).values.slice(2)
    expect(codes).toHaveLength(10)
    expect(codes).toContain(village(1, 1))
    expect(book.worksheets[1]!.getColumn(1).numFmt).toBe('@')
  })

  test('what comes back is previewed whole: codes that became numbers, dates of many kinds, moved columns', async () => {
    const found = await read(
      await filled(
        [
          { group: 1, kind: '合并', on: new Date('2018-07-01T00:00:00Z'), fromCode: Number(village(1, 1)), toCode: '990121101290', toName: '三合村' },
          { group: '１', fromCode: village(1, 2) },
          { kind: '更名', on: '2018年7月1日', fromCode: village(2, 1), toName: '新名村' },
          { kind: '隶属调整', on: '2018.7.1', fromCode: village(2, 2), areaCode: '990121101000' },
        ],
        { moved: true },
      ),
    )
    expect(found.findings).toEqual([])
    expect(found.changes.map((change) => change.kind)).toEqual(['merge', 'rename', 'transfer'])
    expect(found.preview!.reports).toHaveLength(3)
    expect(await one(own.db, sql`select count(*)::int as n from unit_change`)).toEqual({ n: 0 })
  })

  test('a sheet for a day that lies ahead is previewed as of that day', async () => {
    const found = await read(await filled([{ kind: '更名', on: '2019-01-01', fromCode: village(2, 1), toName: '新名村' }]))
    expect(found.findings).toEqual([])
    expect(found.preview).toMatchObject({ ahead: '2019-01-01', reports: [{ kind: 'rename', on: '2019-01-01' }] })
  })

  test('every bad cell is named, also what only the structure refuses; nothing is half done', async () => {
    const found = await read(
      await filled([
        { kind: '合拼', on: '2018-07-01', fromCode: village(1, 1), toCode: 'N1', toName: '新村' },
        { kind: '更名', on: '2018-07-01', fromCode: '999', toName: '新名村' },
        { kind: '更名', on: '2018-07-09', fromCode: village(2, 1), toName: '新名村' },
        { kind: '撤销', on: '2018-07-01', fromCode: '990121101000', toCode: '990121102000' },
      ]),
    )
    // Two dates are found first; what the tree refuses is shown once that is right.
    expect(found.findings.map((one_) => [one_.path, one_.code])).toEqual([['B2', 'sheet-kind'], ['D3', 'sheet-unit'], ['C5', 'change-dates-differ']])
    expect(found.preview).toBeNull()
    const again = await read(await filled([{ kind: '更名', on: '2018-07-01', fromCode: village(2, 1), toName: '新名村' }, { kind: '撤销', on: '2018-07-01', fromCode: '990121101000', toCode: '990121102000' }]))
    expect(again.findings.map((one_) => [one_.path, one_.code])).toEqual([['D3', 'children-open']])
    // What the sender may not change is refused at its cell too.
    const foreign = await read(await filled([{ kind: '更名', on: '2018-07-01', fromCode: '990122101201', toName: '他村' }, { kind: '更名', on: '2018-07-01', fromCode: village(2, 1), toName: '新名村' }]), 'east')
    expect(foreign.findings.map((one_) => [one_.path, one_.code])).toEqual([['D2', 'not-allowed']])
    expect(await one(own.db, sql`select count(*)::int as n from unit_change`)).toEqual({ n: 0 })
  })

  test('the workbook goes back with each wrong cell marked, wherever its column stands; mended, the marks are gone', async () => {
    const bytes = await filled([{ kind: '合拼', on: '2018-07-01', fromCode: village(1, 1), toCode: 'N1', toName: '新村' }, { kind: '更名', on: '2018-07-01', fromCode: '999', toName: '新名村' }], { moved: true })
    const { findings } = await read(bytes)
    expect(findings.map((one_) => [one_.path, one_.code])).toEqual([['C2', 'sheet-kind'], ['E3', 'sheet-unit']])
    const back = await markChangeBook(bytes, findings, 'zh-CN')
    const book = new ExcelJS.Workbook()
    await book.xlsx.load(back as never)
    const sheet = book.worksheets[0]!
    const told = (cell: string) => [(sheet.getCell(cell).fill as { fgColor?: { argb?: string } } | undefined)?.fgColor?.argb, JSON.stringify(sheet.getCell(cell).note)]
    expect(told('C2')).toEqual(['FFFFC7CE', expect.stringContaining('C2 的类别“合拼”不认识，请从下拉中选')])
    expect(told('E3')).toEqual(['FFFFC7CE', expect.stringContaining('E3 的代码“999”没有对应的现有单位')])
    expect([sheet.getCell('A1').value, sheet.getCell('H3').value]).toEqual(['备注', '新名村'])
    // What was marked comes back like any other; a cell that is right now loses its mark.
    sheet.getCell('C2').value = '更名'
    const mended = Buffer.from(await book.xlsx.writeBuffer())
    const again = new ExcelJS.Workbook()
    await again.xlsx.load((await markChangeBook(mended, (await read(mended)).findings, 'en')) as never)
    expect([again.worksheets[0]!.getCell('C2').note, again.worksheets[0]!.getCell('E3').note === undefined]).toEqual([undefined, false])
  })

  test('a renamed PDF, a cut file, another workbook and one that unfolds to gigabytes get a plain answer', async () => {
    await expect(read(Buffer.from(`%PDF-1.7 ${'x'.repeat(100)}`))).rejects.toMatchObject({ code: 'not-a-file-of-that-kind' })
    const good = await filled([])
    await expect(read(good.subarray(0, good.length - 30))).rejects.toMatchObject({ code: 'not-a-file-of-that-kind' })
    const other = new ExcelJS.Workbook()
    other.addWorksheet('别的').addRow(['姓名'])
    await expect(read(Buffer.from(await other.xlsx.writeBuffer()))).rejects.toMatchObject({ code: 'not-a-file-of-that-kind' })
    await expect(read(bomb())).rejects.toMatchObject({ code: 'too-large' })
    expect((await read(good)).findings).toMatchObject([{ code: 'sheet-empty' }])
  })
})

/** One part of 200 MB of nothing, 200 KB large. */
function bomb(): Buffer {
  const name = Buffer.from('xl/worksheets/sheet1.xml')
  const held = deflateRawSync(Buffer.alloc(200 * 1024 * 1024))
  const local = Buffer.alloc(30)
  local.writeUInt32LE(0x04034b50, 0)
  local.writeUInt16LE(8, 8)
  local.writeUInt32LE(held.length, 18)
  local.writeUInt16LE(name.length, 26)
  const central = Buffer.alloc(46)
  central.writeUInt32LE(0x02014b50, 0)
  central.writeUInt16LE(8, 10)
  central.writeUInt32LE(held.length, 20)
  central.writeUInt32LE(1_000, 24)
  central.writeUInt16LE(name.length, 28)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(central.length + name.length, 12)
  end.writeUInt32LE(local.length + name.length + held.length, 16)
  return Buffer.concat([local, name, held, central, name, end])
}
