import type { z } from 'zod'
import { Problem } from '../../rules/problem.ts'
import { json, maybe, run, sql, type Tx } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import type { Applied, PackPart } from '../../server/pack.ts'
import { checkPack, type PackFinding } from './check-pack.ts'
import type { ReadPack } from './read-pack.ts'
import { sentenceOf } from './sentences.ts'

/** `name`: the part that begins; `at` of `of`, from 1. */
export type PackProgress = { name: string; at: number; of: number }

export type AppliedPack = {
  pack: string
  version: string
  /** The same content is applied already: nothing was touched. */
  same: boolean
  /** What each part did, in the order of application; empty when `same`. */
  parts: Record<string, Applied>
}

export type Applying = {
  by?: string | undefined
  parts: readonly PackPart<any>[]
  onProgress?: ((progress: PackProgress) => void) | undefined
  /** What of a section is to be touched, where the rest is known to stand already; by default all of it. */
  narrow?: (name: string, section: unknown) => unknown
}

/**
 * Brings the database to a pack inside the caller's transaction: check first, then all parts in order, with one line in
 * the trail. A section that the applied version had and this one has not is emptied.
 * @throws Problem 'pack-invalid' with one finding per wrong place
 */
export async function applyIn(tx: Tx, read: ReadPack, { by, parts, onProgress, narrow = (_name, section) => section }: Applying): Promise<AppliedPack> {
  // Two applications at once: the second waits, and then compares with what the first has left.
  await run(tx, sql`select pg_advisory_xact_lock(hashtext('sanji pack'))`)
  const { head, sections, findings } = await checkPack(tx, read, parts)
  if (findings.length > 0 || !head) throw packInvalid(read, findings)
  const before = await maybe<{ hash: string; content: { sections: Record<string, unknown> } }>(
    tx,
    sql`select hash, content from pack where code = ${head.code}`,
  )
  if (before?.hash === read.hash) return { pack: head.code, version: head.version, same: true, parts: {} }

  const due: { part: PackPart<any>; section: unknown }[] = []
  for (const part of parts) {
    if (part.name in sections) due.push({ part, section: sections[part.name] })
    else if (before && part.name in before.content.sections) due.push({ part, section: emptied(read, part) })
  }
  await run(
    tx,
    sql`insert into pack (code, version, title_zh, title_en, hash, content, sample, applied_at, applied_by)
        values (${head.code}, ${head.version}, ${head.title.zh}, ${head.title.en}, ${read.hash},
                ${json({ head: read.head, sections: read.sections })}, ${head.sample}, now(), ${by ?? null})
        on conflict (code) do update set version = excluded.version, title_zh = excluded.title_zh, title_en = excluded.title_en,
          hash = excluded.hash, content = excluded.content, sample = excluded.sample, applied_at = excluded.applied_at,
          applied_by = excluded.applied_by`,
  )
  const done: Record<string, Applied> = {}
  for (const [i, { part, section }] of due.entries()) {
    onProgress?.({ name: part.name, at: i + 1, of: due.length })
    done[part.name] = await part.apply(tx, narrow(part.name, section), { pack: head.code, by })
  }
  const counts = Object.fromEntries(
    Object.entries(done).map(([name, { added, changed, removed, same }]) => [
      name, { added: added.length, changed: changed.length, removed: removed.length, same },
    ]),
  )
  await record(tx, 'pack.applied', {
    by: by === undefined ? null : { account: by },
    subject: `pack:${head.code}`,
    facts: { version: head.version, hash: read.hash, sample: head.sample, counts },
  })
  return { pack: head.code, version: head.version, same: false, parts: done }
}

/** The section with nothing in it, so that the part takes back what the former version brought. */
function emptied(read: ReadPack, part: PackPart<any>): unknown {
  for (const nothing of [[], {}]) {
    const parsed = (part.schema as z.ZodType).safeParse(nothing)
    if (parsed.success) return parsed.data
  }
  const facts = { section: part.name }
  const say = sentenceOf('section-still-used', facts)
  throw packInvalid(read, [{ file: 'pack.yaml', line: 1, column: 1, id: part.name, code: 'section-still-used', facts, say }])
}

/** A finding's path is `file:line:column`; its facts carry the id and the sentence in both languages. */
export function packInvalid(read: ReadPack, findings: readonly PackFinding[]): Problem {
  return new Problem('pack-invalid', {
    facts: { folder: read.folder, findings: findings.length },
    findings: findings.map(({ file, line, column, id, code, facts, say }) => ({
      code, path: `${file}:${line}:${column}`, facts: { ...facts, id, say },
    })),
  })
}
