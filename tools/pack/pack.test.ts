import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Problem } from '../../rules/problem.ts'
import { many, one, sql } from '../../server/db.ts'
import type { PackPart } from '../../server/pack.ts'
import { ownDatabase } from '../../tests/world.ts'
import { applyPack } from './apply-pack.ts'
import { checkPack } from './check-pack.ts'
import { diffPack, diffText } from './diff-pack.ts'
import { readPack } from './read-pack.ts'

const own = ownDatabase()

const folders: string[] = []
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))))

async function packOf(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sanji-pack-'))
  folders.push(folder)
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), text)
  }
  return folder
}

const head = (code: string, version = '1.0') => `code: ${code}\nversion: '${version}'\ntitle: { zh: 试用, en: Trial }\n`

const Words = z.strictObject({ zh: z.string(), en: z.string() })
const Wells = z.array(
  z.strictObject({
    code: z.string().regex(/^[a-z0-9-]+$/),
    name: Words,
    depth: z.number().positive(),
    dug: z.boolean().default(false),
    villages: z.array(z.string()).default([]),
    probes: z.array(z.strictObject({ code: z.string(), at: z.number() })).default([]),
  }),
)
type Wells = z.infer<typeof Wells>

/** A part of its own for the tests: what it applies shows in the `file` table. */
const wells: PackPart<Wells> = {
  name: 'wells',
  schema: Wells,
  check: (section) =>
    section.flatMap((well, i) => (well.depth > 900 ? [{ code: 'well-too-deep', path: `${i}.depth`, facts: { depth: well.depth } }] : [])),
  sentences: { 'well-too-deep': { zh: '井深 {{depth}} 米过深。请核对。', en: 'A depth of {{depth}} m is too deep. Check it.' } },
  apply: async (tx, section, { pack }) => {
    await sql`delete from file where created_by = ${pack}`.execute(tx)
    for (const well of section) {
      await sql`insert into file (sha256, bytes, name, type, created_by) values ('', ${well.depth}, ${well.code}, 'well', ${pack})`.execute(tx)
    }
    return { added: section.map((well) => well.code), changed: [], removed: [], same: 0 }
  },
}
const Rules = z.strictObject({ heads: z.array(z.strictObject({ code: z.string() })).default([]), rows: z.array(z.strictObject({ code: z.string(), n: z.number() })).default([]) })
const rulesPart: PackPart<z.infer<typeof Rules>> = {
  name: 'rules',
  schema: Rules,
  check: () => [],
  apply: (_, section) => Promise.resolve({ added: section.rows.map((row) => row.code), changed: [], removed: [], same: 0 }),
}
const parts = [wells, rulesPart]
const wellsNow = (pack: string) =>
  many<{ name: string; bytes: number }>(own.db, sql`select name, bytes from file where created_by = ${pack} order by name`)
const check = async (files: Record<string, string>) => checkPack(own.db, await readPack(await packOf(files), parts), parts)
const places = (checked: Awaited<ReturnType<typeof check>>) =>
  checked.findings.map((finding) => `${finding.file}:${finding.line}:${finding.column} ${finding.id} ${finding.code}`)

describe('a pack is checked', () => {
  it('a wrong value is told with file, line, column and the thing it belongs to', async () => {
    const checked = await check({
      'pack.yaml': head('w1'),
      'wells.yaml': '# wells of the county\n- code: east\n  name: { zh: 东井, en: East well }\n  depth: 12\n- code: west\n  name: { zh: 西井 }\n  depth: twelve\n  deepness: 3\n',
    })
    expect(places(checked)).toEqual([
      'wells.yaml:6:9 west missing',
      'wells.yaml:7:10 west type',
      'wells.yaml:8:3 west key-unknown',
    ])
    expect(checked.findings[2]!.say.en).toContain('deepness')
  })

  it('a wrong cell of a CSV is told with its row, even below a cell with line breaks', async () => {
    const checked = await check({
      'pack.yaml': head('w2'),
      'wells.csv': 'code,name.zh,name.en,depth,dug,villages\neast,"东\n井",East,12,是,一村；二村\n\nwest,西井,West,x,否,\nnorth,北井,North,3\n',
    })
    expect(places(checked)).toEqual(['wells.csv:5:4 west type', 'wells.csv:6:5  csv-cells'])
  })

  it('cells become what the schema says: numbers, yes and no, lists, objects', async () => {
    const checked = await check({ 'pack.yaml': head('w2b'), 'wells.csv': 'code,name.zh,name.en,depth,dug,villages\n007,东井,East,12.5,是,一村；二村\n' })
    expect(checked.findings).toEqual([])
    expect(checked.sections.wells).toEqual([
      { code: '007', name: { zh: '东井', en: 'East' }, depth: 12.5, dug: true, villages: ['一村', '二村'], probes: [] },
    ])
  })

  it('a syntax error is told at its line, and nothing else about that file', async () => {
    const checked = await check({ 'pack.yaml': head('w3'), 'wells.yaml': '- code: east\n  name: { zh: 东井, en: East\n- code: west\n' })
    expect(checked.findings.length).toBeGreaterThan(0)
    expect(new Set(checked.findings.map((finding) => finding.code))).toEqual(new Set(['yaml-syntax']))
    expect(checked.findings[0]!.line).toBeGreaterThan(1)
  })

  it('files of a folder are joined, and an id that stands twice names both places', async () => {
    const well = (code: string) => `- code: ${code}\n  name: { zh: 井, en: Well }\n  depth: 5\n`
    const checked = await check({
      'pack.yaml': head('w4'),
      'wells/a.yaml': well('one') + well('two'),
      'wells/b.yaml': well('three') + well('one'),
      'rules/heads.yaml': '- code: h\n',
      'rules/rows.csv': 'code,n\na,1\nb,2\n',
    })
    expect(places(checked)).toEqual(['wells/b.yaml:4:3 one id-twice'])
    expect(checked.findings[0]!.facts).toMatchObject({ first: 'wells/a.yaml:1' })
    expect((checked.sections.wells as Wells).map((each) => each.code)).toEqual(['one', 'two', 'three', 'one'])
    expect(checked.sections.rules).toEqual({ heads: [{ code: 'h' }], rows: [{ code: 'a', n: 1 }, { code: 'b', n: 2 }] })
  })

  it('a file that no part reads is named, and a missing head', async () => {
    expect(places(await check({ 'wels.yaml': '[]', 'README.md': 'about', 'wells/note.txt': 'x' }))).toEqual([
      'pack.yaml:1:1  head-missing', 'wells/note.txt:1:1  file-unknown', 'wels.yaml:1:1  file-unknown',
    ])
  })

  it('a folder that is not there is a finding, not a crash', async () => {
    const checked = await checkPack(own.db, await readPack('/nowhere/at-all', parts), parts)
    expect(checked.findings.map((finding) => finding.code)).toEqual(['folder-missing'])
  })

  it('a word across a red line is refused in keys, texts and cells', async () => {
    const checked = await check({
      'pack.yaml': head('w5'),
      'wells.yaml': '- code: east\n  name: { zh: 宗教场所水井, en: Well }\n  depth: 3\n  probes: [{ code: gpsTrack, at: 1 }]\n  religion: x\n',
    })
    expect(places(checked).filter((place) => place.endsWith('forbidden-word'))).toEqual([
      'wells.yaml:2:15 east forbidden-word', 'wells.yaml:4:20 east/gpsTrack forbidden-word', 'wells.yaml:5:3 east forbidden-word',
    ])
    expect(checked.findings[0]!.say.zh).toContain('宗教')
  })

  it('what a part finds stands at the value, in the part’s own sentence', async () => {
    const checked = await check({ 'pack.yaml': head('w6'), 'wells.yaml': '- { code: deep, name: { zh: 井, en: W }, depth: 1000 }\n' })
    expect(places(checked)).toEqual(['wells.yaml:1:48 deep well-too-deep'])
    expect(checked.findings[0]!.say.en).toBe('A depth of 1000 m is too deep. Check it.')
  })

  it('a pack that it requires must be applied', async () => {
    const checked = await check({ 'pack.yaml': `${head('w7')}requires: [nowhere]\n` })
    expect(places(checked)).toEqual(['pack.yaml:4:12 nowhere pack-required'])
  })
})

describe('a pack is applied', () => {
  const files = (code: string, depth: number, version = '1.0') => ({
    'pack.yaml': head(code, version),
    'wells.yaml': `- { code: a, name: { zh: 甲, en: A }, depth: ${depth} }\n- { code: b, name: { zh: 乙, en: B }, depth: 2 }\n`,
  })

  it('all parts run in order, and the trail tells it once', async () => {
    const seen: string[] = []
    const folder = await packOf({ ...files('p1', 1), 'rules.yaml': 'rows: [{ code: r, n: 1 }]\n' })
    const applied = await applyPack(own.database, folder, { by: 'admin', parts, onProgress: ({ name, at, of }) => seen.push(`${name} ${at}/${of}`) })
    expect(applied).toMatchObject({ pack: 'p1', version: '1.0', same: false })
    expect(seen).toEqual(['wells 1/2', 'rules 2/2'])
    expect(await wellsNow('p1')).toEqual([{ name: 'a', bytes: 1 }, { name: 'b', bytes: 2 }])
    const events = await many<{ actor: string; facts: any }>(own.db, sql`select actor, facts from event where subject = 'pack:p1'`)
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({ actor: 'admin', facts: { version: '1.0', counts: { wells: { added: 2 }, rules: { added: 1 } } } })
  })

  it('applying twice changes nothing and says so, however the files are laid out', async () => {
    await applyPack(own.database, await packOf(files('p2', 1)), { parts })
    const before = await one(own.db, sql`select p::text from pack p where code = 'p2'`)
    const { 'wells.yaml': wellsText, ...rest } = files('p2', 1)
    const laidOut = await packOf({ ...rest, 'wells/all.yaml': `# the same\n${wellsText}` })
    const again = await applyPack(own.database, laidOut, { parts })
    expect(again).toEqual({ pack: 'p2', version: '1.0', same: true, parts: {} })
    expect(await one(own.db, sql`select p::text from pack p where code = 'p2'`)).toEqual(before)
    expect(await many(own.db, sql`select from event where subject = 'pack:p2'`)).toHaveLength(1)
  })

  it('a failure in the last part leaves nothing of the parts before it', async () => {
    const broken: PackPart<any> = { ...rulesPart, apply: () => Promise.reject(new Error('the disk is full')) }
    const folder = await packOf({ ...files('p3', 1), 'rules.yaml': 'rows: []\n' })
    await expect(applyPack(own.database, folder, { parts: [wells, broken] })).rejects.toThrow('the disk is full')
    expect(await wellsNow('p3')).toEqual([])
    expect(await many(own.db, sql`select from pack where code = 'p3'`)).toEqual([])
    expect(await many(own.db, sql`select from event where subject = 'pack:p3'`)).toEqual([])
  })

  it('a pack with findings is refused whole, each with file and line', async () => {
    const folder = await packOf({ 'pack.yaml': head('p4'), 'wells.yaml': '- { code: a, name: { zh: 甲, en: A } }\n' })
    const problem: Problem = await applyPack(own.database, folder, { parts }).then(() => expect.unreachable(), (error: Problem) => error)
    expect(problem.code).toBe('pack-invalid')
    expect(problem.findings).toMatchObject([{ code: 'missing', path: 'wells.yaml:1:3', facts: { id: 'a', say: { en: 'depth is missing. Give it.' } } }])
    expect(await many(own.db, sql`select from pack where code = 'p4'`)).toEqual([])
  })

  it('a section that a new version drops is emptied', async () => {
    await applyPack(own.database, await packOf(files('p5', 1)), { parts })
    await applyPack(own.database, await packOf({ 'pack.yaml': head('p5', '2.0') }), { parts })
    expect(await wellsNow('p5')).toEqual([])
  })

  it('two applications at once end as one after the other', async () => {
    const folder = await packOf(files('p6', 1))
    const both = await Promise.all([1, 2].map(() => applyPack(own.database, folder, { parts })))
    expect(both.map((applied) => applied.same).sort()).toEqual([false, true])
  })
})

describe('the difference to what is applied', () => {
  it('names added, removed and changed ids, and each leaf from and to', async () => {
    const first = `- { code: a, name: { zh: 甲, en: A }, depth: 1, probes: [{ code: p, at: 1 }, { code: q, at: 2 }] }\n- { code: b, name: { zh: 乙, en: B }, depth: 2 }\n`
    const second = `- { code: c, name: { zh: 丙, en: C }, depth: 3 }\n- { code: a, name: { zh: 甲, en: A }, depth: 4, probes: [{ code: q, at: 2 }, { code: p, at: 9 }] }\n`
    await applyPack(own.database, await packOf({ 'pack.yaml': head('d1'), 'wells.yaml': first }), { parts })
    const next = await readPack(await packOf({ 'pack.yaml': head('d1', '1.1'), 'wells.yaml': second }), parts)
    const diff = await diffPack(own.db, next, parts)
    expect(diff).toEqual({
      pack: 'd1',
      from: '1.0',
      to: '1.1',
      same: false,
      stays: [],
      lists: [
        { section: 'pack', list: '', added: [], removed: [], changed: [{ id: '', leaves: [{ path: 'version', from: '1.0', to: '1.1' }] }] },
        {
          section: 'wells', list: '', added: ['c'], removed: ['b'],
          changed: [{
            id: 'a',
            leaves: [
              { path: 'depth', from: 1, to: 4 },
              { path: 'probes (order)', from: 'p, q', to: 'q, p' },
              { path: 'probes[p].at', from: 1, to: 9 },
            ],
          }],
        },
      ],
    })
    expect(diffText(diff)).toContain('      depth: 1 → 4')
  })

  it('an applied pack differs in nothing', async () => {
    const folder = await packOf({ 'pack.yaml': head('d2'), 'rules.yaml': 'rows: [{ code: r, n: 1 }]\n' })
    const read = await readPack(folder, parts)
    expect(await diffPack(own.db, read, parts)).toMatchObject({ from: null, same: false, lists: [{ section: 'pack' }, { section: 'rules', list: 'rows', added: ['r'] }] })
    await applyPack(own.database, read, { parts })
    expect(await diffPack(own.db, read, parts)).toMatchObject({ from: '1.0', same: true, lists: [] })
  })
})
