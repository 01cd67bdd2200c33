import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import S3rver from 's3rver'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from './config.ts'
import { signedS3 } from '../tests/signed-s3.ts'
import { fileStoreOf, type FileStore } from './file-store.ts'

// The store in a bucket talks to a real S3-speaking server over HTTP; before it every signature is recomputed.
let folder = ''
let s3: S3rver
let signed: Awaited<ReturnType<typeof signedS3>>
let stores: Record<string, FileStore>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sanji-files-'))
  s3 = new S3rver({ port: 0, address: '127.0.0.1', silent: true, directory: join(folder, 's3'), configureBuckets: [{ name: 'attachments', configs: [] }] })
  signed = await signedS3(await s3.run(), { accessKey: 'S3RVER', secret: 'S3RVER' })
  const { port } = signed
  const bucket = { S3_BUCKET: 'attachments', S3_ENDPOINT: `http://127.0.0.1:${port}`, S3_ACCESS_KEY: 'S3RVER', S3_SECRET_KEY: 'S3RVER', S3_PREFIX: 'sanji/' }
  stores = {
    folder: await fileStoreOf(readConfig({ DATA_DIR: join(folder, 'data') })),
    bucket: await fileStoreOf(readConfig({ DATA_DIR: join(folder, 'unused'), ...bucket })),
    stranger: await fileStoreOf(readConfig({ DATA_DIR: join(folder, 'unused'), ...bucket, S3_ACCESS_KEY: 'STRANGER' })),
    forger: await fileStoreOf(readConfig({ DATA_DIR: join(folder, 'unused'), ...bucket, S3_SECRET_KEY: 'S3RVEr' })),
    // Nothing listens on the port of discard.
    away: await fileStoreOf(readConfig({ DATA_DIR: join(folder, 'unused'), ...bucket, S3_ENDPOINT: 'http://127.0.0.1:9' })),
  }
})
afterAll(async () => {
  await signed?.close()
  await s3?.close()
  await rm(folder, { recursive: true, force: true })
})

const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

describe.each(['folder', 'bucket'])('files in a %s', (kind) => {
  test('what was kept is read again byte for byte; keeping it twice changes nothing', async () => {
    const store = stores[kind]!
    expect(await store.isEmpty()).toBe(true)
    const bytes = randomBytes(3_000_000)
    const sha256 = hashOf(bytes)
    expect(await store.has(sha256)).toBe(false)
    expect(await store.read(sha256)).toBeUndefined()
    for (let times = 0; times < 2; times++) await store.keep(sha256, Readable.from([bytes]))
    expect(await store.has(sha256)).toBe(true)
    expect(hashOf(await buffer((await store.read(sha256))!))).toBe(sha256)
    expect(await store.isEmpty()).toBe(false)
    await store.remove(sha256)
    expect(await store.has(sha256)).toBe(false)
    await store.remove(sha256)
  })

  test('a name that is no hash leads nowhere', async () => {
    await expect(stores[kind]!.read('../secret')).rejects.toThrow('not a SHA-256')
  })

  test('what broke off in the middle is not there', async () => {
    const store = stores[kind]!
    const bytes = randomBytes(200_000)
    const sha256 = hashOf(bytes)
    const broken = Readable.from((async function* () {
      yield bytes.subarray(0, 100_000)
      throw new Error('the line broke')
    })())
    await expect(store.keep(sha256, broken)).rejects.toThrow()
    expect(await store.has(sha256)).toBe(false)
  })
})

test('a store that does not know us, or is away, says so: it is never taken for an empty one', async () => {
  await expect(stores.stranger!.keep('0'.repeat(64), Readable.from(['x']))).rejects.toThrow(/access key/i)
  await expect(stores.stranger!.isEmpty()).rejects.toThrow(/access key/i)
  // The right key with a wrong secret is a stranger as well, for every kind of request.
  await expect(stores.forger!.keep('0'.repeat(64), Readable.from(['x']))).rejects.toThrow(/signature/i)
  await expect(stores.forger!.isEmpty()).rejects.toThrow(/signature/i)
  await expect(stores.forger!.read('0'.repeat(64))).rejects.toThrow(/signature/i)
  await expect(stores.forger!.has('0'.repeat(64))).rejects.toThrow()
  await expect(stores.forger!.remove('0'.repeat(64))).rejects.toThrow()
  expect(signed.refused()).toBeGreaterThanOrEqual(7)
  expect(await stores.bucket!.isEmpty()).toBe(true)
  await expect(stores.away!.has('0'.repeat(64))).rejects.toThrow()
  await expect(stores.away!.read('0'.repeat(64))).rejects.toThrow()
})
