import type { ListTemplateDefinition, ProgrammeDefinition } from '../capabilities/lists/list-definition.ts'
import type { ItemInput } from '../capabilities/lists/lists.contract.ts'
import { json, run, sql, type Tx } from '../server/db.ts'

/** A complete item of the tests; what a test is about is given. */
export function sampleItem(of: { lead: number; within: number; classes?: string[] } & Partial<ItemInput>): ItemInput {
  const { within, classes = ['village'], ...rest } = of
  return {
    head: '一、组织',
    title: '摸清场所底数',
    detail: '',
    deliverable: '场所台账',
    measure: '逐村在册',
    pillar: 'organisation',
    weight: 1,
    coUnits: [],
    audience: { classes, within: [within] },
    due: '2018-09-28',
    dueFrom: null,
    dueWorkingDays: null,
    form: null,
    period: null,
    ...rest,
  }
}

/** A sample programme with one list to take over, and the working calendar of 2018 as far as the tests count. */
export async function giveProgramme(tx: Tx): Promise<void> {
  const words = (zh: string, en: string) => ({ zh, en })
  const programme: ProgrammeDefinition = {
    code: 'sample',
    name: words('样例工作', 'Sample programme'),
    fromYear: 2017,
    toYear: 2019,
    pillars: [
      { code: 'organisation', name: words('组织', 'Organisation'), aim: words('有底数', 'Known') },
      { code: 'foundation', name: words('基础', 'Foundation'), aim: words('有制度', 'Ruled') },
      { code: 'ability', name: words('能力', 'Ability'), aim: words('会办事', 'Able') },
    ],
    years: [],
    bundles: [],
  }
  const item = { title: words('摸清场所底数', 'Premises known'), deliverable: words('台账', 'Ledger'), measure: words('在册', 'Listed'), classes: ['village'], weight: 1, coUnits: [] }
  const template: ListTemplateDefinition = {
    code: 'sample-list', programme: 'sample', year: 2018, name: words('样例清单', 'Sample list'), items: [item, { ...item, dueWorkingDays: 5 }],
  }
  await run(tx, sql`insert into pack (code, version, title_zh, title_en, hash, content) values ('sample-lists', '1', '', '', '', '{}')`)
  await run(tx, sql`insert into programme (code, name_zh, name_en, from_year, to_year, definition) values ('sample', '样例工作', 'Sample programme', 2017, 2019, ${json(programme)})`)
  await run(tx, sql`insert into list_template (code, programme, name_zh, name_en, definition) values ('sample-list', 'sample', '样例清单', 'Sample list', ${json(template)})`)
  await run(tx, sql`insert into calendar_year (year, notice, pack) values (2018, '测试通知', 'sample-lists')`)
  await run(
    tx,
    sql`insert into calendar_day (day, year, off, name) values ('2018-09-29', 2018, false, '国庆节'), ('2018-09-30', 2018, false, '国庆节'), ('2018-09-24', 2018, true, '中秋节')`,
  )
  await run(tx, sql`insert into calendar_day (day, year, off, name) select d::date, 2018, true, '国庆节' from generate_series('2018-10-01'::date, '2018-10-07', '1 day') d`)
}
