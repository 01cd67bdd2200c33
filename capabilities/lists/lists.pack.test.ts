import { describe, expect, test } from 'vitest'
import { many, sql } from '../../server/db.ts'
import { ownDatabase } from '../../tests/world.ts'
import { ListTemplateDefinition, ProgrammeDefinition } from './list-definition.ts'
import { listTemplatesPart, programmesPart } from './lists.pack.ts'

const own = ownDatabase()
const words = (zh: string) => ({ zh, en: zh })
const programme = ProgrammeDefinition.parse({
  code: 'sample',
  name: words('样例'),
  fromYear: 2017,
  toYear: 2019,
  pillars: ['organisation', 'foundation', 'ability'].map((code) => ({ code, name: words(code), aim: words(code) })),
  years: [{ year: 2018, theme: words('深化'), goals: [] }],
  bundles: [{ code: 'batch', name: words('五个一批'), members: [], complete: false }],
})
const template = ListTemplateDefinition.parse({
  code: 'sample-list',
  programme: 'sample',
  year: 2018,
  name: words('样例清单'),
  items: [{ title: words('一条'), deliverable: words('台账'), measure: words('在册') }],
})
const known = (sections: Record<string, unknown> = {}) => ({ tx: own.db, pack: 'sample', sections })
const codes = (findings: readonly { code: string; path: string }[]) => findings.map(({ code, path }) => `${path} ${code}`)

describe('programmes and lists of a pack', () => {
  test('a phrase whose members no source lists may stay open; one that claims to be complete may not be empty', () => {
    expect(programmesPart.check([programme], known())).toEqual([])
    const claimed = { ...programme, bundles: [{ ...programme.bundles[0]!, complete: true }], years: [{ ...programme.years[0]!, year: 2020 }] }
    expect(codes(programmesPart.check([claimed], known()) as never)).toEqual(['0.years.0.year year-outside', '0.bundles.0.members member-missing'])
  })

  test('a list names a programme, forms, unit classes and periods that exist', async () => {
    const [item] = template.items
    const odd = { ...template, year: 2021, items: [{ ...item!, form: 'nowhere', classes: ['hamlet'], period: '2018-13' }, { ...item!, period: '2018', due: '2018-01-01', dueWorkingDays: 3 }] }
    expect(codes(await listTemplatesPart.check([odd], known()))).toContain('0.programme programme-unknown')
    expect(codes(await listTemplatesPart.check([odd], known({ programmes: [programme] })))).toEqual([
      '0.year year-outside',
      '0.items.0.form form-unknown',
      '0.items.0.classes.0 class-unknown',
      '0.items.0.period period-wrong',
      '0.items.1.period period-without-form',
      '0.items.1.dueWorkingDays deadline-twice',
    ])
    expect(await listTemplatesPart.check([template], known({ programmes: [programme] }))).toEqual([])
  })

  test('applying twice changes nothing, a new wording is a change', async () => {
    await sql`insert into pack (code, version, title_zh, title_en, hash, content) values ('sample', '1', '', '', '', '{}')`.execute(own.db)
    const applied = { pack: 'sample', by: undefined }
    expect(await programmesPart.apply(own.db, [programme], applied)).toMatchObject({ added: ['sample'], same: 0 })
    expect(await listTemplatesPart.apply(own.db, [template], applied)).toMatchObject({ added: ['sample-list'], same: 0 })
    expect(await programmesPart.apply(own.db, [programme], applied)).toEqual({ added: [], changed: [], removed: [], same: 1 })
    expect(await listTemplatesPart.apply(own.db, [{ ...template, name: words('改名') }], applied)).toMatchObject({ changed: ['sample-list'] })
    expect(await many(own.db, sql`select name_zh as name, programme from list_template`)).toEqual([{ name: '改名', programme: 'sample' }])
  })
})
