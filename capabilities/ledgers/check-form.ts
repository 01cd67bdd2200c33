import { aggregatesOf } from '../../rules/formula/aggregates.ts'
import type { FieldType } from '../../rules/formula/ast.ts'
import { checkFormula } from '../../rules/formula/check.ts'
import { namesIn } from '../../rules/formula/ast.ts'
import { parseFormula } from '../../rules/formula/parse.ts'
import { formulaSays, type FormulaFacts } from '../../rules/formula/says.ts'
import { isProblem, type Finding } from '../../rules/problem.ts'
import type { DataItemDefinition, FormDefinition, ResolvedForm } from './form-definition.ts'
import { fieldTypesOf, leafTypesOf } from './form-fields.ts'
import { resolveForm } from './resolve-form.ts'

/**
 * Everything that makes a form impossible, before it is registered: items nobody knows, items another form owns
 * (C2: asked once), formulas that do not hold, files that are demanded (no return may demand photos).
 * @param owners the form that asks each item now, by item code
 * @returns findings with paths into the definition (`sections.0.fields.3`)
 */
export function checkForm(
  form: FormDefinition,
  items: ReadonlyMap<string, DataItemDefinition>,
  owners: ReadonlyMap<string, { form: string; name: string }>,
): Finding[] {
  const findings: Finding[] = []
  const seen = new Set<string>()
  const unknown = new Set<string>()
  form.sections.forEach((section, s) =>
    section.fields.forEach((field, f) => {
      const path = `sections.${s}.fields.${f}`
      const kinds = [field.asks, field.shows, field.computed].filter((kind) => kind !== undefined)
      if (kinds.length !== 1) findings.push({ code: 'field-one-kind', path, facts: { field: field.code } })
      if (seen.has(field.code)) findings.push({ code: 'field-twice', path, facts: { field: field.code } })
      seen.add(field.code)
      const item = field.asks ?? field.shows
      if (item !== undefined && !items.has(item)) {
        unknown.add(item)
        findings.push({ code: 'item-unknown', path, facts: { item } })
      }
      const owner = field.asks ? owners.get(field.asks) : undefined
      if (owner && owner.form !== form.code) {
        findings.push({ code: 'item-already-asked', path, facts: { item: field.asks, form: owner.form, name: owner.name } })
      }
      if (field.asks && items.get(field.asks)?.type === 'file' && field.required) {
        findings.push({ code: 'file-demanded', path, facts: { field: field.code } })
      }
      if (field.computed && !field.name) findings.push({ code: 'computed-needs-name', path, facts: { field: field.code } })
    }),
  )
  const asks = form.sections.flatMap((section) => section.fields).filter((field) => field.asks)
  const twice = asks.find((field, at) => asks.findIndex((other) => other.asks === field.asks) !== at)
  if (twice) findings.push({ code: 'item-already-asked', path: 'sections', facts: { item: twice.asks, form: form.code, name: form.name.zh } })
  if (unknown.size > 0 || findings.some((finding) => finding.code === 'field-one-kind')) return findings
  findings.push(...checkFormulas(form, resolveForm(form, items, 1)))
  return findings
}

function checkFormulas(form: FormDefinition, resolved: ResolvedForm): Finding[] {
  const findings: Finding[] = []
  const fields = fieldTypesOf(resolved)
  const computed = new Set(resolved.fields.filter((field) => field.kind === 'computed').map((field) => field.code))
  const before = new Set<string>()
  form.sections.forEach((section, s) =>
    section.fields.forEach((field, f) => {
      if (!field.computed) return
      const path = `sections.${s}.fields.${f}.computed`
      const type = resolved.fields.find((one) => one.code === field.code)!.type
      findings.push(...formulaFindings(field.computed, path, fields, (got) => got === type || (got === 'number' && type === 'money')))
      const later = namesOf(field.computed).find((name) => computed.has(name) && !before.has(name))
      if (later) findings.push({ code: 'computed-order', path, facts: { field: field.code, later } })
      before.add(field.code)
    }),
  )
  form.checks.forEach((check, at) => {
    findings.push(...formulaFindings(check.holds, `checks.${at}.holds`, fields, (got) => got === 'yesNo'))
    for (const name of check.fields ?? []) {
      if (!resolved.fields.some((field) => field.code === name)) {
        findings.push({ code: 'field-unknown', path: `checks.${at}.fields`, facts: { field: name } })
      }
    }
  })
  return findings
}

function namesOf(formula: string): string[] {
  try {
    return namesIn(parseFormula(formula))
  } catch {
    return [] // said already by formulaFindings, with its place
  }
}

function formulaFindings(text: string, path: string, fields: ReturnType<typeof fieldTypesOf>, fits: (type: FieldType) => boolean): Finding[] {
  try {
    const type = checkFormula(parseFormula(text), { fields, level: 'record' })
    return fits(type) ? [] : [{ code: 'formula-type', path, facts: { formula: text, type } }]
  } catch (error) {
    if (!isProblem(error, 'formula-invalid')) throw error
    return [{ code: 'formula-invalid', path, facts: { formula: text, ...error.facts, says: formulaSays(error.facts as FormulaFacts) } }]
  }
}

/** @returns the aggregates (slots) that a formula over all records of the form needs. Throws Problem `formula-invalid`. */
export function aggregatesNeeded(formula: string, form: ResolvedForm): string[] {
  const ast = parseFormula(formula)
  checkFormula(ast, { fields: leafTypesOf(form), level: 'aggregate' })
  return aggregatesOf(ast).map((aggregate) => aggregate.text)
}
