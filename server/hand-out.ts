import { pipeline } from 'node:stream/promises'
import type { RawCall } from './raw.ts'

/** Hands a kept file out, always as a download: nothing that was given is shown as a page of the platform. */
export async function handOut({ response, files }: Pick<RawCall, 'response' | 'files'>, file: { id: string; sha256: string; name: string; type: string; bytes: number }): Promise<void> {
  const content = await files.read(file.sha256)
  if (!content) throw new Error(`the bytes of file ${file.id} are not in ${files.place}`)
  response.writeHead(200, {
    'content-type': file.type,
    'content-length': file.bytes,
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`,
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-store',
  })
  await pipeline(content, response)
}
