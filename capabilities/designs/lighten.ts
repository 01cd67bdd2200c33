import { namesIn } from '../../rules/formula/ast.ts'
import { parseFormula } from '../../rules/formula/parse.ts'
import type { CheckDefinition, FieldDefinition, FormDefinition } from '../ledgers/form-definition.ts'

/** What an upheld objection does to one field: it is asked no more, or shown from an item that is held elsewhere. */
export type Lighter = { field: string; shows?: string | undefined }

/**
 * The form with one field less to type (C2, F-15). A dropped field takes along the checks that name it and a section that
 * has nothing left; what is computed from it stays, for the check of the design to tell. A field that is shown keeps its
 * code, so formulas go on. The minutes fall with the fields that are still typed.
 */
export function lightened(form: FormDefinition, lighter: Lighter): FormDefinition {
  const before = askedIn(form)
  const lighterForm = lighter.shows === undefined ? withoutField(form, lighter.field) : withShown(form, lighter.field, lighter.shows)
  const share = before === 0 ? 1 : askedIn(lighterForm) / before
  // A form of shown fields alone is still looked through: the schema wants more than nothing.
  return { ...lighterForm, minutes: Math.max(0.1, Math.round(form.minutes * share * 10) / 10) }
}

const askedIn = (form: FormDefinition) => form.sections.reduce((sum, section) => sum + section.fields.filter((field) => field.asks !== undefined).length, 0)

function withoutField(form: FormDefinition, code: string): FormDefinition {
  const sections = form.sections.map((section) => ({ ...section, fields: section.fields.filter((field) => field.code !== code) })).filter((section) => section.fields.length > 0)
  return { ...form, sections, checks: form.checks.filter((check) => !names(check, code)) }
}

function withShown(form: FormDefinition, code: string, item: string): FormDefinition {
  const shown = ({ asks: _asks, min: _min, max: _max, ...field }: FieldDefinition): FieldDefinition => ({ ...field, shows: item, required: true })
  return { ...form, sections: form.sections.map((section) => ({ ...section, fields: section.fields.map((field) => (field.code === code ? shown(field) : field)) })) }
}

function names(check: CheckDefinition, code: string): boolean {
  const about = (name: string) => [code, `last.${code}`].some((one) => name === one || name.startsWith(`${one}.`))
  return (check.fields ?? []).includes(code) || namesIn(parseFormula(check.holds)).some(about)
}
