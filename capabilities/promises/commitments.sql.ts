import { many, maybe, one, run, sql, type Tx } from '../../server/db.ts'
import type { Condition, Unit } from '../units/units.reads.ts'
import { inSubtree, isChild } from '../units/units.reads.ts'
import type { Counts } from './promises.contract.ts'
import type { Standing } from './lives.ts'

export type CommitmentRow = {
  id: number; unit: number; unitName: string; text: string; measure: string; by: string; madeOn: string; keptOn: string | null; result: string | null; reason: string | null
  state: 'made' | 'kept' | 'withdrawn'; version: number; madeBy: string
}
const columns = sql`c.id, c.unit_id as unit, u.name as "unitName", c.text, c.measure, c.by_date as by, c.made_on as "madeOn", c.kept_on as "keptOn", c.result, c.reason, c.state, c.version, c.made_by as "madeBy"`

/** `standingOf` of lives.ts in SQL. */
const standing = (today: string) => sql`case c.state when 'withdrawn' then 'withdrawn' when 'kept' then case when c.kept_on > c.by_date then 'keptLate' else 'kept' end
  else case when c.by_date < ${today}::date then 'late' else 'running' end end`

export type CommitmentFilter = { standing?: Standing | undefined; q?: string | undefined; limit: number; offset: number }
/** @param where undefined: of all units, for they are public. @returns commitments, those under way first, by their day */
export async function commitmentsWhere(tx: Tx, where: Condition | undefined, today: string, { standing: stands, q, limit, offset }: CommitmentFilter) {
  const these = sql`${where ?? sql`true`} and (${stands ?? null}::text is null or ${standing(today)} = ${stands ?? ''})
    and (${q ?? null}::text is null or c.text ilike '%' || ${q ?? ''}::text || '%' or u.name ilike '%' || ${q ?? ''}::text || '%')`
  const rows = await many<CommitmentRow>(
    tx,
    sql`select ${columns} from commitment c join unit u on u.id = c.unit_id where ${these}
        order by (c.state = 'made') desc, case when c.state = 'made' then c.by_date end, c.by_date desc, c.id desc limit ${limit} offset ${offset}`,
  )
  return { rows, ...(await one<{ total: number }>(tx, sql`select count(*)::int as total from commitment c join unit u on u.id = c.unit_id where ${these}`)) }
}

export function commitmentForUpdate(tx: Tx, id: number): Promise<CommitmentRow | undefined> {
  return maybe(tx, sql`select ${columns} from commitment c join unit u on u.id = c.unit_id where c.id = ${id} for update of c`)
}

export function unitOfCommitment(tx: Tx, id: number): Promise<{ unit: number } | undefined> {
  return maybe(tx, sql`select unit_id as unit from commitment where id = ${id}`)
}

export function addCommitment(tx: Tx, of: { unit: number; text: string; measure: string; by: string; madeBy: string; madeOn: string }): Promise<{ id: number; version: number }> {
  return one(tx, sql`insert into commitment (unit_id, text, measure, by_date, made_by, made_on) values (${of.unit}, ${of.text}, ${of.measure}, ${of.by}, ${of.madeBy}, ${of.madeOn}) returning id, version`)
}

export function keepCommitment(tx: Tx, id: number, of: { on: string; result: string; by: string }): Promise<number> {
  return run(tx, sql`update commitment set state = 'kept', kept_on = ${of.on}, result = ${of.result}, settled_by = ${of.by}, version = version + 1 where id = ${id}`)
}

export function withdrawCommitment(tx: Tx, id: number, of: { reason: string; by: string }): Promise<number> {
  return run(tx, sql`update commitment set state = 'withdrawn', reason = ${of.reason}, settled_by = ${of.by}, version = version + 1 where id = ${id}`)
}

const counted = (today: string) => sql.join(
  (['running', 'late', 'kept', 'keptLate', 'withdrawn'] as const).map((one) => sql`count(c.id) filter (where ${standing(today)} = ${one})::int as ${sql.ref(one)}`),
)
/** @returns how the commitments of a unit and all below it stand */
export function countsOf(tx: Tx, unit: Pick<Unit, 'id' | 'level'>, today: string): Promise<Counts> {
  return one(tx, sql`select ${counted(today)} from unit u join commitment c on c.unit_id = u.id where ${inSubtree('u', unit)}`)
}

/** @returns the same for each active unit directly below that has made any, in the order of codes: aggregates, no ranking */
export function countsBelow(tx: Tx, unit: number, today: string): Promise<({ unit: number; name: string } & Counts)[]> {
  return many(
    tx,
    sql`select k.id as unit, k.name, ${counted(today)} from unit k join unit u on k.id in (u.l1, u.l2, u.l3, u.l4, u.l5, u.id) join commitment c on c.unit_id = u.id
        where ${isChild('k', unit)} and k.state = 'active' group by k.id, k.name, k.code order by k.code`,
  )
}

/** Marks what is due by `until` as told, once. @returns whom to tell what */
export function tellBefore(tx: Tx, today: string, until: string): Promise<{ id: number; unit: number; text: string; by: string }[]> {
  return many(tx, sql`update commitment set told_before = ${today} where state = 'made' and told_before is null and by_date between ${today}::date and ${until}::date returning id, unit_id as unit, text, by_date as by`)
}
export function tellLate(tx: Tx, today: string): Promise<{ id: number; unit: number; text: string; by: string }[]> {
  return many(tx, sql`update commitment set told_late = ${today} where state = 'made' and told_late is null and by_date < ${today}::date returning id, unit_id as unit, text, by_date as by`)
}
