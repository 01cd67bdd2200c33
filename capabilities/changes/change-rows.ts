import { parseCivilDate } from '../../rules/civil-date.ts'
import { isDecimal } from '../../rules/decimal.ts'
import type { Change, ChangeKind, Into } from './change.ts'

/** Columns of the workbook, in order; `key` names them in code, the first line of the sheet in words. */
export const columns = [
  { key: 'group', zh: '组号', en: 'Group', width: 8 },
  { key: 'kind', zh: '类别', en: 'Kind', width: 10 },
  { key: 'on', zh: '生效日期', en: 'In force from', width: 14 },
  { key: 'fromCode', zh: '原单位代码', en: 'Unit code', width: 18 },
  { key: 'fromName', zh: '原单位名称', en: 'Unit name', width: 22 },
  { key: 'toCode', zh: '新单位代码', en: 'New unit code', width: 18 },
  { key: 'toName', zh: '新单位名称', en: 'New unit name', width: 22 },
  { key: 'share', zh: '份额', en: 'Share', width: 8 },
  { key: 'main', zh: '承接未办结', en: 'Takes over what is open', width: 12 },
  { key: 'areaCode', zh: '块上级代码', en: 'Area parent code', width: 18 },
  { key: 'lineCode', zh: '条上级代码', en: 'Line parent code', width: 18 },
  { key: 'management', zh: '管理方式', en: 'Management', width: 12 },
] as const
export type ColumnKey = (typeof columns)[number]['key']
export type Line = { row: number } & Record<ColumnKey, string>
/** What is wrong, at which cell of the sheet: `row` as the program counts, `column` by key. */
export type WrongCell = { row: number; column: ColumnKey; code: string; facts: Record<string, unknown> }

const kindWords: Record<string, ChangeKind> = { 合并: 'merge', 拆分: 'split', 更名: 'rename', 撤销: 'abolish', 隶属调整: 'transfer', merge: 'merge', split: 'split', rename: 'rename', abolish: 'abolish', transfer: 'transfer' }
const managementWords: Record<string, 'area' | 'line' | 'dual'> = { 块管: 'area', 垂管: 'line', 双重管理: 'dual', area: 'area', line: 'line', dual: 'dual' }
export const kindChoices = ['合并', '拆分', '更名', '撤销', '隶属调整']
export const managementChoices = ['块管', '垂管', '双重管理']
const yes = new Set(['是', 'y', 'yes', '1', '√', 'true'])

/** What the sheet's codes mean: the unit that has a code, if there is one that stands. */
export type KnownUnits = ReadonlyMap<string, { id: number; name: string; areaParent: number | null; lineParent: number | null; management: 'area' | 'line' | 'dual' }>

export type ReadChanges = { changes: Change[]; /** The rows of each change. */ rows: Line[][]; wrong: WrongCell[] }

/**
 * Lines of one group number are one change. A code that a standing unit has means that unit; another code, with a name,
 * is a new one. A name beside a known code must be that unit's, so that a slip of a digit is found.
 */
export function readChanges(lines: readonly Line[], units: KnownUnits): ReadChanges {
  const wrong: WrongCell[] = []
  const changes: Change[] = []
  const rows: Line[][] = []
  const groups = Map.groupBy(lines, (line) => line.group || `row ${line.row}`)
  for (const group of groups.values()) {
    const before = wrong.length
    const first = group[0]!
    const say = (line: Line, column: ColumnKey, code: string, facts: Record<string, unknown> = {}) => void wrong.push({ row: line.row, column, code, facts: { given: line[column], ...facts } })
    const kind = kindWords[first.kind.toLowerCase()]
    if (!kind) say(first, 'kind', first.kind ? 'sheet-kind' : 'sheet-missing')
    for (const line of group) if (line.kind && line.kind !== first.kind) say(line, 'kind', 'sheet-kind-differs', { first: first.kind })
    const on = dateOf(first.on)
    if (!on) say(first, 'on', first.on ? 'sheet-date' : 'sheet-missing')
    for (const line of group) if (line.on && dateOf(line.on) !== on) say(line, 'on', 'sheet-date-differs')
    const known = (line: Line, column: 'fromCode' | 'areaCode' | 'lineCode'): number => {
      const unit = units.get(line[column])
      if (!unit) say(line, column, line[column] ? 'sheet-unit' : 'sheet-missing')
      if (unit && column === 'fromCode' && line.fromName && line.fromName !== unit.name) say(line, 'fromName', 'sheet-name', { name: unit.name })
      return unit?.id ?? 0
    }
    const into = (line: Line): Into => {
      const unit = units.get(line.toCode)
      if (unit && line.toName && line.toName !== unit.name) say(line, 'toName', 'sheet-name', { name: unit.name })
      if (unit) return { unit: unit.id }
      if (!/^[0-9A-Za-z-]{2,40}$/.test(line.toCode)) say(line, 'toCode', line.toCode ? 'sheet-code' : 'sheet-missing')
      if (!line.toName) say(line, 'toName', 'sheet-missing')
      return { create: { code: line.toCode, name: line.toName } }
    }
    const alone = () => {
      for (const line of group.slice(1)) say(line, 'group', 'sheet-alone')
    }
    let change: Change | undefined
    const day = on ?? ''
    if (kind === 'merge') {
      const target = group.find((line) => line.toCode) ?? first
      for (const line of group) {
        if (line.toCode && line.toCode !== target.toCode) say(line, 'toCode', 'sheet-to-differs', { first: target.toCode })
        if (line.toName && target.toName && line.toName !== target.toName) say(line, 'toName', 'sheet-to-differs', { first: target.toName })
      }
      change = { kind, on: day, units: group.map((line) => known(line, 'fromCode')), into: into(target) }
    } else if (kind === 'split') {
      for (const line of group) {
        if (line.fromCode && line.fromCode !== first.fromCode) say(line, 'fromCode', 'sheet-from-differs', { first: first.fromCode })
        if (line.share && !isDecimal(line.share)) say(line, 'share', 'sheet-share')
      }
      const main = group.findIndex((line) => yes.has(line.main.toLowerCase()))
      change = { kind, on: day, unit: known(first, 'fromCode'), into: group.map((line) => ({ ...into(line), ...(line.share ? { share: line.share } : {}) })), main: Math.max(main, 0) }
    } else if (kind === 'rename') {
      alone()
      if (!first.toName) say(first, 'toName', 'sheet-missing')
      change = { kind, on: day, unit: known(first, 'fromCode'), name: first.toName }
    } else if (kind === 'abolish') {
      alone()
      const heir = units.get(first.toCode)
      if (!heir) say(first, 'toCode', first.toCode ? 'sheet-unit' : 'sheet-missing')
      change = { kind, on: day, unit: known(first, 'fromCode'), heir: heir?.id ?? 0 }
    } else if (kind === 'transfer') {
      const own = units.get(first.fromCode)
      const management = first.management ? managementWords[first.management.toLowerCase()] : own?.management
      if (first.management && !management) say(first, 'management', 'sheet-management')
      for (const column of ['areaCode', 'lineCode', 'management'] as const) for (const line of group) if (line[column] && line[column] !== first[column]) say(line, column, 'sheet-to-differs', { first: first[column] })
      if (!first.areaCode && !first.lineCode) say(first, 'areaCode', 'sheet-missing')
      change = {
        kind, on: day, units: group.map((line) => known(line, 'fromCode')),
        areaParent: first.areaCode ? known(first, 'areaCode') : (own?.areaParent ?? null),
        lineParent: first.lineCode ? known(first, 'lineCode') : (own?.lineParent ?? null),
        management: management ?? 'area',
      }
    }
    if (change && wrong.length === before) {
      changes.push(change)
      rows.push(group)
    }
  }
  return { changes, rows, wrong }
}

/** @returns the civil date that office programs write in many ways, or its day's number; undefined when it is none */
export function dateOf(text: string): string | undefined {
  try {
    return parseCivilDate(/^\d{5}$/.test(text) ? Number(text) : text)
  } catch {
    return undefined
  }
}

/** @returns the cell that a finding of a change is about: the row of the unit it names, the column of the field */
export function cellFor(path: string, group: readonly Line[]): { row: number; column: ColumnKey } {
  const [field = '', index = ''] = path.split('.')
  const at = group[/^\d+$/.test(index) ? Number(index) : 0] ?? group[0]!
  const places: Record<string, ColumnKey> = { on: 'on', units: 'fromCode', unit: 'fromCode', name: 'toName', heir: 'toCode', areaParent: 'areaCode', lineParent: 'lineCode', main: 'main', into: 'toCode' }
  return { row: at.row, column: places[field] ?? 'fromCode' }
}

/** Where the columns stand in a sheet, from 1; people move columns and put others in between. */
export type ColumnPlaces = ReadonlyMap<ColumnKey, number>

/** @returns the name of a cell as office programs write it (C5): where its column stands, else that of the unit’s code */
export function cellName({ row, column }: { row: number; column: ColumnKey }, places?: ColumnPlaces): string {
  const inOrder = (key: ColumnKey) => columns.findIndex((one) => one.key === key) + 1
  let at = places ? (places.get(column) ?? places.get('fromCode') ?? 1) : inOrder(column)
  let letters = ''
  for (; at > 0; at = Math.floor((at - 1) / 26)) letters = String.fromCharCode(65 + ((at - 1) % 26)) + letters
  return `${letters}${row}`
}
