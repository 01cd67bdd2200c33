import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'

/** A pack's files together are never larger; what claims to be is refused before it is unpacked. */
export const largestPack = 4 * 1024 * 1024
const mostFiles = 500
/** The day zip counts from: the same files give the same bytes, whenever they are packed. */
const noDay = new Date(1980, 0, 1)

/** @returns the files in one zip, in the order of paths; the same texts always give the same bytes */
export function zipOf(files: ReadonlyMap<string, string>): Uint8Array {
  const entries = [...files].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, text]) => [path, strToU8(text)] as const)
  return zipSync(Object.fromEntries(entries), { level: 6, mtime: noDay })
}

export type Unzipped = { files: Map<string, string> } | { fault: 'not-a-zip' | 'too-large' | 'no-pack' }

/**
 * Reads the texts of a pack out of a zip. A folder around everything (my-county/pack.yaml) is taken off; what is neither
 * YAML nor CSV is left out.
 */
export function unzipPack(bytes: Uint8Array): Unzipped {
  let size = 0
  let count = 0
  let unpacked: Record<string, Uint8Array>
  try {
    unpacked = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        if (!/\.(yaml|csv)$/.test(name) || /(^|\/)(\.|__MACOSX)/.test(name)) return false
        count += 1
        size += originalSize
        if (size > largestPack || count > mostFiles) throw new RangeError('too large')
        return true
      },
    })
  } catch (error) {
    return { fault: error instanceof RangeError ? 'too-large' : 'not-a-zip' }
  }
  const names = Object.keys(unpacked)
  const heads = names.filter((name) => /(^|\/)pack\.yaml$/.test(name)).sort((a, b) => a.length - b.length)
  if (heads[0] === undefined) return { fault: 'no-pack' }
  const around = heads[0].slice(0, -'pack.yaml'.length)
  return { files: new Map(names.filter((name) => name.startsWith(around)).map((name) => [name.slice(around.length), strFromU8(unpacked[name]!)])) }
}
