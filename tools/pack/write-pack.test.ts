import fc from 'fast-check'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { afterAll, describe, expect, test } from 'vitest'
import { IndicatorDefinition } from '../../capabilities/indicators/indicator-definition.ts'
import { FormDefinition } from '../../capabilities/ledgers/form-definition.ts'
import { isProblem } from '../../rules/problem.ts'
import { packParts } from '../../server/rooms.ts'
import { ownDatabase } from '../../tests/world.ts'
import { applyPack } from './apply-pack.ts'
import { canonicalValue } from './canonical.ts'
import { checkPack } from './check-pack.ts'
import { readPack, readPackFiles } from './read-pack.ts'
import { appliedPacks, packFiles, writePack, yamlOf } from './write-pack.ts'

const own = ownDatabase()
const source = new URL('../../packs/three-basics-2018', import.meta.url).pathname
const folders: string[] = []
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))))
async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sanji-export-'))
  folders.push(folder)
  return folder
}
const exported = async (code = 'three-basics-2018') => packFiles((await appliedPacks(own.db, code))[0]!.content, packParts)

describe('a pack that is exported is the pack that was applied', () => {
  test('export, check, apply, export gives the same bytes', async () => {
    await applyPack(own.database, source)
    const first = await exported()
    const folder = await newFolder()
    await writePack(folder, first)
    const read = await readPack(folder, packParts)
    expect((await checkPack(own.db, read, packParts)).findings).toEqual([])
    await applyPack(own.database, folder)
    const second = await exported()
    expect([...second]).toEqual([...first])
    expect([...first.keys()]).toContain('forms/village-month.yaml')
  })

  test('nothing that the parts read has changed: every section means the same as in the written files', async () => {
    const before = await readPack(source, packParts)
    const after = await readPackFiles(await exported(), packParts)
    for (const part of packParts.filter((one) => one.name in before.sections)) {
      const sorted = (value: unknown) => (part.name === 'forms' ? (value as FormDefinition[]).toSorted((a, b) => (a.code < b.code ? -1 : 1)) : value)
      expect(sorted(part.schema.parse(after.sections[part.name]))).toEqual(sorted(part.schema.parse(before.sections[part.name])))
    }
  })

  test('applied over the one it came from, nothing is added, changed or removed', async () => {
    await applyPack(own.database, source)
    const { parts } = await applyPack(own.database, await readPackFiles(await exported(), packParts))
    for (const done of Object.values(parts)) expect([done.added, done.changed, done.removed]).toEqual([[], [], []])
  })

  test('an upload reads like the folder: the same values, the same findings', async () => {
    const folder = await newFolder()
    await cp(source, folder, { recursive: true })
    await writeFile(join(folder, 'forms', 'village-month.yaml'), '- code: X\n  wrong: 1\n')
    const files = new Map<string, string>()
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) files.set(join(entry.parentPath, entry.name).slice(folder.length + 1), await readFile(join(entry.parentPath, entry.name), 'utf8'))
    }
    const [fromFolder, fromFiles] = [await readPack(folder, packParts), await readPackFiles(files, packParts)]
    expect(fromFiles.hash).toBe(fromFolder.hash)
    expect((await checkPack(own.db, fromFiles, packParts)).findings).toEqual((await checkPack(own.db, fromFolder, packParts)).findings)
  })

  test('a folder with something else in it is left alone', async () => {
    const folder = await newFolder()
    await writeFile(join(folder, 'notes.txt'), 'mine')
    const refused = await writePack(folder, await exported()).catch((error: unknown) => error)
    expect(isProblem(refused, 'folder-not-empty')).toBe(true)
    expect(await readdir(folder)).toEqual(['notes.txt'])
  })
})

describe('the one form of a value', () => {
  test.each([
    ['defaults are left out', { code: 'a', asks: 'a', required: true }, { code: 'a', asks: 'a' }],
    ['what differs from the default stays', { code: 'a', asks: 'a', required: false }, { code: 'a', asks: 'a', required: false }],
    ['keys stand in the order of the schema', { min: '0', asks: 'a', code: 'a' }, { code: 'a', asks: 'a', min: '0' }],
    ['keys nobody knows come last, for the check to tell', { zz: 1, code: 'a' }, { code: 'a', zz: 1 }],
  ])('%s', (_title, field, wanted) => {
    const form = { code: 'f', sections: [{ fields: [field] }] }
    expect(JSON.stringify(canonicalValue(FormDefinition, form))).toBe(JSON.stringify({ code: 'f', sections: [{ fields: [wanted] }] }))
  })

  test('a decimal is text, however it was written', () => {
    expect(canonicalValue(IndicatorDefinition, { code: 'a', benchmark: 0.9, targets: { 2018: 1 } })).toEqual({ code: 'a', benchmark: '0.9', targets: { 2018: '1' } })
  })

  const text = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('2018-06-29', '1.0', 'yes', 'null', '~', '- a', 'a: b', '# x', "it's", '"', '两行\n第二行', ' 前后 ', '@x', '\t', '{', '&a', '*a', '!x', '%', '|', '>', '0x1f', '1e3', '.inf'))
  const value: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
    node: fc.oneof({ maxDepth: 4 }, text, fc.integer(), fc.boolean(), fc.array(tie('node'), { maxLength: 4 }), fc.dictionary(text.filter((key) => key !== '__proto__'), tie('node'), { maxKeys: 4 })),
  })).node

  test('whatever is written as YAML is read as the same value, and written as the same bytes', () => {
    fc.assert(fc.property(fc.array(value, { maxLength: 4 }), (list) => {
      const written = yamlOf(list)
      expect(parse(written)).toEqual(list)
      expect(yamlOf(parse(written))).toBe(written)
    }), { numRuns: 300 })
  })
})
