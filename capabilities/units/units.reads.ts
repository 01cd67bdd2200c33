import type { RawBuilder } from 'kysely'
import { Problem } from '../../rules/problem.ts'
import { many, maybe, one, sql, type Tx } from '../../server/db.ts'
import type { UnitPath } from '../access/permission.ts'
import type { Audience } from './audience.ts'

/** A piece of SQL that is true or false for a row. */
export type Condition = RawBuilder<boolean>

export type Level = 1 | 2 | 3 | 4 | 5
export type Management = 'area' | 'line' | 'dual'
export type UnitState = 'proposed' | 'active' | 'merged' | 'split' | 'abolished'

/** A unit as it stands now. `l1`…`l5` is its roll-up path (itself at its own level), `linePath` its line ancestors, nearest first. */
export type Unit = {
  id: number
  code: string
  name: string
  kind: string
  class: string
  level: Level
  areaParent: number | null
  lineParent: number | null
  management: Management
  state: UnitState
  validFrom: string
  validTo: string | null
  l1: number | null
  l2: number | null
  l3: number | null
  l4: number | null
  l5: number | null
  linePath: number[]
  /** Of an ended unit: who came after it and stands, and what is above those but not above it. */
  heirPath: number[]
  residents: number | null
  version: number
}

/** The columns of a `Unit`, for a query that has table `unit` under `alias`. */
export function unitColumns(alias = 'u'): RawBuilder<unknown> {
  const of = (name: string) => sql.ref(`${alias}.${name}`)
  return sql`${of('id')}, ${of('code')}, ${of('name')}, ${of('kind')}, ${of('class')}, ${of('level')},
    ${of('area_parent')} as "areaParent", ${of('line_parent')} as "lineParent", ${of('management')}, ${of('state')},
    ${of('valid_from')} as "validFrom", ${of('valid_to')} as "validTo",
    ${of('l1')}, ${of('l2')}, ${of('l3')}, ${of('l4')}, ${of('l5')}, ${of('line_path')} as "linePath", ${of('heir_path')} as "heirPath",
    ${of('residents')}, ${of('version')}`
}

/** @returns the unit with this id, whatever its state. Throws Problem `unit-unknown`. */
export async function unitOf(tx: Tx, id: number): Promise<Unit> {
  const unit = await maybe<Unit>(tx, sql`select ${unitColumns()} from unit u where u.id = ${id}`)
  if (!unit) throw new Problem('unit-unknown', { facts: { unit: id } })
  return unit
}

/** @returns the units that exist among `ids`, by id */
export async function unitsOf(tx: Tx, ids: readonly number[]): Promise<Map<number, Unit>> {
  const units = await many<Unit>(tx, sql`select ${unitColumns()} from unit u where u.id = any(${ids}::int[])`)
  return new Map(units.map((unit) => [unit.id, unit]))
}

/** @returns the unit, if it is active. Throws Problem `unit-unknown` or `unit-closed` (says since when). */
export async function activeUnitOf(tx: Tx, id: number): Promise<Unit> {
  const unit = await unitOf(tx, id)
  if (unit.state !== 'active') {
    throw new Problem('unit-closed', { facts: { unit: unit.id, name: unit.name, state: unit.state, since: unit.validTo } })
  }
  return unit
}

/** @returns the unit with this code. Throws Problem `unit-unknown`. */
export async function unitByCode(tx: Tx, code: string): Promise<Unit> {
  const unit = await maybe<Unit>(tx, sql`select ${unitColumns()} from unit u where u.code = ${code}`)
  if (!unit) throw new Problem('unit-unknown', { facts: { unit: code } })
  return unit
}

/** @returns ids by code, for the codes that exist */
export async function unitIdsByCode(tx: Tx, codes: readonly string[]): Promise<Map<string, number>> {
  const rows = await many<{ code: string; id: number }>(tx, sql`select code, id from unit where code = any(${codes}::text[])`)
  return new Map(rows.map((row) => [row.code, row.id]))
}

/**
 * @returns the unit's own id first, then every ancestor in the roll-up tree (nearest first) and the line tree; of an
 *   ended unit also its successors and those above them: what it left stays theirs to see and to finish
 */
export function pathOfUnit(unit: Pick<Unit, 'id' | 'l1' | 'l2' | 'l3' | 'l4' | 'l5' | 'linePath'> & { heirPath?: readonly number[] }): UnitPath {
  const above = [unit.l5, unit.l4, unit.l3, unit.l2, unit.l1].filter((id) => id !== null)
  return [...new Set([unit.id, ...above, ...unit.linePath, ...(unit.heirPath ?? [])])]
}

/** @returns who may act on the unit by holding a post on one of these. Throws Problem `unit-unknown`. */
export async function pathOf(tx: Tx, id: number): Promise<UnitPath> {
  return pathOfUnit(await unitOf(tx, id))
}

/** @returns the paths of several units, by id. Throws Problem `unit-unknown` that names the first missing one. */
export async function pathsOf(tx: Tx, ids: readonly number[]): Promise<Map<number, UnitPath>> {
  const units = await unitsOf(tx, ids)
  const missing = ids.find((id) => !units.has(id))
  if (missing !== undefined) throw new Problem('unit-unknown', { facts: { unit: missing } })
  return new Map([...units].map(([id, unit]) => [id, pathOfUnit(unit)]))
}

/**
 * The condition “this unit lies at or below one of these units”, in both trees, in a form that uses the indexes of the
 * level columns: looks up at which levels the scope's units stand, whether anything hangs below them in the line tree,
 * and whether they came after an ended unit.
 * @param alias the name of table `unit` in the query; @param scope ids of units, from `mustHold` or `scopeOf`
 */
export async function inScope(tx: Tx, alias: string, scope: readonly number[]): Promise<Condition> {
  // Heirs are counted where one would do: asked for one, PostgreSQL hopes to meet it early and reads all units when there is none.
  const roots = await many<{ id: number; level: Level; line: boolean; heir: boolean }>(
    tx,
    sql`select u.id, u.level, exists (select from unit b where b.line_parent = u.id) as line, (select count(*) from unit b where b.heir_path @> array[u.id]) > 0 as heir
        from unit u where u.id = any(${scope}::int[])`,
  )
  const parts: Condition[] = []
  for (const level of [1, 2, 3, 4, 5] as const) {
    const ids = roots.filter((root) => root.level === level).map((root) => root.id)
    if (ids.length > 0) parts.push(sql`${atLevel(alias, level)} = any(${ids}::int[])`)
  }
  const lines = roots.filter((root) => root.line).map((root) => root.id)
  if (lines.length > 0) parts.push(sql`${sql.ref(`${alias}.line_path`)} && ${lines}::int[]`)
  const heirs = roots.filter((root) => root.heir).map((root) => root.id)
  if (heirs.length > 0) parts.push(sql`${sql.ref(`${alias}.heir_path`)} && ${heirs}::int[]`)
  return parts.length === 0 ? sql`false` : sql`(${sql.join(parts, sql` or `)})`
}

/** The condition “this unit rolls up to `unit`, or is it”: the roll-up tree only, so it is what figures count. */
export function inSubtree(alias: string, unit: Pick<Unit, 'id' | 'level'>): Condition {
  return sql`${atLevel(alias, unit.level)} = ${unit.id}`
}

// A unit of level 5 has nothing below it, so its own id is the better index.
const levelColumns = { 1: 'l1', 2: 'l2', 3: 'l3', 4: 'l4', 5: 'id' } as const
function atLevel(alias: string, level: Level) {
  return sql.ref(`${alias}.${levelColumns[level]}`)
}

/**
 * The condition “this unit is addressed by the rule”: active, of one of the classes, at or below `within` (roll-up tree)
 * or in the line below `line`, and not at or below `except`.
 */
export async function unitsByAudience(tx: Tx, alias: string, rule: Audience): Promise<Condition> {
  const named = [...rule.within, ...(rule.line ?? []), ...(rule.except ?? [])]
  const units = await unitsOf(tx, named)
  const missing = named.find((id) => !units.has(id))
  if (missing !== undefined) throw new Problem('unit-unknown', { facts: { unit: missing } })
  const below = (ids: readonly number[]) => {
    const perLevel = Map.groupBy(ids.map((id) => units.get(id)!), (unit) => unit.level)
    return [...perLevel.entries()]
      .sort(([a], [b]) => a - b)
      .map(([level, of]): Condition => sql`${atLevel(alias, level)} = any(${of.map((unit) => unit.id)}::int[])`)
  }
  const places = below(rule.within)
  if (rule.line?.length) {
    places.push(sql`(${sql.ref(`${alias}.line_path`)} && ${rule.line}::int[] or ${sql.ref(`${alias}.id`)} = any(${rule.line}::int[]))`)
  }
  const except = below(rule.except ?? [])
  return sql`(${sql.ref(`${alias}.state`)} = 'active' and ${sql.ref(`${alias}.class`)} = any(${rule.classes}::text[])
    and ${places.length ? sql`(${sql.join(places, sql` or `)})` : sql`false`}
    and not ${except.length ? sql`coalesce(${sql.join(except, sql` or `)}, false)` : sql`false`})`
}

export type Tree = 'rollUp' | 'area' | 'line'

/**
 * The condition “hangs directly below `parent`”. In the roll-up tree a unit hangs below its line parent when it is
 * managed by the line (垂管), below its area parent otherwise.
 */
export function isChild(alias: string, parent: number, tree: Tree = 'rollUp'): Condition {
  const area = sql.ref(`${alias}.area_parent`)
  const line = sql.ref(`${alias}.line_parent`)
  const management = sql.ref(`${alias}.management`)
  if (tree === 'area') return sql`${area} = ${parent}`
  if (tree === 'line') return sql`${line} = ${parent}`
  return sql`(${area} = ${parent} and ${management} <> 'line' or ${line} = ${parent} and ${management} = 'line')`
}

/** @returns the active units directly below `parent`, by rank of their class, then code */
export function childrenOf(tx: Tx, parent: number, { tree = 'rollUp' as Tree } = {}): Promise<Unit[]> {
  return many<Unit>(
    tx,
    sql`select ${unitColumns()} from unit u join unit_class c on c.code = u.class
        where ${isChild('u', parent, tree)} and u.state = 'active' order by c.ordinal, u.code`,
  )
}

/** @returns how many active units of these classes roll up to `unit` (itself included when it is of one) */
export async function countOfClass(tx: Tx, unit: number, classes: readonly string[]): Promise<number> {
  const { units } = await one<{ units: number }>(
    tx,
    sql`select coalesce(sum(units), 0)::int as units from unit_tally where unit_id = ${unit} and class = any(${classes}::text[])`,
  )
  return units
}

/** @returns counts by unit, as `countOfClass` gives them for one; units with none are 0 */
export async function countsOfClass(tx: Tx, units: readonly number[], classes: readonly string[]): Promise<Map<number, number>> {
  const rows = await many<{ unit: number; units: number }>(
    tx,
    sql`select unit_id as unit, sum(units)::int as units from unit_tally
        where unit_id = any(${units}::int[]) and class = any(${classes}::text[]) group by unit_id`,
  )
  const counted = new Map(rows.map((row) => [row.unit, row.units]))
  return new Map(units.map((unit) => [unit, counted.get(unit) ?? 0]))
}

/** @returns the unit's name. Throws Problem `unit-unknown`. */
export async function nameOf(tx: Tx, id: number): Promise<string> {
  return (await unitOf(tx, id)).name
}

/** @returns names by id, for the ids that exist */
export async function namesOf(tx: Tx, ids: readonly number[]): Promise<Map<number, string>> {
  const rows = await many<{ id: number; name: string }>(tx, sql`select id, name from unit where id = any(${ids}::int[])`)
  return new Map(rows.map((row) => [row.id, row.name]))
}

/** @returns the key that a unit's rows are co-located by: its county, or the unit that stands highest below one */
export function countyIdOf(unit: Pick<Unit, 'id' | 'l1' | 'l2' | 'l3'>): number {
  return unit.l3 ?? unit.l2 ?? unit.l1 ?? unit.id
}

/** @returns the unit's state; it does not end before this transaction does */
export async function stateShared(tx: Tx, id: number): Promise<UnitState> {
  return (await one<{ state: UnitState }>(tx, sql`select state from unit where id = ${id} for share`)).state
}

/** @returns whether somebody came after the unit */
export async function hasSuccessor(tx: Tx, id: number): Promise<boolean> {
  return (await maybe(tx, sql`select 1 as yes from unit_successor where unit_id = ${id} limit 1`)) !== undefined
}

/** @returns these units and the ended ones that they came after, so that what those left waits for somebody */
export async function withPredecessors(tx: Tx, units: readonly number[]): Promise<number[]> {
  const rows = await many<{ id: number }>(
    tx,
    sql`with recursive before(id) as (
          select s.unit_id from unit_successor s where s.successor_id = any(${units}::int[])
          union select s.unit_id from before b join unit_successor s on s.successor_id = b.id
        ) select b.id from before b join unit u on u.id = b.id where u.state <> 'active'`,
  )
  return [...new Set([...units, ...rows.map((row) => row.id)])]
}

/** @returns names of the unit classes by code, in the language */
export async function classNames(tx: Tx, locale: 'zh-CN' | 'en'): Promise<Map<string, string>> {
  const rows = await many<{ code: string; zh: string; en: string }>(tx, sql`select code, name_zh as zh, name_en as en from unit_class`)
  return new Map(rows.map((row) => [row.code, locale === 'en' ? row.en : row.zh]))
}

/** @returns the lowest rank that units of these classes have (5 is a village's); undefined when none of them exists */
export async function levelOfClasses(tx: Tx, classes: readonly string[]): Promise<Level | undefined> {
  const { level } = await one<{ level: Level | null }>(
    tx,
    sql`select max(level) as level from unit_class where code = any(${classes}::text[])`,
  )
  return level ?? undefined
}
