import ExcelJS from 'exceljs'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { registerForm } from '../../capabilities/ledgers/forms.server.ts'
import type { DataItemDefinition, FormDefinition } from '../../capabilities/ledgers/form-definition.ts'
import { keepFor } from '../../capabilities/workbooks/kept-file.server.ts'
import { basesOf, writeRowStamp, writeStamp } from '../../capabilities/workbooks/stamp.ts'
import { resolveForm } from '../../capabilities/ledgers/form-definition.ts'
import { importUnits, unitsOfChina } from '../../capabilities/units/units-import.server.ts'
import { periodText } from '../../rules/period.ts'
import { usualSettings } from '../../server/answer.ts'
import { connect, many, one, run, sql, type Database } from '../../server/db.ts'
import { inFolder, type FileStore } from '../../server/file-store.ts'
import { startEmbedded } from '../../server/embedded.ts'
import { migrate } from '../../server/migrate.ts'
import type { JobCall } from '../../server/queue.ts'
import { jobs } from '../../server/rooms.ts'
import { applyPack } from '../../tools/pack/apply-pack.ts'
import { fileURLToPath } from 'node:url'
import { print, summary, type Claim } from '../measure.ts'

/** The villages of Shanxi, and a county's worth more of Hebei. */
const shanxi = { code: '14', rows: 21_895, period: 201812 }
const hebei = { code: '13', rows: 28_000, period: 201811 }
type Asked = typeof shanxi
const both = (zh: string, en: string) => ({ zh, en })
const items: DataItemDefinition[] = Array.from({ length: 30 }, (_, n) => ({
  code: `bench${n}`, name: both(`第${n}项`, `Item ${n}`), type: n % 7 === 3 ? 'yesNo' : n % 7 === 5 ? 'money' : 'number', ...(n % 7 === 3 || n % 7 === 5 ? {} : { unit: '户' }),
  definition: both('口径', 'Definition'), cycle: 'month', precision: 0, hedged: false, sensitivity: 'open',
}))
const form: FormDefinition = {
  code: 'bench-wide', name: both('三十列', 'Thirty columns'), audience: ['village'], cycle: 'month', minutes: 10, expires: '2030-12-31', approval: { by: 'bench', on: '2018-01-01' },
  sections: [{ name: both('一', 'One'), fields: items.map(({ code }) => ({ code, asks: code, required: true })) }],
  checks: [
    { code: 'first-in-second', holds: 'bench1 <= bench0', level: 'error', fields: ['bench1'], message: both('第1项不能多于第0项', 'Item 1 is at most item 0') },
    { code: 'third-in-fourth', holds: 'bench4 >= bench2', level: 'error', fields: ['bench2'], message: both('第2项不能多于第4项', 'Item 2 is at most item 4') },
  ],
}

/** 21,895 rows of 30 columns read, merged, checked and kept as findings and changes, then put in, each against the bare parse of the same file by exceljs. */
export async function workbookIn(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'sanji-bench-'))
  const embedded = await startEmbedded(folder)
  const database = connect(embedded.url)
  const path = join(folder, 'in.xlsx')
  await emptyPlatform(database)
  const { province, rows } = await prepared(database, path, shanxi)

  const call = { database, dataDir: folder, files: inFolder(join(folder, 'files')), settings: usualSettings, now: new Date('2019-01-05T02:00:00Z'), log: pino({ level: 'silent' }) }
  const bares: number[] = []
  const reads: number[] = []
  const puts: number[] = []
  let highest = 0
  const watch = setInterval(() => (highest = Math.max(highest, process.memoryUsage().rss)), 50)
  const flat: number[] = []
  for (let round = 0; round < 3; round++) {
    bares.push(await seconds(() => bareParse(path)))
    const id = await brought(database, province, path, call, shanxi.period, String(round))
    highest = process.memoryUsage().rss
    const before = highest
    reads.push(await seconds(() => jobs['workbooks:read']!({ id }, call)))
    flat.push(highest - before)
    const { good, bad } = await one<{ good: number; bad: number }>(database.db, sql`select count(*) filter (where state = 'good')::int as good, count(*) filter (where state = 'bad')::int as bad from workbook_row where import_id = ${id}`)
    const cells = await badCells(database, id)
    if (good !== rows - 3 || bad !== 3) throw new Error(`read ${good} good and ${bad} bad rows of ${rows}`)
    if (round === 0) console.log(`the three bad cells: ${cells.join(', ')}`)
    await run(database.db, sql`update workbook_import set state = 'puttingIn' where id = ${id}`)
    puts.push(await seconds(() => jobs['workbooks:putIn']!({ id }, call)))
    const { records } = await one<{ records: number }>(database.db, sql`select count(*)::int as records from record where form = ${form.code}`)
    if (records !== rows - 3) throw new Error(`${records} records`)
    await run(database.db, sql`truncate record, workbook_import cascade`)
  }
  clearInterval(watch)
  const { size } = await stat(path)
  const [bare, read, put] = [summary('bare parse by exceljs', 's', bares), summary('read, merged, checked, kept', 's', reads), summary('put in as submissions, with their events', 's', puts)]
  const measured = `${rows} rows × 30 columns, ${Math.round(size / 1e6)} MB, 3 bad rows named; memory grew by ${Math.round(Math.max(...flat.slice(1)) / 1e6)} MB while reading`
  print({ claim: 'a workbook that comes back, until its findings are there', bar: '≤ 3 × the bare parse', measured, ratio: read.median / bare.median, holds: read.median / bare.median <= 3, figures: [read, bare] })
  print(await threeBadCellsOf28000(database, call))
  print({ claim: 'all its good rows put in', bar: 'told, no bar', measured: `${rows - 3} submissions`, ratio: put.median / bare.median, holds: true, figures: [put, bare] })
  await database.close()
  await embedded.stop()
  await rm(folder, { recursive: true, force: true })
}

/** 28,000 rows with three bad cells: each is named, and the rest goes in. */
async function threeBadCellsOf28000(database: Database, call: JobCall): Promise<Claim> {
  const path = join(call.dataDir, 'more.xlsx')
  const { province, rows } = await prepared(database, path, hebei)
  const bare = await seconds(() => bareParse(path))
  const id = await brought(database, province, path, call, hebei.period, 'more')
  const read = await seconds(() => jobs['workbooks:read']!({ id }, call))
  const named = await badCells(database, id)
  await run(database.db, sql`update workbook_import set state = 'puttingIn' where id = ${id}`)
  await jobs['workbooks:putIn']!({ id }, call)
  const { records } = await one<{ records: number }>(database.db, sql`select count(*)::int as records from record where period = ${hebei.period}`)
  return {
    claim: 'of 28,000 rows the three bad cells are named, and the others go in', bar: 'exactly these three', measured: `${rows} rows × 30 columns: ${named.join(', ')}; ${records} submissions`,
    ratio: read / bare, holds: rows === 28_000 && named.join() === 'J5002,E12002,G21002' && records === rows - 3, figures: [summary('read, merged, checked, kept', 's', [read]), summary('bare parse by exceljs', 's', [bare])],
  }
}

async function badCells(database: Database, id: number): Promise<string[]> {
  const cells = await many<{ cell: string }>(database.db, sql`select f->>'cell' as cell from workbook_row r, jsonb_array_elements(r.findings) f where r.import_id = ${id} and r.state = 'bad' and f->>'level' = 'error' order by r.n`)
  return cells.map(({ cell }) => cell)
}

/** A platform with the form of thirty columns. */
async function emptyPlatform(database: Database): Promise<void> {
  await migrate(database.pool)
  await applyPack(database, fileURLToPath(new URL('../../packs/three-basics-2018', import.meta.url)))
  await registerForm(database.db, form, items, { state: 'registered', by: 'bench', pack: null })
}

/** A province whose villages are asked the form, and the workbook that they filled in. */
async function prepared(database: Database, path: string, { code, rows, period }: Asked): Promise<{ province: number; rows: number }> {
  await importUnits(database, unitsOfChina(code), { source: `china:${code}` })
  const { province } = await one<{ province: number }>(database.db, sql`select id as province from unit where level = 1 and code like ${`${code}%`}`)
  await run(database.db, sql`insert into form_period (form, period, opens, due) values (${form.code}, ${period}, '2018-12-01', '2019-01-10')`)
  await run(database.db, sql`insert into expected_return (form, period, county_id, unit_id, due) select ${form.code}, ${period}::int, coalesce(l3, l2, l1), id, '2019-01-10' from unit where level = 5 and l1 = ${province} order by code limit ${rows}`)
  await run(database.db, sql`analyze`)
  const units = await many<{ code: string; name: string }>(database.db, sql`select u.code, u.name from expected_return e join unit u on u.id = e.unit_id where e.form = ${form.code} and e.period = ${period} order by u.code`)
  await filled(path, units, period)
  return { province, rows: units.length }
}

/** The workbook as somebody brought it: its file in its place, waiting to be read. */
async function brought(database: Database, province: number, path: string, { files }: { files: FileStore }, period: number, sha256: string): Promise<number> {
  const { id } = await one<{ id: number }>(
    database.db,
    sql`insert into workbook_import (unit_id, form, form_version, period, layout, name, sha256, bytes, grants, put, brought_by, brought_at)
        values (${province}, ${form.code}, 1, ${period}, 'many', 'in.xlsx', ${sha256}, 1, ${JSON.stringify([{ post: 0, unit: province }])}::jsonb,
          ${JSON.stringify({ as: 'submit', confirmed: true, note: null, by: 'bench', grants: [{ post: 0, unit: province }] })}::jsonb, 'bench', now()) returning id`,
  )
  await keepFor(files, id, path)
  return id
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return (performance.now() - started) / 1000
}

async function bareParse(path: string): Promise<void> {
  let cells = 0
  const options = { worksheets: 'emit', sharedStrings: 'cache', hyperlinks: 'ignore', styles: 'cache', entries: 'emit' } as const
  for await (const sheet of new ExcelJS.stream.xlsx.WorkbookReader(path, options)) for await (const row of sheet) row.eachCell(() => void cells++)
  if (cells < shanxi.rows * 30) throw new Error(`only ${cells} cells`)
}

async function filled(path: string, units: readonly { code: string; name: string }[], period: number): Promise<void> {
  const book = new ExcelJS.stream.xlsx.WorkbookWriter({ stream: createWriteStream(path) as never, useStyles: true, useSharedStrings: false })
  const sheet = book.addWorksheet('填报')
  const resolved = resolveForm(form, new Map(items.map((item) => [item.code, item])), 1)
  sheet.addRow([writeStamp({ form: form.code, version: 1, period: periodText(period), layout: 'many' }), 'unit.code', 'unit.name', ...items.map(({ code }) => code)]).commit()
  const mark = basesOf(resolved, {})
  for (const [n, { code, name }] of units.entries()) {
    const cells: (string | number)[] = items.map(({ type }, at) => (type === 'yesNo' ? '是' : type === 'money' ? 1000 + n / 100 : at === 0 ? 900 : at === 4 ? 800 : ((n * 31 + at) % 700)))
    if (n === 5_000) cells[6] = '七百'
    if (n === 12_000) cells[1] = 901
    if (n === 21_000) cells[3] = '也许'
    sheet.addRow([writeRowStamp({ u: code, v: 0, d: 0, b: mark }), code, name, ...cells]).commit()
  }
  sheet.commit()
  await book.commit()
}
