import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Document, isMap, isScalar, isSeq, visit, type YAMLMap } from 'yaml'
import { Problem } from '../../rules/problem.ts'
import { many, sql, type Tx } from '../../server/db.ts'
import type { PackPart } from '../../server/pack.ts'
import { canonicalValue } from './canonical.ts'
import { PackHead } from './read-pack.ts'

export type PackContent = { head: unknown; sections: Readonly<Record<string, unknown>> }

/** Sections that lie in a folder, one file per member. */
const inFolders = new Set(['forms'])

/**
 * The files of a pack in their one form: the same content always gives the same bytes, in whatever order, layout or
 * notation it was read. `pack.yaml`, one `<section>.yaml` per section, `forms/<code>.yaml` for each form; no comments.
 * @returns texts by path, in the order of paths
 */
export function packFiles({ head, sections }: PackContent, parts: readonly PackPart<any>[]): Map<string, string> {
  const files: [path: string, text: string][] = [['pack.yaml', yamlOf(canonicalValue(PackHead, head))]]
  for (const part of parts) {
    const section = sections[part.name]
    if (section === undefined) continue
    const value = canonicalValue(part.schema, section)
    if (!inFolders.has(part.name) || !Array.isArray(value) || value.length === 0) files.push([`${part.name}.yaml`, yamlOf(value)])
    else value.forEach((member, at) => files.push([`${part.name}/${fileName(value, at)}.yaml`, yamlOf([member])]))
  }
  return new Map(files.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The code of a member, where it can be the name of a file and no other member has it. */
function fileName(members: readonly unknown[], at: number): string {
  const codeOf = (member: unknown) => (member as { code?: unknown } | null)?.code
  const code = codeOf(members[at])
  const fits = typeof code === 'string' && /^[a-z0-9][a-z0-9-]{0,79}$/.test(code) && members.filter((other) => codeOf(other) === code).length === 1
  return fits ? code : `member-${at + 1}`
}

/** Longer lists and maps stand one member a line. */
const widestLine = 100

/** @returns the value as YAML: short maps of plain values in one line ({ zh: 户数, en: Households }), texts as they are */
export function yamlOf(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false })
  visit(document, {
    Map: (_key, node) => void (node.flow = isShort(node)),
    Seq: (_key, node, path) => {
      node.flow = path.length > 1 && node.items.length > 0 && node.items.every((item) => isScalar(item) && !isLong(item.value)) && JSON.stringify(node).length <= widestLine
    },
  })
  return document.toString({ lineWidth: 0, minContentWidth: 0, singleQuote: true, flowCollectionPadding: true })
}

function isLong(value: unknown): boolean {
  return typeof value === 'string' && value.includes('\n')
}

/** A map of a few plain values that is no member of an outer list by code, such as words or a choice. */
function isShort(node: YAMLMap): boolean {
  const plain = (item: unknown): boolean => (isScalar(item) ? !isLong(item.value) : isMap(item) ? isShort(item) : isSeq(item) ? item.items.every(plain) : item === null)
  return node.items.length > 0 && node.items.every((pair) => plain(pair.value)) && JSON.stringify(node).length <= widestLine
}

/**
 * Writes a pack into a folder. A folder that holds a former export of the same pack is brought up to date; one with
 * anything else in it is left alone.
 * @throws Problem 'folder-not-empty'
 */
export async function writePack(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  const there = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  const old = there.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const codeIn = (text: string | undefined) => /^code: (.+)$/m.exec(text ?? '')?.[1]
  if (old.length > 0) {
    const head = await readFile(join(folder, 'pack.yaml'), 'utf8').catch(() => undefined)
    if (codeIn(head) !== codeIn(files.get('pack.yaml'))) throw new Problem('folder-not-empty', { facts: { folder } })
  }
  for (const file of old) if (/\.(yaml|csv)$/.test(file)) await rm(file)
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
}

/** @returns what is applied now, pack by pack, in the order of codes; only `code` when it is given */
export function appliedPacks(tx: Tx, code?: string): Promise<{ code: string; version: string; content: PackContent }[]> {
  return many(tx, sql`select code, version, content from pack where ${code ?? null}::text is null or code = ${code ?? ''} order by code`)
}
