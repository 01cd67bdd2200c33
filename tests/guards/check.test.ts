import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkCoverage } from '../../tools/check/coverage.ts'
import { checkEndpoints } from '../../tools/check/endpoints.ts'
import { root } from '../../tools/check/files.ts'
import { apiText, made } from '../../tools/check/in-step.ts'
import { checkLinks } from '../../tools/check/links.ts'
import { checkWalls, walls } from '../../tools/check/walls.ts'
import { checkWords } from '../../tools/check/words.ts'
import { readFile } from 'node:fs/promises'

describe('the house as it stands', () => {
  test('no import goes through a wall, and there are no circles', async () => {
    expect(await checkWalls(root)).toEqual([])
  })
  test('nothing is behind a red line', async () => {
    expect(await checkWords(root)).toEqual([])
  })
  test('links in documents lead somewhere', async () => {
    expect(await checkLinks(root)).toEqual([])
  })
  test('every endpoint names its verb and has a permission test', () => {
    expect(checkEndpoints(root)).toEqual([])
  })
  test('the account of what is built is true', () => {
    expect(checkCoverage(root)).toEqual([])
  })
  test('the published description of the API is in step', async () => {
    expect(await readFile(join(root, made.api), 'utf8')).toBe(await apiText())
  })
})

describe('the checks find what they are for', () => {
  let folder = ''
  const put = async (path: string, text: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sanji-check-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const offences = [
    ['rules are pure', 'rules/a.ts', `import { many } from '../server/db.ts'`],
    ['plain files are pure', 'capabilities/units/plain.ts', `import { readFile } from 'node:fs/promises'`],
    ['rooms meet at their doors', 'capabilities/lists/x.server.ts', `import { saveUnits } from '../units/units.sql.ts'`],
    ['the frame knows no room', 'server/x.ts', `import { unitsAnswers } from '../capabilities/units/units.server.ts'`],
    ['pages stay in the browser', 'capabilities/units/pages/x.tsx', `import { many } from '../../../server/db.ts'`],
    ['no zod in the browser', 'web/ui/x.tsx', `import { z } from 'zod'`],
    ['field pages stay light', 'web/ui/y.tsx', `import { Table } from 'antd'`],
    ['nobody reads packs', 'server/y.ts', `import city from '../packs/sample-city/units.csv'`],
    ['SQL stays', 'capabilities/units/z.server.ts', 'const all = sql`select 1`'],
  ] as const
  test('every wall has an offence below that is injected', () => {
    const injected: string[] = offences.map(([name]) => name)
    expect(walls.map((wall) => wall.name).filter((name) => !injected.includes(name))).toEqual([])
  })
  test.each(offences)('%s', async (name, path, text) => {
    await put(path, `${text}\n`)
    expect((await checkWalls(folder)).filter((one) => one.file === path).map((one) => one.says).join()).toContain(name)
    await rm(join(folder, path))
  })

  test('a type leaves nothing at run time, so it may cross', async () => {
    await put('web/ui/t.tsx', `import type { Unit } from '../../capabilities/units/units.reads.ts'\nimport { type Tx } from '../../server/db.ts'\n`)
    expect((await checkWalls(folder)).filter((one) => one.file === 'web/ui/t.tsx')).toEqual([])
  })

  test('a circle is told with its way', async () => {
    await put('rules/one.ts', `import { b } from './two.ts'\nexport const a = b`)
    await put('rules/two.ts', `import { a } from './one.ts'\nexport const b = a`)
    expect((await checkWalls(folder)).map((one) => one.says).join()).toContain('rules/one.ts → rules/two.ts → rules/one.ts')
  })

  test('a red-line column, label and pack key are found', async () => {
    await put('db/migrations/0001_x.sql', 'create table person (religion text);')
    await put('packs/p/dataItems.yaml', '- code: faith\n  name: { zh: 宗教信仰, en: Faith }\n')
    await put('web/locales/zh-CN/x.json', '{ "a": "打卡签到" }')
    expect(new Set((await checkWords(folder)).map((one) => one.file))).toEqual(new Set(['db/migrations/0001_x.sql', 'packs/p/dataItems.yaml', 'web/locales/zh-CN/x.json']))
  })

  test('a link to nowhere and an untrue account are found', async () => {
    await put('README.md', '[somewhere](docs/nowhere.md)')
    expect((await checkLinks(folder)).length).toBe(1)
    await put('docs/coverage.csv', 'id,state,where,test,note\nA01,done,nowhere.ts,missing.test.ts › nothing,\n')
    expect(checkCoverage(folder).map((one) => one.says).join()).toMatch(/nowhere\.ts does not exist[\s\S]*missing\.test\.ts does not exist[\s\S]*301/)
  })
})
