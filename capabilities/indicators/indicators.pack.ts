import { z } from 'zod'
import { checkFormula } from '../../rules/formula/check.ts'
import { parseFormula } from '../../rules/formula/parse.ts'
import { forbiddenIn } from '../../rules/forbidden-words.ts'
import { isProblem, type Finding } from '../../rules/problem.ts'
import type { Applied, PackPart } from '../../server/pack.ts'
import { resolveForm, type DataItemDefinition, type FormDefinition, type ResolvedForm } from '../ledgers/form-definition.ts'
import { leafTypesOf } from '../ledgers/form-fields.ts'
import { formOf, keepMeasures } from '../ledgers/ledgers.reads.ts'
import { IndicatorDefinition } from './indicator-definition.ts'
import { saveDefinition, saveTarget } from './indicators.sql.ts'

/** Indicators of a pack (C3). Applying one makes its form keep the aggregates it needs, over all records there are. */
export const indicatorsPart: PackPart<IndicatorDefinition[]> = {
  name: 'indicators',
  schema: z.array(IndicatorDefinition),
  sentences: {
    'form-unknown': { zh: '指标“{{indicator}}”引用的表单 {{form}} 不存在：请改正代码，或先在包里写出这张表。', en: 'Indicator “{{indicator}}” names form {{form}}, which does not exist: correct the code or add the form.' },
    'formula-invalid': { zh: '算式“{{formula}}”第 {{column}} 个字符起有误：{{expected}}。', en: 'The formula “{{formula}}” is wrong from character {{column}}: {{expected}}.' },
    'formula-type': { zh: '算式“{{formula}}”应得数字，现在是 {{type}}。', en: 'The formula “{{formula}}” must give a number, not {{type}}.' },
    'band-names': { zh: '有 {{edges}} 个分档界线，应有 {{names}} 个档名。', en: 'With {{edges}} edges there must be {{names}} band names.' },
    'band-order': { zh: '分档界线要从小到大。', en: 'Band edges must grow.' },
    'red-line': { zh: '“{{word}}”属于红线内容，不能出现在指标里：请删去。', en: '“{{word}}” is behind a red line and must not be in an indicator: remove it.' },
  },
  async check(indicators, { tx, sections }) {
    const items = new Map(((sections.dataItems ?? []) as DataItemDefinition[]).map((item) => [item.code, item]))
    const inPack = new Map(((sections.forms ?? []) as FormDefinition[]).map((form) => [form.code, form]))
    const formFor = async (code: string): Promise<ResolvedForm | undefined> => {
      const own = inPack.get(code)
      try {
        return own ? resolveForm(own, items, 1) : await formOf(tx, code)
      } catch (error) {
        // The form itself is wrong or missing; the forms' own check says what is wrong with it.
        if (own || isProblem(error, 'not-found')) return undefined
        throw error
      }
    }
    const findings: Finding[] = []
    for (const [at, indicator] of indicators.entries()) {
      for (const text of [indicator.code, indicator.name.zh, indicator.name.en, indicator.population.zh, indicator.population.en]) {
        for (const { word } of forbiddenIn(text)) findings.push({ code: 'red-line', path: String(at), facts: { word, indicator: indicator.code } })
      }
      const { bands } = indicator
      if (bands && bands.names.length !== bands.edges.length + 1) findings.push({ code: 'band-names', path: `${at}.bands.names`, facts: { edges: bands.edges.length, names: bands.edges.length + 1 } })
      if (bands?.edges.some((edge, n) => n > 0 && Number(edge) <= Number(bands.edges[n - 1]))) findings.push({ code: 'band-order', path: `${at}.bands.edges` })
      const form = await formFor(indicator.form)
      if (!form) {
        findings.push({ code: 'form-unknown', path: `${at}.form`, facts: { form: indicator.form, indicator: indicator.code } })
        continue
      }
      for (const field of ['num', 'den'] as const) {
        const formula = indicator[field]
        if (formula !== undefined) findings.push(...formulaFindings(formula, form, `${at}.${field}`))
      }
    }
    return findings
  },
  async apply(tx, indicators, { pack }) {
    const applied: Applied = { added: [], changed: [], removed: [], same: 0 }
    for (const [form, of] of Map.groupBy(indicators, (one) => one.form)) {
      await keepMeasures(tx, form, of.flatMap((one) => [one.num, ...(one.den === undefined ? [] : [one.den])]))
    }
    for (const indicator of indicators) {
      const outcome = await saveDefinition(tx, indicator, (await formOf(tx, indicator.form)).audience.join(','), pack)
      if (outcome === 'same') applied.same++
      else {
        applied[outcome].push(indicator.code)
        for (const [year, value] of Object.entries(indicator.targets)) await saveTarget(tx, indicator.code, Number(year), null, value)
      }
    }
    return applied
  },
}

function formulaFindings(formula: string, form: ResolvedForm, path: string): Finding[] {
  try {
    const type = checkFormula(parseFormula(formula), { fields: leafTypesOf(form), level: 'aggregate' })
    return type === 'number' || type === 'money' ? [] : [{ code: 'formula-type', path, facts: { formula, type } }]
  } catch (error) {
    if (!isProblem(error, 'formula-invalid')) throw error
    return [{ code: 'formula-invalid', path, facts: { formula, ...error.facts, column: Number(error.facts.at) + 1 } }]
  }
}
