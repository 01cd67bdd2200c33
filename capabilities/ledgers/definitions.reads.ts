import { many, one, sql, type Tx } from '../../server/db.ts'
import type { DataItemDefinition, FormDefinition, ResolvedForm } from './form-definition.ts'
import { resolveForm } from './form-definition.ts'
import { formNow, itemsByCode } from './ledgers.sql.ts'

/** A form in force as it would be written in a pack, with the items that it asks. */
export type Written = { form: FormDefinition; items: DataItemDefinition[]; version: number; pack: string | null; resolved: ResolvedForm }

/**
 * @param inPack the form as its pack says it, where it came by one: taken when it still means what is in force
 * @returns the form in the words of a pack, or undefined when there is none of that code
 */
export async function writtenForm(tx: Tx, code: string, inPack?: FormDefinition): Promise<Written | undefined> {
  const now = await formNow(tx, code)
  if (!now) return undefined
  const named = now.definition.fields.flatMap((field) => field.item ?? [])
  const items = await itemsByCode(tx, named)
  const asked = now.definition.fields.filter((field) => field.kind === 'asks').flatMap((field) => withoutOwner(items.get(field.item!)))
  const says = inPack && named.every((item) => items.has(item)) && sameForm(resolveForm(inPack, items, now.version), now.definition)
  return { form: says ? inPack : formWritten(now.definition, items, now.expires ?? ''), items: asked, version: now.version, pack: now.pack, resolved: now.definition }
}

function withoutOwner(item: (DataItemDefinition & { ownerForm?: unknown }) | undefined): DataItemDefinition[] {
  if (!item) return []
  const { ownerForm: _owner, ...definition } = item
  return [definition]
}

function sameForm(a: ResolvedForm, b: ResolvedForm): boolean {
  const text = (value: unknown): string =>
    JSON.stringify(value, (_key, part: unknown) =>
      part !== null && typeof part === 'object' && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1))) : part)
  return text(a) === text(b)
}

/** @returns a resolved form in the words of a pack: resolving it again with the same items gives the same form */
export function formWritten(form: ResolvedForm, items: ReadonlyMap<string, Pick<DataItemDefinition, 'name'>>, expires: string): FormDefinition {
  return {
    code: form.code,
    name: form.name,
    ...(form.purpose ? { purpose: form.purpose } : {}),
    audience: form.audience,
    cycle: form.cycle,
    minutes: form.minutes,
    expires,
    sections: form.sections.map((name, at) => ({
      name,
      fields: form.fields.filter((field) => field.section === at).map((field) => {
        const ownName = field.kind === 'computed' || JSON.stringify(items.get(field.item!)?.name) !== JSON.stringify(field.name)
        return {
          code: field.code,
          ...(field.kind === 'asks' ? { asks: field.item! } : field.kind === 'shows' ? { shows: field.item! } : { computed: field.computed! }),
          ...(ownName ? { name: field.name } : {}),
          ...(field.help ? { help: field.help } : {}),
          required: field.kind === 'asks' ? field.required : true,
          ...(field.min === null ? {} : { min: field.min }),
          ...(field.max === null ? {} : { max: field.max }),
          ...(field.kind === 'computed' ? { type: field.type as 'number', ...(field.unit ? { unit: field.unit } : {}), ...(field.precision ? { precision: field.precision } : {}) } : {}),
        }
      }),
    })),
    checks: form.checks,
  }
}

/** @returns how many returns of a form are where: not given (of them begun), sent back, waiting for a decision, accepted */
export function returnsByState(tx: Tx, form: string) {
  return one<{ open: number; drafts: number; sentBack: number; waiting: number; accepted: number }>(
    tx,
    sql`select count(*) filter (where r.state is null)::int as open, count(*) filter (where r.state = 'sentBack')::int as "sentBack",
          count(*) filter (where r.state = 'submitted')::int as waiting, count(*) filter (where r.state = 'accepted')::int as accepted,
          (select count(*)::int from record_draft d where d.form = ${form}) as drafts
        from expected_return e left join record r on r.period = e.period and r.county_id = e.county_id and r.unit_id = e.unit_id and r.form = e.form
        where e.form = ${form}`,
  )
}

/** @returns for each of these fields how many drafts of the form hold something in it */
export async function draftsWith(tx: Tx, form: string, fields: readonly string[]): Promise<Map<string, number>> {
  const rows = await many<{ field: string; drafts: number }>(
    tx,
    sql`select f as field, count(*)::int as drafts from record_draft d cross join unnest(${fields}::text[]) f
        where d.form = ${form} and d.vals->f is not null and d.vals->f <> 'null' group by f`,
  )
  return new Map(rows.map(({ field, drafts }) => [field, drafts]))
}
