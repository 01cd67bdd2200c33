import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Problem } from '../../rules/problem.ts'
import type { FileStore } from '../../server/file-store.ts'
import { zipLimits } from './open-zip.server.ts'

// A workbook waits in the file store, which all processes share, until its job has read it. Reading a zip jumps about in
// it, so whoever reads it has a copy of his own on his disk, for as long as he reads.

const folderOf = (dataDir: string) => join(dataDir, 'workbooks')
/** A copy that nobody has cleared away after so long belongs to a process that was killed. */
const leftOverAfterMs = 24 * 60 * 60 * 1000

const waitingIn = (files: FileStore) => files.aside('workbooks')
/** Each import has a file of its own, also where two people bring the same: what one job removes, the other still reads. */
const nameOf = (id: number) => createHash('sha256').update(`workbook:${id}`).digest('hex')

/** A file on this machine's disk, gone after `drop`. */
export type Copy = { path: string; drop: () => Promise<void> }

/** Takes a file from the line to the disk. Throws Problem `too-large` at the first byte too many. */
export async function receive(stream: Readable, dataDir: string): Promise<Copy & { sha256: string; bytes: number }> {
  const hash = createHash('sha256')
  let bytes = 0
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      hash.update(chunk)
      done(bytes > zipLimits.bytes ? new Problem('too-large', { facts: { limit: zipLimits.bytes } }) : null, chunk)
    },
  })
  const copy = await copied(dataDir, (path) => pipeline(stream, count, createWriteStream(path, { flags: 'wx' })))
  return { ...copy, bytes, sha256: hash.digest('hex') }
}

/** Lays the file where the job of the import finds it, whichever process runs it. */
export const keepFor = (files: FileStore, id: number, path: string): Promise<void> => waitingIn(files).keep(nameOf(id), createReadStream(path))

/** @returns a copy of the import's file; undefined when it is not there any more */
export async function fetchFor(files: FileStore, dataDir: string, id: number): Promise<Copy | undefined> {
  const content = await waitingIn(files).read(nameOf(id))
  return content && copied(dataDir, (path) => pipeline(content, createWriteStream(path, { flags: 'wx' })))
}

/** What was read is in the database: the file is not needed any more. */
export const removeFor = (files: FileStore, id: number): Promise<void> => waitingIn(files).remove(nameOf(id))

async function copied(dataDir: string, write: (path: string) => Promise<void>): Promise<Copy> {
  await mkdir(folderOf(dataDir), { recursive: true })
  const path = join(folderOf(dataDir), randomUUID())
  const drop = () => rm(path, { force: true })
  try {
    await write(path)
  } catch (error) {
    await drop()
    throw error
  }
  return { path, drop }
}

/** Clears away the copies of processes that were killed while they read. */
export async function clearLeftOver(dataDir: string, now: Date): Promise<void> {
  for (const name of await readdir(folderOf(dataDir)).catch(() => [])) {
    const path = join(folderOf(dataDir), name)
    const found = await stat(path).catch(() => undefined)
    if (found && now.getTime() - found.mtimeMs > leftOverAfterMs) await rm(path, { force: true })
  }
}
