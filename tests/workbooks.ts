import { usualSettings } from '../server/answer.ts'
import ExcelJS from 'exceljs'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { crc32, deflateRawSync } from 'node:zlib'
import { pino } from 'pino'
import type { Actor } from '../capabilities/access/permission.ts'
import type { DataItemDefinition, FormDefinition } from '../capabilities/ledgers/form-definition.ts'
import type { Database } from '../server/db.ts'
import { inFolder, type FileStore } from '../server/file-store.ts'
import { httpServer } from '../server/http.ts'
import type { JobCall } from '../server/queue.ts'
import { jobs, rawRoutes, router } from '../server/rooms.ts'

const both = (zh: string, en: string) => ({ zh, en })
const item = (code: string, zh: string, more: Partial<DataItemDefinition>): DataItemDefinition => ({
  code, name: both(zh, code), type: 'number', definition: both(`${zh}的口径`, `What ${code} is`), cycle: 'month', precision: 0, hedged: false, sensitivity: 'open', ...more,
})

/** A field of each kind, as a village fills them in. */
export const everyKindItems: DataItemDefinition[] = [
  item('people', '受益人数', { unit: '人' }),
  item('gain', '收益', { type: 'money' }),
  item('heldOn', '开会日期', { type: 'date' }),
  item('premises', '场所状况', { type: 'choice', choices: [{ value: 'own', name: both('自有', 'Own') }, { value: 'rented', name: both('租用', 'Rented') }] }),
  item('published', '已公开', { type: 'yesNo' }),
  item('remark', '备注', { type: 'text' }),
  item('area', '面积', { unit: '平方米', precision: 1, hedged: true }),
  item('rooms', '房间', { type: 'table', columns: [{ code: 'use', name: both('用途', 'Use'), type: 'text', precision: 0, required: true }, { code: 'count', name: both('间数', 'Count'), type: 'number', unit: '间', precision: 0, required: true }] }),
]
export const everyKind: FormDefinition = {
  code: 'every-kind',
  name: both('各类字段表', 'Every kind'),
  audience: ['village'],
  cycle: 'month',
  minutes: 3,
  expires: '2019-12-31',
  approval: { by: '测试减负审核员', on: '2018-01-01' },
  sections: [
    {
      name: both('一', 'One'),
      fields: [
        { code: 'households', shows: 'households', required: false },
        { code: 'people', asks: 'people', required: true, min: '0' },
        { code: 'gain', asks: 'gain', required: true },
        { code: 'heldOn', asks: 'heldOn', required: false },
        { code: 'premises', asks: 'premises', required: false },
        { code: 'published', asks: 'published', required: false },
        { code: 'remark', asks: 'remark', required: false },
        { code: 'area', asks: 'area', required: false },
        { code: 'rooms', asks: 'rooms', required: false },
      ],
    },
  ],
  checks: [{ code: 'people-small', holds: 'people <= 1000', level: 'error', fields: ['people'], message: both('受益人数不能超过 1000', 'Not more than 1000 people') }],
}

/** The platform’s routes over HTTP as one person, with jobs that run when the test says so. */
export type Desk = {
  url: string
  /** Who asks from now on. */
  as: (actor: Actor | undefined) => void
  out: (query: string) => Promise<Buffer>
  bring: (file: Buffer | string, query: string) => Promise<{ status: number; body: any }>
  marked: (id: number) => Promise<Buffer>
  run: (job: string, id: number) => Promise<void>
  call: JobCall
  close: () => Promise<void>
}

/** @param files where uploads wait; a folder of the desk's own when nothing is said */
export async function openDesk(database: Database, { now = '2018-07-02T09:00:00+08:00', files: given }: { now?: string; files?: FileStore } = {}): Promise<Desk> {
  const dataDir = await mkdtemp(join(tmpdir(), 'sanji-workbooks-'))
  const files = given ?? inFolder(join(dataDir, 'files'))
  let actor: Actor | undefined
  const clock = () => new Date(now)
  const log = pino({ level: 'silent' })
  const server = httpServer({
    database, router, raw: rawRoutes, signIn: async (_request, response) => void response.end(), actorOf: async () => actor,
    outside: async (_request, response) => void response.end(), log, clock, dataDir, files,
  }).listen(0)
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`
  const call: JobCall = { database, dataDir, files, settings: usualSettings, now: clock(), log }
  const got = async (path: string) => {
    const response = await fetch(`${url}${path}`)
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return Buffer.from(await response.arrayBuffer())
  }
  return {
    url,
    as: (who) => void (actor = who),
    out: (query) => got(`/workbooks/out?${query}`),
    marked: (id) => got(`/workbooks/imports/${id}/marked`),
    bring: async (file, query) => {
      const response = await fetch(`${url}/workbooks/in?${query}`, { method: 'POST', body: file as never, headers: { 'content-type': 'application/octet-stream' } })
      return { status: response.status, body: await response.json() }
    },
    run: (job, id) => jobs[job]!({ id }, call),
    call,
    close: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

export async function bookOf(file: Buffer): Promise<ExcelJS.Workbook> {
  const book = new ExcelJS.Workbook()
  await book.xlsx.load(file as never)
  return book
}

export async function fileOf(book: ExcelJS.Workbook): Promise<Buffer> {
  return Buffer.from(await book.xlsx.writeBuffer())
}

/** The main sheet as a person sees it: cells by unit code (or field) and column. */
export function sheetOf(book: ExcelJS.Workbook, at = 0): { sheet: ExcelJS.Worksheet; cell: (row: string, column: string) => ExcelJS.Cell; rowOf: (row: string) => number } {
  const sheet = book.worksheets[at]!
  let codes = 0
  sheet.eachRow((row, number) => {
    row.eachCell((cell) => {
      if (String(cell.value).startsWith('sanji:1 ')) codes = number
    })
  })
  const columns = new Map<string, number>()
  sheet.getRow(codes).eachCell((cell, column) => void columns.set(String(cell.value), column))
  const rowOf = (key: string) => {
    let found = 0
    sheet.eachRow((row, number) => {
      if (number <= codes || found) return
      const mark = String(row.getCell(1).value ?? '')
      if (mark.includes(`"f":"${key}"`) || String(row.getCell(columns.get('unit.code') ?? 2).value) === key) found = number
    })
    if (found === 0) throw new Error(`no row ${key}`)
    return found
  }
  return { sheet, rowOf, cell: (row, column) => sheet.getCell(rowOf(row), columns.get(column) ?? Number.NaN) }
}

// ---- files that are no workbook, or pretend to be one

/** A zip of these parts; `declares` lies about what a part inflates to. */
export function zipOf(parts: Record<string, Buffer>, { declares, encrypted = false }: { declares?: number; encrypted?: boolean } = {}): Buffer {
  const locals: Buffer[] = []
  const central: Buffer[] = []
  let at = 0
  for (const [name, content] of Object.entries(parts)) {
    const packed = deflateRawSync(content)
    const head = Buffer.alloc(30)
    head.writeUInt32LE(0x04034b50, 0)
    head.writeUInt16LE(20, 4)
    head.writeUInt16LE(encrypted ? 1 : 0, 6)
    head.writeUInt16LE(8, 8)
    head.writeUInt32LE(crc32(content), 14)
    head.writeUInt32LE(packed.length, 18)
    head.writeUInt32LE(declares ?? content.length, 22)
    head.writeUInt16LE(Buffer.byteLength(name), 26)
    const entry = Buffer.alloc(46)
    entry.writeUInt32LE(0x02014b50, 0)
    head.copy(entry, 6, 4, 30)
    entry.writeUInt32LE(at, 42)
    const local = Buffer.concat([head, Buffer.from(name), packed])
    at += local.length
    locals.push(local)
    central.push(entry, Buffer.from(name))
  }
  const directory = Buffer.concat(central)
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(Object.keys(parts).length % 65_536, 8)
  end.writeUInt16LE(Object.keys(parts).length % 65_536, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...locals, directory, end])
}

// ---- LibreOffice

export const libreOffice = ['/usr/bin/libreoffice', '/usr/bin/soffice'].find((path) => existsSync(path))

/**
 * Opens a workbook in LibreOffice, does to it what `steps` say (LibreOffice Basic, `sheet` is the first sheet, unlocked as
 * anybody may unlock it) and saves it as .xlsx: a person at his own program, whatever our writer and reader think of files.
 */
export async function editedByLibreOffice(file: Buffer, steps: readonly string[]): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), 'sanji-office-'))
  const xml = (kind: string, dtd: string, body: string) => `<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE ${kind} PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "${dtd}.dtd">\n${body}`
  const escaped = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
  const program = `Sub Edit(given As String, made As String)
  Dim hidden(0) As New com.sun.star.beans.PropertyValue
  hidden(0).Name = "Hidden"
  hidden(0).Value = True
  doc = StarDesktop.loadComponentFromURL(ConvertToURL(given), "_blank", 0, hidden())
  sheet = doc.Sheets.getByIndex(0)
  sheet.unprotect("")
${steps.map((step) => `  ${step}`).join('\n')}
  Dim saved(0) As New com.sun.star.beans.PropertyValue
  saved(0).Name = "FilterName"
  saved(0).Value = "Calc MS Excel 2007 XML"
  doc.storeToURL(ConvertToURL(made), saved())
  doc.close(True)
  StarDesktop.terminate()
End Sub`
  try {
    // The first start makes the profile, with empty macros over whatever is there.
    const office = (...args: string[]) => promisify(execFile)(libreOffice!, ['--headless', '--norestore', `-env:UserInstallation=file://${join(folder, 'profile')}`, ...args], { timeout: 240_000 })
    await office('--terminate_after_init')
    const basic = join(folder, 'profile', 'user', 'basic')
    await mkdir(join(basic, 'Standard'), { recursive: true })
    await writeFile(join(basic, 'script.xlc'), xml('library:libraries', 'libraries', '<library:libraries xmlns:library="http://openoffice.org/2000/library" xmlns:xlink="http://www.w3.org/1999/xlink"><library:library library:name="Standard" xlink:href="$(USER)/basic/Standard/script.xlb/" xlink:type="simple" library:link="false"/></library:libraries>'))
    await writeFile(join(basic, 'Standard', 'script.xlb'), xml('library:library', 'library', '<library:library xmlns:library="http://openoffice.org/2000/library" library:name="Standard" library:readonly="false" library:passwordprotected="false"><library:element library:name="Work"/></library:library>'))
    await writeFile(join(basic, 'Standard', 'Work.xba'), xml('script:module', 'module', `<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Work" script:language="StarBasic">${escaped(program)}</script:module>`))
    const [given, made] = [join(folder, 'given.xlsx'), join(folder, 'made.xlsx')]
    await writeFile(given, file)
    await office(`macro:///Standard.Work.Edit("${given}","${made}")`)
    return await readFile(made)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Opens each file in LibreOffice and saves it again as .xlsx: one start for all of them, with a profile of its own. */
export async function savedByLibreOffice(files: Record<string, Buffer>): Promise<Record<string, Buffer>> {
  const folder = await mkdtemp(join(tmpdir(), 'sanji-office-'))
  try {
    const [given, made] = [join(folder, 'in'), join(folder, 'out')]
    await mkdir(given)
    for (const [name, file] of Object.entries(files)) await writeFile(join(given, `${name}.xlsx`), file)
    const paths = Object.keys(files).map((name) => join(given, `${name}.xlsx`))
    await promisify(execFile)(libreOffice!, ['--headless', '--norestore', `-env:UserInstallation=file://${join(folder, 'profile')}`, '--convert-to', 'xlsx:Calc MS Excel 2007 XML', '--outdir', made, ...paths], { timeout: 240_000 })
    return Object.fromEntries(await Promise.all(Object.keys(files).map(async (name) => [name, await readFile(join(made, `${name}.xlsx`))] as const)))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
