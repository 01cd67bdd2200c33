import { FileStore as ComingFiles } from '@tus/file-store'
import { Server as TusServer } from '@tus/server'
import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash } from 'node:crypto'
import { readFile, readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { isProblem, Problem } from '../../rules/problem.ts'
import type { Database } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import { handOut } from '../../server/hand-out.ts'
import type { RawCall, RawRoute } from '../../server/raw.ts'
import { grantFor, mustBeAble } from '../access/permission.ts'
import { pathOf } from '../units/units.reads.ts'
import { fileKinds, fileLimit, typeOfBytes, typeOfName, typeToKeep } from './file-kinds.ts'
import { isFileId } from './files.reads.ts'
import { deleteUpload, fileOf, forgetUploadsBefore, insertFile, insertUpload, unfinishedOf, uploadOf, type UploadRow } from './files.sql.ts'
import { plainPicture } from './plain-picture.ts'

/**
 * Files that returns and comments on tasks attach. They come by the tus protocol (1.0.0), so that an upload goes on where the line broke. The
 * id is the sender's (`Upload-Metadata: id, unit, name`): announcing the same file again is the same upload, and the id
 * of the upload is the id of the file.
 */
const route = '/ledgers/files'
const mostUnfinished = 40
/** A phone may be away for days; after this an unfinished upload is forgotten, and can be begun again. */
const unfinishedDays = 7

const comingIn = (dataDir: string) => join(dataDir, 'files', '.coming')

/** The library answers; which call it is answering is known here. */
const asked = new AsyncLocalStorage<RawCall>()
const servers = new Map<string, TusServer>()

function tusFor(dataDir: string): TusServer {
  const known = servers.get(dataDir)
  if (known) return known
  const made = new TusServer({
    path: `/api${route}`,
    datastore: new ComingFiles({ directory: comingIn(dataDir) }),
    maxSize: fileLimit,
    // The id has been checked before the library is asked.
    namingFunction: (_request, metadata) => metadata!.id!,
    generateUrl: (_request, { id }) => `/api${route}/${id}`,
    getFileIdFromRequest: (_request, last) => last,
    async onUploadFinish(_request, { id }) {
      const call = asked.getStore()!
      const upload = await uploadOf(call.database.db, id)
      if (upload) await finish(call, upload)
      return {}
    },
    onResponseError(_request, error) {
      const more = (error as { status_code?: number }).status_code === 413 ? new Problem('too-large', { facts: { limit: fileLimit } }) : error
      if (!isProblem(more)) return undefined
      const { code, status, facts, field } = more
      return { status_code: status, body: JSON.stringify({ type: `/problems/${code}`, code, status, facts, field, findings: [] }) }
    },
  })
  servers.set(dataDir, made)
  return made
}

const byTus = (call: RawCall) => asked.run(call, () => tusFor(call.dataDir).handle(call.request, call.response))

/** All bytes have come: what a camera wrote into a picture is taken out, the bytes are kept once under their hash. */
async function finish({ database, dataDir, files, now }: RawCall, upload: UploadRow): Promise<void> {
  const coming = join(comingIn(dataDir), upload.id)
  const given = new Uint8Array(await readFile(coming))
  const type = typeToKeep(upload.name, given)
  const bytes = type?.startsWith('image/') ? plainPicture(type, given) : given
  if (!type || !bytes) {
    await database.transaction((tx) => deleteUpload(tx, upload.id))
    await forget(dataDir, upload.id)
    const heic = typeOfBytes(given) === 'image/heic' ? { heic: upload.name } : {}
    throw new Problem('not-a-file-of-that-kind', { field: 'name', facts: { name: upload.name, kinds: Object.keys(fileKinds), ...heic } })
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  if (!(await files.has(sha256))) await files.keep(sha256, Readable.from([bytes]))
  await database.transaction(async (tx) => {
    // Of two that finish the same upload one finds it.
    if (!(await deleteUpload(tx, upload.id))) return
    await insertFile(tx, { id: upload.id, sha256, bytes: bytes.length, name: upload.name, type, unit: upload.unit, by: upload.account, at: now })
    await record(tx, 'file.given', { by: { account: upload.account }, unit: upload.unit, subject: `file:${upload.id}`, facts: { bytes: bytes.length } })
  })
  await forget(dataDir, upload.id)
}

async function forget(dataDir: string, id: string): Promise<void> {
  for (const name of [id, `${id}.json`]) await rm(join(comingIn(dataDir), name), { force: true })
}

/** @returns the words of an Upload-Metadata header. Throws Problem `invalid-input`. */
function metadataIn(header: string | string[] | undefined): Record<string, string> {
  const pairs = String(header ?? '').split(',').map((pair) => pair.trim().split(' '))
  return Object.fromEntries(pairs.map(([key = '', value = '']) => [key, Buffer.from(value, 'base64').toString('utf8')]))
}

/** Whoever fills in a unit's returns or comments on its tasks may give files for it. */
const mayGive = ['record.fill', 'task.comment'] as const

/** Announces a file: its size and, as metadata, id, unit and name. The bytes may come along or later. */
export const announceFileRoute: RawRoute = {
  method: 'POST',
  path: route,
  needs: mayGive,
  summary: 'Announce a file that a return or a comment on a task attaches (tus 1.0: Upload-Length, Upload-Metadata with id, unit, name); at most 20 MB',
  async handle(call: RawCall) {
    const { request, response, actor, database, now } = call
    const { id, unit: unitText, name: given = '' } = metadataIn(request.headers['upload-metadata'])
    const unit = Number(unitText)
    const name = given.trim().slice(0, 200)
    if (!isFileId(id)) throw new Problem('invalid-input', { field: 'id' })
    const path = await pathOf(database.db, unit)
    if (!mayGive.some((verb) => grantFor(actor, verb, path))) mustBeAble(actor, mayGive[0], path)
    if (!typeOfName(name) || /[\\/]/.test(name)) {
      const heic = /\.hei[cf]$/i.test(name) ? { heic: name } : {}
      throw new Problem('not-a-file-of-that-kind', { field: 'name', facts: { name, kinds: Object.keys(fileKinds), ...heic } })
    }
    const bytes = Number(request.headers['upload-length'])
    if (bytes > fileLimit) throw new Problem('too-large', { facts: { limit: fileLimit } })
    if (!Number.isInteger(bytes) || bytes <= 0) throw new Problem('invalid-input', { field: 'Upload-Length' })
    const outcome = await database.transaction(async (tx) => {
      const [file, before] = [await fileOf(tx, id), await uploadOf(tx, id)]
      if ((file && file.by !== actor.account) || (before && before.account !== actor.account)) throw new Problem('not-allowed', { facts: { reason: 'upload' } })
      if (file || before) return 'known'
      if ((await unfinishedOf(tx, actor.account)) >= mostUnfinished) throw new Problem('uploads-unfinished', { facts: { most: mostUnfinished } })
      return (await insertUpload(tx, { id, account: actor.account, unit, name, bytes, at: now })) ? 'new' : 'known'
    })
    const begun = await stat(join(comingIn(call.dataDir), `${id}.json`)).then(() => true, () => false)
    if (outcome === 'known' && (begun || (await fileOf(database.db, id)))) {
      response.writeHead(201, { 'tus-resumable': '1.0.0', location: `/api${route}/${id}` })
      return void response.end()
    }
    await byTus(call)
  },
}

/** The upload of this person, or what became of it. Throws Problem `not-found`. */
async function mine({ params, actor, database }: RawCall) {
  const upload = isFileId(params.id) ? await uploadOf(database.db, params.id) : undefined
  if (upload?.account === actor.account) return { upload }
  const file = isFileId(params.id) ? await fileOf(database.db, params.id) : undefined
  if (file?.by === actor.account) return { file }
  throw new Problem('not-found', { facts: { what: 'file', id: params.id } })
}

export const resumeFileRoute: RawRoute = {
  method: 'HEAD',
  path: `${route}/{id}`,
  needs: mayGive,
  summary: 'How many bytes of an announced file have come',
  async handle(call: RawCall) {
    const { upload, file } = await mine(call)
    if (upload) {
      const come = await stat(join(comingIn(call.dataDir), upload.id)).then((found) => found.size, () => 0)
      if (come < upload.bytes) return byTus(call)
      // The last byte came and the process ended before it could be told.
      await finish(call, upload)
    }
    const bytes = file?.bytes ?? upload!.bytes
    call.response.writeHead(200, { 'tus-resumable': '1.0.0', 'upload-offset': bytes, 'upload-length': bytes, 'cache-control': 'no-store' }).end()
  },
}

export const continueFileRoute: RawRoute = {
  method: 'PATCH',
  path: `${route}/{id}`,
  needs: mayGive,
  summary: 'The next bytes of an announced file (Upload-Offset)',
  async handle(call: RawCall) {
    const { upload } = await mine(call)
    if (!upload) return void call.response.writeHead(409, { 'tus-resumable': '1.0.0' }).end() // whole already: ask with HEAD
    await byTus(call)
  },
}

export const dropUploadRoute: RawRoute = {
  method: 'DELETE',
  path: `${route}/{id}`,
  needs: mayGive,
  summary: 'Give up an upload that is not whole yet',
  async handle(call: RawCall) {
    const { upload } = await mine(call)
    if (!upload) throw new Problem('move-not-possible', { facts: { life: 'upload', move: 'drop' } })
    await call.database.transaction((tx) => deleteUpload(tx, upload.id))
    await forget(call.dataDir, upload.id)
    call.response.writeHead(204, { 'tus-resumable': '1.0.0' }).end()
  },
}

/** Hands a file out to those who may read the unit's returns; always as a download. */
export const downloadRoute: RawRoute = {
  method: 'GET',
  path: `${route}/{id}`,
  needs: 'record.read',
  summary: 'A file that a return attaches',
  async handle({ params, response, actor, database, files }: RawCall) {
    const file = isFileId(params.id) ? await fileOf(database.db, params.id) : undefined
    if (!file) throw new Problem('not-found', { facts: { what: 'file', id: params.id } })
    mustBeAble(actor, 'record.read', await pathOf(database.db, file.unit))
    await handOut({ response, files }, file)
  },
}

export const fileRoutes: RawRoute[] = [announceFileRoute, resumeFileRoute, continueFileRoute, dropUploadRoute, downloadRoute]

/**
 * Forgets uploads that nobody went on with for days, and bytes that no row knows.
 * @returns how many were forgotten
 */
export async function forgetUploads(database: Database, dataDir: string, now: Date): Promise<number> {
  const until = new Date(now.getTime() - unfinishedDays * 86_400_000)
  const ids = await database.transaction((tx) => forgetUploadsBefore(tx, until))
  for (const id of ids) await forget(dataDir, id)
  const names = await readdir(comingIn(dataDir)).catch(() => [])
  for (const name of names) {
    const id = name.replace(/\.json$/, '')
    const file = join(comingIn(dataDir), name)
    const changed = await stat(file).then((found) => found.mtimeMs, () => Infinity)
    if (changed < until.getTime() && !(isFileId(id) && (await uploadOf(database.db, id)))) await rm(file, { force: true })
  }
  return ids.length
}
