import { z } from 'zod'
import { compare } from '../../rules/decimal.ts'
import { forbiddenIn } from '../../rules/forbidden-words.ts'
import { checkFormula } from '../../rules/formula/check.ts'
import { parseFormula } from '../../rules/formula/parse.ts'
import { formulaSays, type FormulaFacts } from '../../rules/formula/says.ts'
import { isProblem, type Finding } from '../../rules/problem.ts'
import type { Applied, KnownInPack, PackPart } from '../../server/pack.ts'
import {
  resolveForm, type DataItemDefinition, type FormDefinition, type ResolvedForm,
} from '../ledgers/form-definition.ts'
import { leafTypesOf } from '../ledgers/form-fields.ts'
import { dataItemsOf, formOf, keepMeasures } from '../ledgers/ledgers.reads.ts'
import { unitIdsByCode } from '../units/units.reads.ts'
import { addsUp } from './figure.ts'
import { IndicatorDefinition } from './indicator-definition.ts'
import {
  knownIndicators, removeOthers, saveDefinition, saveGeneralTargets, saveTargets, type TargetRow,
} from './indicators.sql.ts'
import { TargetEntry } from './target-definition.ts'

/** Indicators of a pack (C3). Applying one makes its form keep the aggregates it needs, over all records there are. */
export const indicatorsPart: PackPart<IndicatorDefinition[]> = {
  name: 'indicators',
  schema: z.array(IndicatorDefinition),
  sentences: {
    'form-unknown': {
      zh: '指标“{{indicator}}”引用的表单 {{form}} 不存在：请改正代码，或先在包里写出这张表。',
      en: 'Indicator “{{indicator}}” names form {{form}}, which does not exist: correct the code or add the form.',
    },
    'formula-invalid': {
      zh: '算式“{{formula}}”第 {{column}} 个字符起有误：{{says}}。',
      en: 'The formula “{{formula}}” is wrong from character {{column}}: {{says}}.',
    },
    'formula-type': {
      zh: '算式“{{formula}}”应得数字，现在是 {{type}}。',
      en: 'The formula “{{formula}}” must give a number, not {{type}}.',
    },
    'band-names': {
      zh: '有 {{edges}} 个分档界线，应有 {{names}} 个档名。',
      en: 'With {{edges}} edges there must be {{names}} band names.',
    },
    'band-order': { zh: '分档界线要从小到大。', en: 'Band edges must grow.' },
    'target-of-a-sum': {
      zh: '指标“{{indicator}}”是合计，省与村不能共用一个目标：请在 targets 部分按单位写明。',
      en: 'Indicator “{{indicator}}” is a sum, so province and village cannot share a target: give it by unit.',
    },
    'red-line': {
      zh: '“{{word}}”属于红线内容，不能出现在指标里：请删去。',
      en: '“{{word}}” is behind a red line and must not be in an indicator: remove it.',
    },
  },
  async check(indicators, known) {
    const formFor = formsOf(known)
    const findings: Finding[] = []
    for (const [at, indicator] of indicators.entries()) {
      const found = (code: string, place: string, facts: Record<string, unknown> = {}) =>
        findings.push({ code, path: `${at}${place}`, facts: { indicator: indicator.code, ...facts } })
      for (const text of textsOf(indicator)) {
        for (const { word } of forbiddenIn(text)) found('red-line', '', { word })
      }
      const { edges = [], names = [] } = indicator.bands ?? {}
      if (edges.length > 0 && names.length !== edges.length + 1) {
        found('band-names', '.bands.names', { edges: edges.length, names: edges.length + 1 })
      }
      if (edges.some((edge, n) => n > 0 && compare(edge, edges[n - 1]!) <= 0)) found('band-order', '.bands.edges')
      const form = await formFor(indicator.form)
      if (form === 'none') found('form-unknown', '.form', { form: indicator.form })
      if (form === 'none' || form === 'wrong') continue
      const { num, den } = indicator
      const wrong = [...formulaFindings(num, form, `${at}.num`), ...formulaFindings(den, form, `${at}.den`)]
      findings.push(...wrong)
      if (wrong.length === 0 && Object.keys(indicator.targets).length > 0 && addsUp(indicator)) {
        found('target-of-a-sum', '.targets')
      }
    }
    return findings
  },
  async apply(tx, indicators, { pack }) {
    const applied: Applied = { added: [], changed: [], removed: [], same: 0 }
    for (const [form, of] of Map.groupBy(indicators, (one) => one.form)) {
      await keepMeasures(tx, form, of.flatMap(({ num, den }) => (den === undefined ? [num] : [num, den])))
      const classes = (await formOf(tx, form)).audience.join(',')
      for (const indicator of of) {
        const outcome = await saveDefinition(tx, indicator, classes, pack)
        if (outcome === 'same') {
          applied.same += 1
          continue
        }
        applied[outcome].push(indicator.code)
        await saveGeneralTargets(tx, indicator.code, indicator.targets)
      }
    }
    applied.removed = await removeOthers(tx, pack, indicators.map((one) => one.code))
    return applied
  },
}

function textsOf({ code, name, population, numName, denName, clause, bands }: IndicatorDefinition): string[] {
  const words = [name, population, numName, denName, ...(bands?.names ?? [])].filter((one) => one !== undefined)
  return [code, clause ?? '', ...words.flatMap(({ zh, en }) => [zh, en])]
}

/**
 * @returns the form of a code as it will be when the pack is applied; 'wrong' when the forms' own check has to say
 *   first what is wrong with it
 */
function formsOf({ tx, sections }: KnownInPack): (code: string) => Promise<ResolvedForm | 'none' | 'wrong'> {
  const inPackItems = ((sections.dataItems ?? []) as DataItemDefinition[]).map((item) => [item.code, item] as const)
  const inPack = new Map(((sections.forms ?? []) as FormDefinition[]).map((form) => [form.code, form]))
  const inPlace = async (code: string) => {
    try {
      return await formOf(tx, code)
    } catch (error) {
      if (isProblem(error, 'not-found')) return 'none'
      throw error
    }
  }
  const formFor = async (code: string) => {
    const own = inPack.get(code)
    if (!own) return inPlace(code)
    const fields = own.sections.flatMap((section) => section.fields)
    const named = fields.map((field) => field.asks ?? field.shows).filter((item) => item !== undefined)
    const items = new Map([...(await dataItemsOf(tx, named)), ...inPackItems])
    return named.every((item) => items.has(item)) ? resolveForm(own, items, 1) : 'wrong'
  }
  const found = new Map<string, Promise<ResolvedForm | 'none' | 'wrong'>>()
  return (code) => {
    const form = found.get(code) ?? formFor(code)
    found.set(code, form)
    return form
  }
}

function formulaFindings(formula: string | undefined, form: ResolvedForm, path: string): Finding[] {
  if (formula === undefined) return []
  try {
    const type = checkFormula(parseFormula(formula), { fields: leafTypesOf(form), level: 'aggregate' })
    return type === 'number' || type === 'money' ? [] : [{ code: 'formula-type', path, facts: { formula, type } }]
  } catch (error) {
    if (!isProblem(error, 'formula-invalid')) throw error
    return [{ code: 'formula-invalid', path, facts: { formula, ...error.facts, column: Number(error.facts.at) + 1, says: formulaSays(error.facts as FormulaFacts) } }]
  }
}

/**
 * Yearly targets of units. What people set on the page is replaced when the pack names the same unit and year, and is
 * left alone otherwise.
 */
export const targetsPart: PackPart<TargetEntry[]> = {
  name: 'targets',
  schema: z.array(TargetEntry),
  identity: ({ indicator, year, unit }) => `${indicator} ${year} ${unit}`,
  sentences: {
    'indicator-unknown': {
      zh: '指标 {{indicator}} 不存在：请改正代码，或先在包里写出这个指标。',
      en: 'There is no indicator {{indicator}}: correct the code or add the indicator.',
    },
    'unit-unknown': {
      zh: '没有代码为 {{unit}} 的单位：请改正代码，或先导入单位。',
      en: 'There is no unit with code {{unit}}: correct the code or import the units first.',
    },
  },
  async check(targets, { tx, sections }) {
    const indicators = await knownIndicators(tx, [...new Set(targets.map((one) => one.indicator))])
    for (const { code } of (sections.indicators ?? []) as IndicatorDefinition[]) indicators.add(code)
    const units = new Set((await unitIdsByCode(tx, [...new Set(targets.map((one) => one.unit))])).keys())
    for (const { code } of (sections.units ?? []) as { code: string }[]) units.add(code)
    return targets.flatMap(({ indicator, unit }, at) => {
      const findings: Finding[] = []
      const found = (what: 'indicator' | 'unit', facts: Record<string, string>) =>
        findings.push({ code: `${what}-unknown`, path: `${at}.${what}`, facts })
      if (!indicators.has(indicator)) found('indicator', { indicator })
      if (!units.has(unit)) found('unit', { unit })
      return findings
    })
  },
  async apply(tx, targets) {
    const units = await unitIdsByCode(tx, [...new Set(targets.map((one) => one.unit))])
    const codes = new Map([...units].map(([code, id]) => [id, code]))
    const rows = targets.map(({ indicator, year, unit, value }) => ({ indicator, year, unit: units.get(unit)!, value }))
    const written = await saveTargets(tx, rows)
    const nameOf = ({ indicator, year, unit }: TargetRow) => `${indicator} ${year} ${codes.get(unit)}`
    const named = (added: boolean) => written.filter((row) => row.added === added).map(nameOf)
    return { added: named(true), changed: named(false), removed: [], same: targets.length - written.length }
  },
}
