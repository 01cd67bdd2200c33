import type { Database } from '../../server/db.ts'
import type { PackPart } from '../../server/pack.ts'
import { packParts } from '../../server/rooms.ts'
import { applyIn, type AppliedPack, type PackProgress } from './apply-in.ts'
import { readPack, type ReadPack } from './read-pack.ts'

/**
 * Brings the database to a pack in one transaction of its own: all of it, or nothing.
 * @param pack a folder or a pack that was read
 * @throws Problem 'pack-invalid' with one finding per wrong place; then nothing has changed
 */
export async function applyPack(
  database: Pick<Database, 'transaction'>,
  pack: string | ReadPack,
  { by, parts = packParts, onProgress }: { by?: string | undefined; parts?: readonly PackPart<any>[]; onProgress?: (progress: PackProgress) => void } = {},
): Promise<AppliedPack> {
  const read = typeof pack === 'string' ? await readPack(pack, parts) : pack
  return database.transaction((tx) => applyIn(tx, read, { by, parts, onProgress }))
}
