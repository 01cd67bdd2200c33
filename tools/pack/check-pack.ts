import type { z } from 'zod'
import { forbiddenIn, redLineNames } from '../../rules/forbidden-words.ts'
import { many, sql, type Tx } from '../../server/db.ts'
import type { PackPart } from '../../server/pack.ts'
import { identityIn } from './identity.ts'
import { PackHead, placeOf, type Place, type Placed, type RawFinding, type ReadPack, type Where } from './read-pack.ts'
import { sentenceOf } from './sentences.ts'

/** One thing to correct, at one place of one file. */
export type PackFinding = Place & {
  /** The offending thing: `village-month/income`; empty where none is named. */
  id: string
  code: string
  facts: Record<string, unknown>
  /** What is wrong and what to do. */
  say: { zh: string; en: string }
  /** The same place in the values. */
  where?: Where | undefined
}

export type CheckedPack = {
  /** Undefined when pack.yaml is missing or wrong. */
  head: PackHead | undefined
  /** The sections that hold to their schemas, with defaults filled in. */
  sections: Record<string, unknown>
  /** In the order of files and lines; none: the pack can be applied. */
  findings: PackFinding[]
}

/**
 * Checks a pack against its schemas, the forbidden dictionary (red lines), its own ids, the packs it requires and each
 * part's check. A part is only checked when its section holds to the schema.
 */
export async function checkPack(tx: Tx, pack: ReadPack, parts: readonly PackPart<any>[]): Promise<CheckedPack> {
  const found: { raw: RawFinding; part?: PackPart<any> | undefined }[] = pack.findings.map((raw) => ({ raw }))
  const sections: Record<string, unknown> = {}
  const broken = new Set(pack.findings.map((finding) => finding.file))

  const headRead = pack.placed.has('pack') && !broken.has('pack.yaml') ? PackHead.safeParse(pack.head) : undefined
  for (const issue of headRead?.error?.issues ?? []) for (const raw of schemaFindings(pack, 'pack', issue)) found.push({ raw })
  const head = headRead?.data
  if (head) for (const raw of await missingPacks(tx, pack, head)) found.push({ raw })

  for (const part of parts) {
    const root = pack.placed.get(part.name)
    if (!root) continue
    // A file that cannot be read has no value: its schema findings would only hide the syntax error.
    if (!root.members && root.value === undefined && broken.has(root.at.file)) continue
    const read = (part.schema as z.ZodType).safeParse(pack.sections[part.name])
    if (read.success) sections[part.name] = read.data
    else for (const issue of read.error.issues) for (const raw of schemaFindings(pack, part.name, issue, part)) found.push({ raw, part })
    for (const raw of idsTwice(pack, part, root)) found.push({ raw, part })
  }
  for (const [section, root] of pack.placed) {
    for (const raw of forbiddenWords(pack, section, root, parts.find((part) => part.name === section))) found.push({ raw })
  }
  for (const part of parts) {
    if (!head || !(part.name in sections)) continue
    for (const finding of await part.check(sections[part.name], { tx, pack: head.code, sections })) {
      const path = finding.path === '' ? [] : finding.path.split('.')
      const id = idAt(pack, part.name, path, part)
      found.push({ raw: { ...placeOf(pack, part.name, path), id, code: finding.code, facts: finding.facts ?? {}, where: { section: part.name, path } }, part })
    }
  }
  const findings = found
    .map(({ raw, part }): PackFinding => ({ ...raw, id: raw.id ?? '', say: sentenceOf(raw.code, raw.facts, part) }))
    .sort((a, b) => (a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1))
  return { head, sections, findings }
}

async function missingPacks(tx: Tx, pack: ReadPack, head: PackHead): Promise<RawFinding[]> {
  if (head.requires.length === 0) return []
  const applied = new Set((await many<{ code: string }>(tx, sql`select code from pack`)).map((row) => row.code))
  return head.requires.flatMap((code, i) =>
    applied.has(code) ? [] : [{ ...placeOf(pack, 'pack', ['requires', i]), id: code, code: 'pack-required', facts: { pack: code }, where: { section: 'pack', path: ['requires', String(i)] } }],
  )
}

type Issue = z.core.$ZodIssue

function schemaFindings(pack: ReadPack, section: string, issue: Issue, part?: PackPart<any>): RawFinding[] {
  const path = issue.path
  const field = path.length > 0 ? String(path.at(-1)) : section
  const where: Where = { section, path: path.map(String) }
  const at = (ofKey = false): Pick<RawFinding, 'file' | 'line' | 'column' | 'id' | 'where'> => ({
    ...placeOf(pack, section, path, ofKey),
    id: idAt(pack, section, path, part),
    where,
  })
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        ...placeOf(pack, section, [...path, key], true), id: idAt(pack, section, path, part), code: 'key-unknown', facts: { key }, where,
      }))
    case 'invalid_type':
      if (!isThere(pack, section, path)) return [{ ...at(), code: 'missing', facts: { field } }]
      return [{ ...at(), code: 'type', facts: { field, expected: issue.expected } }]
    case 'invalid_value':
      if (!isThere(pack, section, path)) return [{ ...at(), code: 'missing', facts: { field } }]
      return [{ ...at(), code: 'choice', facts: { field, options: issue.values.map(String).join(', ') } }]
    case 'too_small':
    case 'too_big':
    case 'not_multiple_of':
      return [{ ...at(), code: 'size', facts: { field, says: issue.message } }]
    case 'invalid_format':
      return [{ ...at(), code: 'format', facts: { field, says: issue.message } }]
    case 'invalid_union': {
      // The member that the value fits best says more than “none of them”.
      const nearest = [...issue.errors].sort((a, b) => depth(b) - depth(a))[0]
      if (!nearest || depth(nearest) === 0) {
        if (!isThere(pack, section, path)) return [{ ...at(), code: 'missing', facts: { field } }]
        return [{ ...at(), code: 'type', facts: { field, expected: expectedOf(issue.errors) } }]
      }
      return nearest.flatMap((inner) => schemaFindings(pack, section, { ...inner, path: [...path, ...inner.path] }, part))
    }
    case 'invalid_key':
    case 'invalid_element': {
      const says = issue.issues.map((inner) => inner.message).join('; ')
      return [{ ...at(true), code: 'rule', facts: { field, says } }]
    }
    default:
      return [{ ...at(), code: 'rule', facts: { field, says: issue.message } }]
  }
}

function depth(issues: readonly Issue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length))
}

function expectedOf(members: readonly (readonly Issue[])[]): string {
  const names = members.flat().map((issue) => (issue.code === 'invalid_type' ? issue.expected : issue.message))
  return [...new Set(names)].join(' / ')
}

function isThere(pack: ReadPack, section: string, path: readonly PropertyKey[]): boolean {
  let at = pack.placed.get(section)
  for (const step of path) at = at?.members?.get(String(step))
  return at !== undefined && (at.members !== undefined || (at.value !== undefined && at.value !== null))
}

/** The named things on the way to a place, outermost first: `village-month/income`. */
function idAt(pack: ReadPack, section: string, path: readonly PropertyKey[], part?: PackPart<any>): string {
  const names: string[] = []
  let at: Placed | undefined = pack.placed.get(section)
  path.forEach((step, i) => {
    const inList = at?.list
    at = at?.members?.get(String(step))
    if (!inList || !at?.members || at.list) return
    const list = path.slice(0, i).filter((before) => !/^\d+$/.test(String(before))).join('.')
    const name = identityIn(scalars(at), list, path.slice(0, i).every((before) => !/^\d+$/.test(String(before))) ? part : undefined)
    if (name !== undefined) names.push(name)
  })
  return names.join('/')
}

function scalars(placed: Placed): Record<string, unknown> {
  return Object.fromEntries([...(placed.members ?? [])].map(([key, member]) => [key, member.value]))
}

function idsTwice(pack: ReadPack, part: PackPart<any>, root: Placed): RawFinding[] {
  const found: RawFinding[] = []
  walk(root, [], true)
  return found

  /** `outer`: no list is around, so that the part's own identity applies. */
  function walk(at: Placed, path: string[], outer: boolean): void {
    const first = new Map<string, Placed>()
    for (const [key, member] of at.members ?? []) {
      if (at.list && member.members && !member.list) {
        const id = identityIn(scalars(member), path.filter((step) => !/^\d+$/.test(step)).join('.'), outer ? part : undefined)
        const before = id === undefined ? undefined : first.get(id)
        if (id !== undefined && before) {
          const facts = { id, first: `${before.at.file}:${before.at.line}` }
          found.push({ ...member.at, id: idAt(pack, part.name, [...path, key], part), code: 'id-twice', facts, where: { section: part.name, path: [...path, key] } })
        } else if (id !== undefined) first.set(id, member)
      }
      walk(member, [...path, key], outer && !at.list)
    }
  }
}

function forbiddenWords(pack: ReadPack, section: string, root: Placed, part?: PackPart<any>): RawFinding[] {
  const found: RawFinding[] = []
  // A CSV header stands once in the file, and once per row in the tree.
  const told = new Set<string>()
  walk(root, [], false)
  return found

  function walk(at: Placed, path: string[], inList: boolean): void {
    if (!inList && path.length > 0) tell(path.at(-1)!, at.keyAt ?? at.at, path)
    if (typeof at.value === 'string') tell(at.value, at.at, path)
    for (const [key, member] of at.members ?? []) walk(member, [...path, key], at.list === true)
  }

  function tell(text: string, at: Place, path: string[]): void {
    for (const { word, line } of forbiddenIn(text)) {
      const mark = `${at.file}:${at.line}:${at.column}:${word}`
      if (told.has(mark)) continue
      told.add(mark)
      found.push({ ...at, id: idAt(pack, section, path, part), code: 'forbidden-word', facts: { word, line, redLine: redLineNames[line] }, where: { section, path } })
    }
  }
}
