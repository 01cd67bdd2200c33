import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Finding } from '../../rules/problem.ts'
import { many, one, run, sql } from '../../server/db.ts'
import { ownDatabase } from '../../tests/world.ts'
import { classOfDivision, wholeCode } from './unit-file.ts'
import { importUnits, unitsOfChina, unitsOfCsv } from './units-import.server.ts'

const own = ownDatabase()
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sanji-units-'))
  await run(
    own.db,
    sql`insert into unit_class (code, name_zh, name_en, level) values ('province','省','Province',1), ('city','市','City',2), ('county','县','County',3), ('district','区','District',3),
        ('township','乡镇','Township',4), ('street','街道','Street',4), ('village','村','Village',5), ('community','社区','Community',5), ('department','部门','Department',3)`,
  )
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const head = 'code,name,kind,class,areaParent,lineParent,management,validFrom,residents'
async function importText(...lines: string[]) {
  const path = join(folder, 'units.csv')
  await writeFile(path, [head, ...lines].join('\n'))
  const findings: Finding[] = []
  return importUnits(own.database, unitsOfCsv(path, findings), { source: 'units.csv', findings })
}
const good = ['990000000000,云岭省,government,province,,,,2017-01-01,', '990100000000,青河市,government,city,990000000000,,,2017-01-01,', 'QH-NY,青河市农业局,organ,department,990100000000,,,2017-01-01,']
const count = async () => (await one<{ n: number }>(own.db, sql`select count(*)::int as n from unit`)).n

describe('units from a file', () => {
  test('a wrong row names file, line and reason, and nothing is imported', async () => {
    const refused = await importText(...good, '990200000000,,government,city,990000000000,,,2017-01-01,', 'QH-02,无类局,organ,nothing,990100000000,,,2017-01-01,', 'QH-NY,重复局,organ,department,990100000000,,,2017-01-01,', 'QH-03,无家局,organ,department,QH-99,,,2017-01-01,').catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'import-refused', facts: { total: 4 } })
    expect((refused as { findings: Finding[] }).findings.map((finding) => [finding.code, finding.path])).toEqual([
      ['import-cell', 'units.csv:5:name'],
      ['import-class-unknown', 'units.csv:5'],
      ['import-duplicate', 'units.csv:6'],
      ['import-parent-unknown', 'units.csv:7'],
    ].map(([code, path], at) => (at === 0 ? [code, path] : [code, `units.csv:${5 + at}`])))
    expect(await count()).toBe(0)
  })

  test('a good file is imported with paths and tallies; importing again changes names only', async () => {
    expect(await importText(...good)).toEqual({ rows: 3, added: 3, renamed: 0, kept: 0 })
    expect(await importText(...good.map((line) => line.replace('青河市农业局', '青河市农业农村局')))).toEqual({ rows: 3, added: 0, renamed: 1, kept: 0 })
    const [department] = await many<{ path: (number | null)[]; initials: string }>(own.db, sql`select array[l1, l2, l3, l4, l5] as path, initials from unit where code = 'QH-NY'`)
    expect(department!.path.filter((id) => id !== null).length).toBe(3)
    expect(department!.initials).toBe('qhsnyncj')
    const { tables } = await one<{ tables: number }>(own.db, sql`select count(*)::int as tables from pg_tables where tablename like 'unit_import_%'`)
    expect(tables).toBe(0)
  })
})

describe('the published code set', () => {
  test('codes say what a division is', () => {
    const of = (code: string, name = '') => classOfDivision(wholeCode(code), name).class
    expect([of('14'), of('1411'), of('141123', '兴县'), of('141102', '离石区'), of('141123001'), of('141123100'), of('141123100001'), of('141123100200')]).toEqual(['province', 'city', 'county', 'district', 'street', 'township', 'community', 'village'])
  })

  test('one province is imported whole', async () => {
    const imported = await importUnits(own.database, unitsOfChina('14'), { source: 'china:14' })
    expect(imported.rows).toBeGreaterThan(20_000)
    expect(imported.added).toBe(imported.rows)
    const tally = await one<{ counties: number; odd: number }>(
      own.db,
      sql`select (select sum(t.units)::int from unit_tally t join unit u on u.id = t.unit_id where u.code = '140000000000' and t.class in ('county', 'district')) as counties,
            (select count(*)::int from unit where level = 5 and (l1 is null or l2 is null or l3 is null or l4 is null)) as odd`,
    )
    // 117 counties of Shanxi (F-16), with the parts of cities that the statistics count on their own.
    expect(tally.counties).toBeGreaterThanOrEqual(117)
    expect(tally.odd).toBe(0)
  }, 120_000)
})
