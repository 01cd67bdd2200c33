import type { z } from 'zod'
import type { Finding } from '../rules/problem.ts'
import type { Tx } from './db.ts'

/**
 * What a room takes from a pack: one named section of it. The pack tool reads YAML and CSV, keeps for every value the
 * file and line it came from, validates with `schema`, then `check`s, and only then applies, all parts in one transaction.
 */
export type PackPart<Section> = {
  /** The section's key, such as 'forms'; its file is `<name>.yaml`, or a folder `<name>/` of files whose lists are joined. */
  name: string
  schema: z.ZodType<Section>
  /**
   * Findings beyond the schema. `path` walks into the section (`3.fields.2.item`), so that the tool can name file and
   * line; `code` and `facts` make the sentence that says what to do. `known` is what the database and the pack's other
   * sections hold.
   */
  check: (section: Section, known: KnownInPack) => Promise<Finding[]> | Finding[]
  /** Brings the tables to the section. Applying twice changes nothing. @returns what it did, for the report */
  apply: (tx: Tx, section: Section, applied: { pack: string; by: string | undefined }) => Promise<Applied>
  /**
   * What of the section stays as it stands although the pack says otherwise, because something that was recorded has
   * decided it since: shown in the difference, left alone by `apply`.
   */
  stays?: (tx: Tx, section: Section) => Promise<Staying[]>
  /**
   * What tells one member of a list from the others: found twice it is a finding, and the difference between two
   * versions is told by it. By default the first of `code`, `id`, `key`, `year` that the member has.
   * @param list where the list stands: '' is the section itself, otherwise the property's name
   */
  identity?: (item: Record<string, unknown>, list: string) => string | undefined
  /** The sentences of the part's own finding codes: what is wrong and what to do, with {{facts}}. */
  sentences?: Readonly<Record<string, { zh: string; en: string }>>
}

export type KnownInPack = {
  tx: Tx
  pack: string
  /** The pack's own sections by name, as read (validated sections only). */
  sections: Readonly<Record<string, unknown>>
}

/** Ids per outcome; `same` is only counted. */
export type Applied = { added: string[]; changed: string[]; removed: string[]; same: number }

/** A place of the pack that is not written: what it says, what stands, and what decided that (`change:12`). */
export type Staying = { id: string; path: string; pack: unknown; stands: unknown; by: string; on: string; document: string }
