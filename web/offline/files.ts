import { del, get, keys, set } from 'idb-keyval'
import { DetailedError, Upload } from 'tus-js-client'
import { fileLimit, typeOfName } from '../../capabilities/ledgers/file-kinds.ts'
import { ApiProblem, isApiProblem, problemIn } from '../api/problem.ts'
import { newKey } from '../api/queries.ts'
import { plainPhoto } from './picture.ts'
import { files, ofAccount } from './store.ts'

export type GivenFile = { id: string; name: string }
type KeptFile = { unit: number; name: string; file: Blob }

/**
 * Takes a file for a return of a unit: a photo is drawn anew, and the file is kept on this device until it has arrived.
 * Throws ApiProblem `not-a-file-of-that-kind`, `too-large`, `no-room-here`.
 */
export async function takeFile(account: string, unit: number, chosen: File): Promise<GivenFile> {
  if (!typeOfName(chosen.name) && !/\.hei[cf]$/i.test(chosen.name)) throw new ApiProblem('not-a-file-of-that-kind', { status: 415, facts: { name: chosen.name } })
  const file = await plainPhoto(chosen)
  if (file.size > fileLimit) throw new ApiProblem('too-large', { status: 413, facts: { limit: fileLimit } })
  if (file.size === 0) throw new ApiProblem('not-a-file-of-that-kind', { status: 415, facts: { name: file.name } })
  const id = newKey()
  await set(`${account}/${id}`, { unit, name: file.name, file } satisfies KeptFile, files).catch(() => {
    throw new ApiProblem('no-room-here')
  })
  return { id, name: file.name }
}

/** @returns a file that has not left this device, to be looked at; undefined when the platform has it */
export async function fileHere(account: string, id: string): Promise<Blob | undefined> {
  return (await get<KeptFile>(`${account}/${id}`, files))?.file
}

export async function forgetFile(account: string, id: string): Promise<void> {
  await del(`${account}/${id}`, files)
}

/** @returns ids of the files that have not left this device */
export async function filesHere(account: string): Promise<Set<string>> {
  const all = await keys<string>(files)
  const own = ofAccount(account)
  return new Set(all.filter((key) => own.includes(key)).map((key) => key.slice(account.length + 1)))
}

/**
 * Sends a kept file, going on where an earlier try broke off; nothing when it has arrived before. Its id is the id of the
 * upload, so trying again is the same upload. Throws ApiProblem; `offline` when the line broke.
 */
export async function sendFile(account: string, id: string, onProgress?: (part: number) => void): Promise<void> {
  const kept = await get<KeptFile>(`${account}/${id}`, files)
  if (!kept) return
  await new Promise<void>((done, failed) => {
    const upload = new Upload(kept.file, {
      endpoint: '/api/ledgers/files',
      uploadUrl: `/api/ledgers/files/${id}`,
      metadata: { id, unit: String(kept.unit), name: kept.name },
      headers: { 'sanji-account': account },
      storeFingerprintForResuming: false,
      removeFingerprintOnSuccess: false,
      retryDelays: [0, 1_000, 3_000],
      // A refusal stays one; only a broken line or a busy server is worth another try.
      onShouldRetry: (error) => ![400, 401, 403, 404, 413, 415, 422].includes(statusOf(error)),
      onProgress: (sent, all) => onProgress?.(sent / all),
      onSuccess: () => done(),
      onError: (error) => failed(problemOf(error)),
    })
    upload.start()
  })
  await forgetFile(account, id)
}

function statusOf(error: Error): number {
  return error instanceof DetailedError ? (error.originalResponse?.getStatus() ?? 0) : 0
}

function problemOf(error: Error): ApiProblem {
  if (isApiProblem(error)) return error
  const status = statusOf(error)
  if (status === 0) return new ApiProblem('offline')
  const body = (error as DetailedError).originalResponse?.getBody() ?? ''
  let told: unknown
  try {
    told = JSON.parse(body)
  } catch {
    told = undefined // a proxy in between answered in its own words
  }
  return problemIn(told, status)
}
