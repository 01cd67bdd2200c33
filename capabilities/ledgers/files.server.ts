import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Problem } from '../../rules/problem.ts'
import { record } from '../../server/events.ts'
import type { RawCall, RawRoute } from '../../server/raw.ts'
import { mustBeAble } from '../access/permission.ts'
import { pathOf } from '../units/units.reads.ts'
import { fileOf, insertFile } from './files.sql.ts'

/** An attachment is never demanded; what is given stays small. */
export const fileLimit = 20 * 1024 * 1024
/** Kinds that offices exchange, by the end of the name; nothing that a browser would run. */
const kinds: Record<string, string> = {
  pdf: 'application/pdf',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  wps: 'application/octet-stream',
  et: 'application/octet-stream',
  csv: 'text/csv',
  txt: 'text/plain',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
}

const folderOf = (dataDir: string, sha256: string) => join(dataDir, 'files', sha256.slice(0, 2))

/** Takes one file for a return of a unit (?unit&name). Its bytes are kept once, under their hash; the answer has its id. */
export const uploadRoute: RawRoute = {
  method: 'POST',
  path: '/ledgers/files',
  needs: 'record.fill',
  summary: 'Give a file that a return attaches (?unit&name); at most 20 MB',
  async handle({ request, response, query, actor, database, dataDir, now }: RawCall) {
    const unit = Number(query.get('unit'))
    const name = (query.get('name') ?? '').trim().slice(0, 200)
    const type = kinds[name.split('.').at(-1)?.toLowerCase() ?? '']
    mustBeAble(actor, 'record.fill', await pathOf(database.db, unit))
    if (!type || /[\\/]/.test(name)) throw new Problem('not-a-file-of-that-kind', { field: 'name', facts: { name, kinds: Object.keys(kinds) } })
    if (Number(request.headers['content-length'] ?? 0) > fileLimit) throw new Problem('too-large', { facts: { limit: fileLimit } })
    const hash = createHash('sha256')
    let bytes = 0
    const count = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length
        hash.update(chunk)
        done(bytes > fileLimit ? new Problem('too-large', { facts: { limit: fileLimit } }) : null, chunk)
      },
    })
    const folder = join(dataDir, 'files')
    await mkdir(folder, { recursive: true })
    const coming = join(folder, `.${randomUUID()}`)
    try {
      // Refusing must not cut the line (the answer would be lost), and what is acknowledged must be on the disk.
      await pipeline(request.iterator({ destroyOnReturn: false }), count, createWriteStream(coming, { flags: 'wx', flush: true }))
      const sha256 = hash.digest('hex')
      await mkdir(folderOf(dataDir, sha256), { recursive: true })
      await rename(coming, join(folderOf(dataDir, sha256), sha256))
      const id = await database.transaction(async (tx) => {
        const made = await insertFile(tx, { sha256, bytes, name, type, unit, by: actor.account, at: now })
        await record(tx, 'file.given', { by: { account: actor.account }, unit, subject: `file:${made}`, facts: { bytes } })
        return made
      })
      response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ id, name, bytes }))
    } finally {
      await rm(coming, { force: true })
    }
  },
}

/** Hands a file out to those who may read the unit's returns; always as a download. */
export const downloadRoute: RawRoute = {
  method: 'GET',
  path: '/ledgers/files/{id}',
  needs: 'record.read',
  summary: 'A file that a return attaches',
  async handle({ params, response, actor, database, dataDir }: RawCall) {
    const file = /^[0-9a-f-]{36}$/.test(params.id ?? '') ? await fileOf(database.db, params.id!) : undefined
    if (!file) throw new Problem('not-found', { facts: { what: 'file', id: params.id } })
    mustBeAble(actor, 'record.read', await pathOf(database.db, file.unit))
    response.writeHead(200, {
      'content-type': file.type,
      'content-length': file.bytes,
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-store',
    })
    await pipeline(createReadStream(join(folderOf(dataDir, file.sha256), file.sha256)), response)
  },
}
