import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Problem } from '../../rules/problem.ts'
import { zipLimits } from './open-zip.server.ts'

const folderOf = (dataDir: string) => join(dataDir, 'workbooks')
const pathOfImport = (dataDir: string, id: number) => join(folderOf(dataDir), `${id}.xlsx`)

/** A file that is coming: where it lies, and what it is. It is gone after `drop`, unless `keep` gave it to an import. */
export type Coming = { path: string; sha256: string; bytes: number; keep: (id: number) => Promise<void>; drop: () => Promise<void> }

/** Takes a file from the line to the disk. Throws Problem `too-large` at the first byte too many. */
export async function receive(stream: Readable, dataDir: string): Promise<Coming> {
  await mkdir(folderOf(dataDir), { recursive: true })
  const path = join(folderOf(dataDir), `.${randomUUID()}`)
  const hash = createHash('sha256')
  let bytes = 0
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      hash.update(chunk)
      done(bytes > zipLimits.bytes ? new Problem('too-large', { facts: { limit: zipLimits.bytes } }) : null, chunk)
    },
  })
  try {
    await pipeline(stream, count, createWriteStream(path, { flags: 'wx' }))
  } catch (error) {
    await rm(path, { force: true })
    throw error
  }
  return {
    path,
    bytes,
    sha256: hash.digest('hex'),
    keep: (id) => rename(path, pathOfImport(dataDir, id)),
    drop: () => rm(path, { force: true }),
  }
}

/** @returns where the file of an import lies; undefined when it is not there any more */
export async function keptFile(dataDir: string, id: number): Promise<string | undefined> {
  const path = pathOfImport(dataDir, id)
  return (await stat(path).catch(() => undefined))?.isFile() ? path : undefined
}

/** What was read is in the database: the file is not needed any more. */
export function dropFile(dataDir: string, id: number): Promise<void> {
  return rm(pathOfImport(dataDir, id), { force: true })
}
