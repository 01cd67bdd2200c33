import type { Cycle, ItemType, ResolvedForm } from './form-definition.ts'
import { fieldsOf } from './form-fields.ts'
import type { Burden } from './ledgers.contract.ts'

const monthsIn: Record<Cycle, number> = { month: 1, quarter: 3, half: 6, year: 12, once: 12 }

/** @returns what filling the form in once takes by the types of its fields, in minutes with one digit (C2: weights by type) */
export function estimatedMinutes(form: Pick<ResolvedForm, 'fields'>, perField: Readonly<Record<ItemType | 'shown', number>>): number {
  const minutes = form.fields.reduce((sum, field) => sum + (field.kind === 'asks' ? perField[field.type] : field.kind === 'shows' ? perField.shown : 0), 0)
  return Math.round(minutes * 10) / 10
}

/**
 * What a form costs the units below (C2: burden = fields newly typed × issues; duplicate share = held / asked).
 * @param units how many units are asked
 * @returns entries in fields, minutes a month for one unit and for all
 */
export function burdenOf(form: ResolvedForm, units: number): Burden {
  const { asked, shown } = fieldsOf(form)
  const one = form.minutes / monthsIn[form.cycle]
  return {
    form: form.code,
    formName: form.name,
    units,
    fieldsNew: asked.length,
    fieldsHeld: shown.length,
    entries: asked.length * units,
    minutesMonth: Math.round(one * units * 10) / 10,
    minutesMonthOne: Math.round(one * 10) / 10,
  }
}
