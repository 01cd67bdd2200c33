import { z } from 'zod'
import { parsePeriod } from '../../rules/period.ts'
import { isProblem, type Finding } from '../../rules/problem.ts'
import { json, many, run, sql, type Tx } from '../../server/db.ts'
import type { Applied, KnownInPack, PackPart } from '../../server/pack.ts'
import { formNames } from '../ledgers/ledgers.reads.ts'
import { BundleDefinition, ListTemplateDefinition, ProgrammeDefinition } from './list-definition.ts'

/** Programmes: years, pillars, yearly goals and set phrases (F-20: a phrase is data with validity). */
export const programmesPart: PackPart<ProgrammeDefinition[]> = {
  name: 'programmes',
  schema: z.array(ProgrammeDefinition),
  check: (programmes) => programmes.flatMap((programme, at) => programmeFindings(programme).map((finding) => ({ ...finding, path: `${at}.${finding.path}` }))),
  apply: (tx, programmes, { pack }) => keep(tx, programmes, pack, 'programme'),
  sentences: {
    'years-reversed': { zh: '{{code}} 的起止年份颠倒。请改正。', en: '{{code}} ends before it begins. Correct the years.' },
    'year-outside': { zh: '{{year}} 年不在 {{code}} 的起止年份内。请改正。', en: '{{year}} lies outside the years of {{code}}. Correct it.' },
    'pillar-twice': { zh: '支柱 {{pillar}} 写了两次。请删除其一。', en: 'The pillar {{pillar}} stands twice. Delete one of the two.' },
    'member-missing': {
      zh: '固定说法“{{name}}”写明已列全成员，却没有成员。请补上成员，或改为 complete: false。',
      en: 'The phrase "{{name}}" says that it lists every member, but has none. Add them, or write complete: false.',
    },
    'member-twice': { zh: '“{{name}}”里“{{member}}”写了两次。请删除其一。', en: 'In "{{name}}" the member "{{member}}" stands twice. Delete one of the two.' },
  },
}

function programmeFindings({ code, fromYear, toYear, pillars, years, bundles }: ProgrammeDefinition): Finding[] {
  const findings: Finding[] = []
  if (toYear < fromYear) findings.push({ code: 'years-reversed', path: 'toYear', facts: { code } })
  pillars.forEach((pillar, at) => {
    if (pillars.findIndex((other) => other.code === pillar.code) < at) findings.push({ code: 'pillar-twice', path: `pillars.${at}`, facts: { pillar: pillar.code } })
  })
  years.forEach(({ year }, at) => {
    if (year < fromYear || year > toYear) findings.push({ code: 'year-outside', path: `years.${at}.year`, facts: { year, code } })
  })
  return [...findings, ...bundles.flatMap((bundle, at) => bundleFindings(bundle).map((finding) => ({ ...finding, path: `bundles.${at}.${finding.path}` })))]
}

function bundleFindings({ name, members, complete }: BundleDefinition): Finding[] {
  const twice = members.flatMap((member, at): Finding[] =>
    members.findIndex((other) => other.zh === member.zh) < at ? [{ code: 'member-twice', path: `members.${at}`, facts: { name: name.zh, member: member.zh } }] : [],
  )
  return complete && members.length === 0 ? [{ code: 'member-missing', path: 'members', facts: { name: name.zh } }] : twice
}

/** Lists that a pack offers; an issuer takes one over and completes it. */
export const listTemplatesPart: PackPart<ListTemplateDefinition[]> = {
  name: 'listTemplates',
  schema: z.array(ListTemplateDefinition),
  check: checkTemplates,
  apply: (tx, templates, { pack }) => keep(tx, templates, pack, 'template'),
  sentences: {
    'programme-unknown': { zh: '清单 {{code}} 所属的工作 {{programme}} 不在包里，也未安装。请先加入该工作。', en: 'The programme {{programme}} of the list {{code}} is neither in the pack nor installed. Add it first.' },
    'year-outside': { zh: '{{year}} 年不在 {{code}} 的起止年份内。请改正。', en: '{{year}} lies outside the years of {{code}}. Correct it.' },
    'form-unknown': { zh: '表单 {{form}} 不在包里，也未登记。请改正代码，或先登记表单。', en: 'The form {{form}} is neither in the pack nor registered. Correct the code or register the form.' },
    'class-unknown': { zh: '单位类别 {{class}} 不在包里，也未安装。请改正代码。', en: 'The unit class {{class}} is neither in the pack nor installed. Correct the code.' },
    'period-wrong': { zh: '{{period}} 不是报送期。写成 2018、2018-06、2018-Q2 或 2018-H1。', en: '{{period}} is no period. Write 2018, 2018-06, 2018-Q2 or 2018-H1.' },
    'period-without-form': { zh: '写了报送期，但没有表单。请加上表单，或删去报送期。', en: 'There is a period but no form. Add the form or take the period out.' },
    'deadline-twice': { zh: '日期和工作日时限只能写一个。请删除其一。', en: 'A deadline is a date or a limit in working days. Delete one of the two.' },
  },
}

async function checkTemplates(templates: ListTemplateDefinition[], { tx, sections }: KnownInPack): Promise<Finding[]> {
  const programmes = new Map((await many<{ definition: ProgrammeDefinition }>(tx, sql`select definition from programme`)).map(({ definition }) => [definition.code, definition]))
  for (const programme of (sections.programmes ?? []) as ProgrammeDefinition[]) programmes.set(programme.code, programme)
  const inPack = (section: string) => ((sections[section] ?? []) as { code: string }[]).map(({ code }) => code)
  const forms = new Set([...(await formNames(tx, templates.flatMap(({ items }) => items.flatMap((item) => item.form ?? [])))).keys(), ...inPack('forms')])
  const classes = new Set([...(await many<{ code: string }>(tx, sql`select code from unit_class`)).map(({ code }) => code), ...inPack('unitClasses')])
  return templates.flatMap(({ code, programme, year, items }, at) => {
    const findings: Finding[] = []
    const found = programmes.get(programme)
    if (!found) findings.push({ code: 'programme-unknown', path: `${at}.programme`, facts: { code, programme } })
    else if (year < found.fromYear || year > found.toYear) findings.push({ code: 'year-outside', path: `${at}.year`, facts: { year, code: programme } })
    items.forEach((item, nth) => {
      const wrong = (part: string, finding: string, facts: Record<string, unknown>) => findings.push({ code: finding, path: `${at}.items.${nth}.${part}`, facts })
      if (item.form !== undefined && !forms.has(item.form)) wrong('form', 'form-unknown', { form: item.form })
      item.classes.forEach((one, n) => classes.has(one) || wrong(`classes.${n}`, 'class-unknown', { class: one }))
      if (item.period !== undefined && !isPeriodText(item.period)) wrong('period', 'period-wrong', { period: item.period })
      if (item.period !== undefined && item.form === undefined) wrong('period', 'period-without-form', {})
      if (item.due !== undefined && item.dueWorkingDays !== undefined) wrong('dueWorkingDays', 'deadline-twice', {})
    })
    return findings
  })
}

function isPeriodText(text: string): boolean {
  try {
    parsePeriod(text)
    return true
  } catch (error) {
    if (isProblem(error, 'period-invalid')) return false
    throw error
  }
}

type Kept = ProgrammeDefinition | ListTemplateDefinition

/**
 * Writes what is new or changed. What a newer version of the pack no longer has stays: lists that were issued from it
 * still name it.
 */
async function keep(tx: Tx, wanted: readonly Kept[], pack: string, what: 'programme' | 'template'): Promise<Applied> {
  const table = sql.table(what === 'programme' ? 'programme' : 'list_template')
  const before = new Map(
    (
      await many<{ code: string; same: boolean }>(
        tx,
        sql`select t.code, t.definition = w.definition as same from ${table} t
            join jsonb_to_recordset(${json(wanted.map((definition) => ({ code: definition.code, definition })))}) w(code text, definition jsonb) on w.code = t.code`,
      )
    ).map(({ code, same }) => [code, same]),
  )
  const applied: Applied = { added: [], changed: [], removed: [], same: 0 }
  for (const definition of wanted) {
    if (before.get(definition.code)) {
      applied.same++
      continue
    }
    applied[before.has(definition.code) ? 'changed' : 'added'].push(definition.code)
    const { code, name } = definition
    const [columns, values, sets] =
      'fromYear' in definition
        ? [sql`from_year, to_year`, sql`${definition.fromYear}::int, ${definition.toYear}::int`, sql`from_year = excluded.from_year, to_year = excluded.to_year`]
        : [sql`programme`, sql`${definition.programme}::text`, sql`programme = excluded.programme`]
    await run(
      tx,
      sql`insert into ${table} (code, name_zh, name_en, definition, pack, ${columns})
          values (${code}, ${name.zh}, ${name.en}, ${json(definition)}, ${pack}, ${values})
          on conflict (code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en, definition = excluded.definition, pack = excluded.pack, ${sets}`,
    )
  }
  return applied
}
