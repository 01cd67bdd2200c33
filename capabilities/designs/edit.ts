import type { DataItemDefinition, FormDefinition, ResolvedForm } from '../ledgers/form-definition.ts'
import { resolveForm } from '../ledgers/resolve-form.ts'
import type { Content, Designable, Member, Removable } from './design.ts'

/** @returns the list with one member moved by `step` places; at its end it stays where it is */
export function moved<T>(list: readonly T[], at: number, step: number): T[] {
  const to = at + step
  if (to < 0 || to >= list.length || at < 0 || at >= list.length) return [...list]
  const next = [...list]
  const [one] = next.splice(at, 1)
  next.splice(to, 0, one!)
  return next
}

/** @returns the list with one member replaced, or taken out when `to` is undefined */
export function withAt<T>(list: readonly T[], at: number, to: T | undefined): T[] {
  return to === undefined ? list.filter((_, n) => n !== at) : list.map((one, n) => (n === at ? to : one))
}

/** @returns the design with one section replaced; an empty section is no section */
export function withSection(content: Content, section: Designable, members: readonly Member[]): Content {
  const { [section]: _before, ...rest } = content.sections
  return { ...content, sections: members.length > 0 ? { ...rest, [section]: [...members] } : rest }
}

/** @returns the design with a thing of its pack taken out, or kept after all */
export function withRemoved(content: Content, section: Removable, id: string, out: boolean): Content {
  const { removed = {}, ...rest } = content
  const { [section]: ids = [], ...others } = removed
  const next = out ? [...new Set([...ids, id])] : ids.filter((one) => one !== id)
  const left = { ...others, ...(next.length > 0 ? { [section]: next } : {}) }
  return Object.keys(left).length > 0 ? { ...rest, removed: left } : rest
}

/**
 * A code for something new: the Latin words of its English name in one (streetLamps), or `usual`, with a number behind
 * it when it is taken.
 */
export function freeCode(english: string, taken: ReadonlySet<string>, usual: string, joined: 'camel' | 'hyphen' = 'camel'): string {
  const words = (english.match(/[A-Za-z][A-Za-z0-9]*/g) ?? []).map((word) => word.toLowerCase()).slice(0, 4)
  const capital = (word: string, at: number) => (at === 0 ? word : word[0]!.toUpperCase() + word.slice(1))
  const stem = (joined === 'camel' ? words.map(capital).join('') : words.join('-')).slice(0, 50) || usual
  if (!taken.has(stem)) return stem
  for (let n = 2; ; n++) {
    const next = joined === 'camel' ? `${stem}${n}` : `${stem}-${n}`
    if (!taken.has(next)) return next
  }
}

/** @returns the formula with a name replaced, also under `last.`; names that only begin or end like it stay */
export function renamedIn(formula: string, from: string, to: string): string {
  return formula.replace(/(?<![\p{L}\p{Nd}_.])(last\.)?([\p{L}_][\p{L}\p{Nd}_]*)/gu, (all, last: string | undefined, name: string) => (name === from ? `${last ?? ''}${to}` : all))
}

/** @returns the design with a field called otherwise in one form, and in every formula that reads it */
export function withFieldCode(content: Content, form: string, from: string, to: string): Content {
  if (from === to) return content
  const inFormula = (value: unknown) => (typeof value === 'string' ? renamedIn(value, from, to) : value)
  const put = (member: Member, ...keys: string[]): Member => ({ ...member, ...Object.fromEntries(keys.filter((key) => typeof member[key] === 'string').map((key) => [key, inFormula(member[key])])) })
  const field = (one: Member): Member => ({ ...put(one, 'computed'), ...(one['code'] === from ? { code: to } : {}) })
  const check = (one: Member): Member => ({ ...put(one, 'holds'), ...(Array.isArray(one['fields']) ? { fields: (one['fields'] as string[]).map((name) => (name === from ? to : name)) } : {}) })
  const forms = (content.sections.forms ?? []).map((one) =>
    one['code'] !== form ? one : {
      ...one,
      sections: ((one['sections'] ?? []) as { fields?: Member[] }[]).map((section) => ({ ...section, fields: (section.fields ?? []).map(field) })),
      ...(Array.isArray(one['checks']) ? { checks: (one['checks'] as Member[]).map(check) } : {}),
    })
  const indicators = (content.sections.indicators ?? []).map((one) => (one['form'] === form ? put(one, 'num', 'den') : one))
  return withSection(withSection(content, 'forms', forms), 'indicators', indicators)
}

/** @returns the design with a new data item under another code; a field that was called like it goes along */
export function withItemCode(content: Content, from: string, to: string): Content {
  if (from === to) return content
  const named = withSection(content, 'dataItems', (content.sections.dataItems ?? []).map((item) => (item['code'] === from ? { ...item, code: to } : item)))
  const forms = (named.sections.forms ?? []).map((form) => ({
    ...form,
    sections: ((form['sections'] ?? []) as { fields?: Member[] }[]).map((section) => ({
      ...section,
      fields: (section.fields ?? []).map((field) => ({ ...field, ...(field['asks'] === from ? { asks: to } : {}), ...(field['shows'] === from ? { shows: to } : {}) })),
    })),
  }))
  const moved = withSection(named, 'forms', forms)
  return forms.reduce((all, form) => {
    const codes = ((form as Member)['sections'] as { fields: Member[] }[]).flatMap((section) => section.fields.map((field) => field['code']))
    return codes.includes(from) && !codes.includes(to) ? withFieldCode(all, String((form as Member)['code']), from, to) : all
  }, moved)
}

/** @returns the member without what was emptied, so that the pack says nothing where nobody said anything */
export function withoutEmpty(member: Member): Member {
  return Object.fromEntries(Object.entries(member).filter(([, value]) => value !== undefined && value !== ''))
}

/** @returns a number where the text is one; otherwise the text, for the check to tell */
export function numberFrom(text: string): number | string {
  return /^-?\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : text
}

/** @returns the words of a line, split at 、 ， ; and spaces that stand between commas */
export function listFrom(text: string): string[] {
  return text.split(/[、，,;；\n]+/).map((word) => word.trim()).filter((word) => word !== '')
}

/** Days with what they are for, one a line: 2018-02-15 春节. A line that is no such day is kept as it is, for the check to tell. */
export function daysFrom(text: string): Record<string, string> | undefined {
  const days = text.split('\n').filter((line) => line.trim() !== '').map((line) => {
    const [, day = line.trim(), name = ''] = /^\s*(\S+)\s*(.*)$/.exec(line) ?? []
    return [day, name.trim()] as const
  })
  return days.length > 0 ? Object.fromEntries(days) : undefined
}

/** @returns the same days as text, in their order */
export function daysText(days: unknown): string {
  return Object.entries((days ?? {}) as Record<string, string>).map(([day, name]) => `${day} ${name}`).join('\n')
}

/** Texts in both languages, one a line: 中文 | English; without English it says the same. */
export function wordLines(text: string): Words[] {
  return text.split('\n').filter((line) => line.trim() !== '').map((line) => {
    const [zh = '', en = ''] = line.split('|').map((part) => part.trim())
    return { zh, en: en || zh }
  })
}

/** @returns the same texts, one a line */
export function wordLinesText(words: unknown): string {
  return ((words ?? []) as Words[]).map(({ zh, en }) => (en && en !== zh ? `${zh} | ${en}` : zh)).join('\n')
}

type Words = { zh: string; en: string }
const words = (value: unknown, otherwise: string): Words => {
  const { zh, en } = (value ?? {}) as Partial<Words>
  return { zh: zh || otherwise, en: en || zh || otherwise }
}

/** A half-written form made whole for the eye: what is missing is blank, an item nobody knows is a text field. */
export function drawnForm(member: Member, items: ReadonlyMap<string, DataItemDefinition>): ResolvedForm {
  const form = member as Partial<FormDefinition>
  const known = new Map(items)
  const sections = (form.sections ?? []).map((section, s) => ({
    name: words(section.name, `${s + 1}`),
    fields: (section.fields ?? []).map((field, f) => {
      const code = field.asks ?? field.shows
      if (code !== undefined && !known.has(code)) known.set(code, { code, name: words(field.name, code), type: 'text', definition: words(undefined, ''), cycle: 'month', precision: 0, hedged: false, sensitivity: 'open' })
      return { ...field, code: field.code || `field${s}x${f}`, required: field.required ?? true }
    }),
  }))
  return resolveForm(
    {
      code: form.code ?? '', name: words(form.name, '—'), ...(form.purpose ? { purpose: words(form.purpose, '') } : {}), audience: form.audience ?? [], cycle: form.cycle ?? 'month',
      minutes: typeof form.minutes === 'number' ? form.minutes : 0, expires: form.expires ?? '', sections, checks: (form.checks ?? []).map((check) => ({ ...check, level: check.level ?? 'error', message: words(check.message, check.code ?? '') })),
    },
    known,
    1,
  )
}

/** An item half-written, with what the schema would put in, so that a page can draw it. */
export function drawnItem(member: Member): DataItemDefinition {
  const item = member as Partial<DataItemDefinition>
  return {
    ...(item as DataItemDefinition),
    code: item.code ?? '', name: words(item.name, item.code ?? ''), definition: words(item.definition, ''), type: item.type ?? 'text', cycle: item.cycle ?? 'month',
    precision: item.precision ?? 0, hedged: item.hedged ?? false, sensitivity: item.sensitivity ?? 'open',
    ...(item.columns ? { columns: item.columns.map((column) => ({ ...column, name: words(column.name, column.code), precision: column.precision ?? 0, required: column.required ?? false })) } : {}),
    ...(item.choices ? { choices: item.choices.map((choice) => ({ ...choice, name: words(choice.name, choice.value) })) } : {}),
  }
}

/** @returns the form without the checks that could not be read, so that a preview goes on while a formula is being typed */
export function withReadableChecks(form: ResolvedForm, reads: (formula: string) => boolean): ResolvedForm {
  return {
    ...form,
    checks: form.checks.filter((check) => reads(check.holds)),
    fields: form.fields.map((field) => (field.computed !== null && !reads(field.computed) ? { ...field, computed: null } : field)),
  }
}
