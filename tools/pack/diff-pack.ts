import { maybe, sql, type Tx } from '../../server/db.ts'
import type { z } from 'zod'
import type { PackPart, Staying } from '../../server/pack.ts'
import { canonicalValue } from './canonical.ts'
import { identityIn } from './identity.ts'
import type { ReadPack } from './read-pack.ts'

export type Leaf = { path: string; from: unknown; to: unknown }
export type ListDiff = {
  section: string
  /** '' for the section itself, otherwise the list's name in it. */
  list: string
  added: string[]
  removed: string[]
  changed: { id: string; leaves: Leaf[] }[]
}
export type PackDiff = {
  pack: string
  /** The applied version; null: the pack was never applied. */
  from: string | null
  to: string
  /** Nothing would change. */
  same: boolean
  lists: ListDiff[]
  /** What stays as it stands although the pack says otherwise, because a recorded change has decided it. */
  stays: (Staying & { section: string })[]
}

type Content = { head: unknown; sections: Record<string, unknown> }

/** What applying `pack` would change against what is applied, told by ids and leaf by leaf. */
export async function diffPack(tx: Tx, pack: ReadPack, parts: readonly PackPart<any>[]): Promise<PackDiff> {
  const head = (pack.head ?? {}) as { code?: string; version?: string }
  const applied = await maybe<{ version: string; hash: string; content: Content }>(
    tx,
    sql`select version, hash, content from pack where code = ${head.code ?? ''}`,
  )
  const before = applied?.content ?? { head: {}, sections: {} }
  const names = [...new Set([...parts.map((part) => part.name), ...Object.keys(before.sections)])]
  const lists = [
    ...sectionDiff('pack', { '': before.head }, { '': pack.head }),
    ...names.flatMap((name) => {
      const part = parts.find((part) => part.name === name)
      // What is only written in another way (a default, a number for a decimal) is no difference.
      const plain = (section: unknown) => listsOf(part && section !== undefined ? canonicalValue(part.schema, section) : section)
      return sectionDiff(name, plain(before.sections[name]), plain(pack.sections[name]), part)
    }),
  ]
  const same = applied?.hash === pack.hash
  const stays: PackDiff['stays'] = []
  for (const part of same ? [] : parts) {
    const section = part.stays && (part.schema as z.ZodType).safeParse(pack.sections[part.name])
    if (section?.success) stays.push(...(await part.stays!(tx, section.data)).map((one) => ({ section: part.name, ...one })))
  }
  return { pack: head.code ?? '', from: applied?.version ?? null, to: head.version ?? '', same, lists, stays }
}

/** A section as its lists by name: the section itself is '', what is no list stands under ''. */
function listsOf(section: unknown): Record<string, unknown> {
  if (section === undefined || section === null || Array.isArray(section) || typeof section !== 'object') return { '': section }
  const entries = Object.entries(section)
  const rest = entries.filter(([, value]) => !Array.isArray(value))
  return { ...Object.fromEntries(entries.filter(([, value]) => Array.isArray(value))), ...(rest.length > 0 ? { '': Object.fromEntries(rest) } : {}) }
}

function sectionDiff(section: string, before: Record<string, unknown>, after: Record<string, unknown>, part?: PackPart<any>): ListDiff[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names
    .map((list) => listDiff(section, list, before[list], after[list], part))
    .filter((diff) => diff.added.length + diff.removed.length + diff.changed.length > 0)
}

function listDiff(section: string, list: string, before: unknown, after: unknown, part?: PackPart<any>): ListDiff {
  const [was, is] = [membersOf(before, list, part), membersOf(after, list, part)]
  const changed: ListDiff['changed'] = []
  for (const [id, value] of is) {
    if (!was.has(id)) continue
    const leaves = leavesBetween(was.get(id), value)
    if (leaves.length > 0) changed.push({ id, leaves })
  }
  return {
    section,
    list,
    added: [...is.keys()].filter((id) => !was.has(id)),
    removed: [...was.keys()].filter((id) => !is.has(id)),
    changed,
  }
}

/** Members of a list by id; members without one go by their place. Anything else is one thing without a name. */
function membersOf(value: unknown, list: string, part?: PackPart<any>): Map<string, unknown> {
  if (value === undefined || value === null) return new Map()
  if (!Array.isArray(value)) return new Map([['', value]])
  return new Map(value.map((item, i) => [nameOf(item, i, list, part), item]))
}

function nameOf(item: unknown, place: number, list: string, part?: PackPart<any>): string {
  const named = item !== null && typeof item === 'object' && !Array.isArray(item)
  return (named ? identityIn(item as Record<string, unknown>, list, part) : undefined) ?? `#${place + 1}`
}

function leavesBetween(before: unknown, after: unknown): Leaf[] {
  const [was, is] = [leavesOf(before), leavesOf(after)]
  return [...new Set([...was.keys(), ...is.keys()])]
    .filter((path) => was.get(path) !== is.get(path))
    .map((path) => ({ path, from: was.get(path) ?? null, to: is.get(path) ?? null }))
}

/** `sections[1].fields[income].name.zh` → its value. Members with ids go by them, so that one put in front shifts nothing. */
function leavesOf(value: unknown, path = '', leaves = new Map<string, unknown>()): Map<string, unknown> {
  if (Array.isArray(value)) {
    const names = value.map((item, i) => nameOf(item, i, ''))
    // Ids that stand twice cannot tell members apart.
    const safe = new Set(names).size === names.length ? names : value.map((_, i) => `#${i + 1}`)
    if (value.length > 0 && safe.every((name) => !name.startsWith('#'))) leaves.set(`${path} (order)`, safe.join(', '))
    value.forEach((item, i) => leavesOf(item, `${path}[${safe[i]}]`, leaves))
  } else if (value !== null && typeof value === 'object') {
    for (const [key, member] of Object.entries(value)) leavesOf(member, path === '' ? key : `${path}.${key}`, leaves)
  } else if (value !== null && value !== undefined) leaves.set(path, value)
  return leaves
}

/** The difference as lines of text: `+` added, `-` removed, `~` changed with each leaf's from → to, `=` stays. */
export function diffText(diff: PackDiff): string {
  const versions = diff.from === null ? `${diff.to} (not applied yet)` : `${diff.from} → ${diff.to}`
  if (diff.same) return `${diff.pack} ${diff.to}: nothing would change`
  const lines = [`${diff.pack} ${versions}`]
  for (const { section, list, added, removed, changed } of diff.lists) {
    lines.push(`${list === '' ? section : `${section}.${list}`}: +${added.length} ~${changed.length} -${removed.length}`)
    for (const id of added) if (id !== '') lines.push(`  + ${id}`)
    for (const { id, leaves } of changed) {
      if (id !== '') lines.push(`  ~ ${id}`)
      for (const leaf of leaves) lines.push(`      ${leaf.path}: ${told(leaf.from)} → ${told(leaf.to)}`)
    }
    for (const id of removed) if (id !== '') lines.push(`  - ${id}`)
  }
  if (diff.stays.length > 0) lines.push(`保持不变（已由变动决定，内容包不会改回）/ stays as it is, decided by a change: ${diff.stays.length}`)
  for (const { section, id, path, pack, stands, on, document } of diff.stays) lines.push(`  = ${section} ${id} ${path}: ${told(stands)}（${on} ${document}），内容包 / the pack: ${told(pack)}`)
  return lines.join('\n')
}

function told(value: unknown): string {
  return value === null ? '–' : typeof value === 'string' ? value : JSON.stringify(value)
}
