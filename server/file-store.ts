import { randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import type { Config } from './config.ts'

/**
 * Where the bytes of attachments are kept, each once, under the SHA-256 of its content: what is there never changes, so
 * writing the same again is harmless. In the data folder, or in any S3-speaking store by setting (S3_BUCKET …), which
 * several server processes share.
 */
export type FileStore = {
  /** Keeps bytes under their hash; whole or not at all. */
  keep: (sha256: string, content: Readable) => Promise<void>
  /** @returns the bytes, or undefined when they are not there */
  read: (sha256: string) => Promise<Readable | undefined>
  has: (sha256: string) => Promise<boolean>
  remove: (sha256: string) => Promise<void>
  /** True when nothing is kept there. */
  isEmpty: () => Promise<boolean>
  /** A place of its own in the same store for what only passes through, so that removing it never takes an attachment; the caller names each by some SHA-256. */
  aside: (name: string) => FileStore
  /** Where it is, for people who look after it. */
  place: string
}

export type FileStoreSettings = Pick<Config, 'DATA_DIR' | 'S3_BUCKET' | 'S3_ENDPOINT' | 'S3_REGION' | 'S3_ACCESS_KEY' | 'S3_SECRET_KEY' | 'S3_PREFIX'>

/** @returns the store of the settings */
export async function fileStoreOf(settings: FileStoreSettings): Promise<FileStore> {
  return settings.S3_BUCKET ? inBucket({ ...settings, S3_BUCKET: settings.S3_BUCKET }) : inFolder(join(settings.DATA_DIR, 'files'))
}

const placed = (sha256: string) => {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error(`not a SHA-256: ${sha256}`)
  return `${sha256.slice(0, 2)}/${sha256}`
}

/** @returns a store in a folder of this machine */
export function inFolder(folder: string): FileStore {
  const pathOf = (sha256: string) => join(folder, placed(sha256))
  const has = (sha256: string) => stat(pathOf(sha256)).then(() => true, () => false)
  return {
    place: folder,
    aside: (name) => inFolder(join(folder, name)),
    has,
    async keep(sha256, content) {
      const path = pathOf(sha256)
      await mkdir(dirname(path), { recursive: true })
      const coming = join(dirname(path), `.${randomUUID()}`)
      try {
        await pipeline(content, createWriteStream(coming, { flags: 'wx', flush: true }))
        await rename(coming, path)
      } finally {
        await rm(coming, { force: true })
      }
    },
    read: async (sha256) => ((await has(sha256)) ? createReadStream(pathOf(sha256)) : undefined),
    remove: (sha256) => rm(pathOf(sha256), { force: true }),
    async isEmpty() {
      const names = (await readdir(folder, { recursive: true }).catch(() => [])) as string[]
      return !names.some((name) => /(^|[\\/])[0-9a-f]{64}$/.test(name))
    },
  }
}

/** @returns a store in a bucket; the library is loaded only where it is used */
async function inBucket(settings: FileStoreSettings & { S3_BUCKET: string }): Promise<FileStore> {
  const { S3Client, PutObjectCommand, GetObjectCommand, HeadObjectCommand, DeleteObjectCommand, ListObjectsV2Command } = await import('@aws-sdk/client-s3')
  const { S3_BUCKET: Bucket, S3_PREFIX } = settings
  const client = new S3Client({
    region: settings.S3_REGION,
    ...(settings.S3_ENDPOINT && { endpoint: settings.S3_ENDPOINT }),
    ...(settings.S3_ACCESS_KEY && { credentials: { accessKeyId: settings.S3_ACCESS_KEY, secretAccessKey: settings.S3_SECRET_KEY ?? '' } }),
    // Stores that are not Amazon's know neither bucket host names nor the newer checksums.
    forcePathStyle: settings.S3_ENDPOINT !== undefined,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  })
  const isMissing = (error: unknown) => ['NotFound', 'NoSuchKey'].includes((error as Error).name)
  const under = (prefix: string): FileStore => {
    const keyOf = (sha256: string) => `${prefix}${placed(sha256)}`
    return {
      place: `s3://${Bucket}/${prefix}`,
      aside: (name) => under(`${prefix}${name}/`),
      async keep(sha256, content) {
        // Whole in memory (attachments are at most some 20 MB, workbooks 50): a source that breaks off sends nothing, and a broken line is tried again.
        await client.send(new PutObjectCommand({ Bucket, Key: keyOf(sha256), Body: await buffer(content) }))
      },
      async read(sha256) {
        try {
          const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: keyOf(sha256) }))
          return Body as Readable
        } catch (error) {
          if (isMissing(error)) return undefined
          throw error
        }
      },
      async has(sha256) {
        try {
          await client.send(new HeadObjectCommand({ Bucket, Key: keyOf(sha256) }))
          return true
        } catch (error) {
          if (isMissing(error)) return false
          throw error
        }
      },
      async remove(sha256) {
        await client.send(new DeleteObjectCommand({ Bucket, Key: keyOf(sha256) }))
      },
      async isEmpty() {
        const { KeyCount } = await client.send(new ListObjectsV2Command({ Bucket, Prefix: prefix, MaxKeys: 1 }))
        return !KeyCount
      },
    }
  }
  return under(S3_PREFIX)
}
