import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../../', import.meta.url))

/** What is wrong at one place, with what to do. */
export type Offence = { file: string; line?: number; says: string }

const skipped = new Set(['node_modules', '.git', 'dist', 'data'])

/** @returns the paths of all files below a folder, relative to it, in order; what is built or installed is left out */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !path.split('/').some((part) => skipped.has(part)))
    .sort()
}

export function textOf(folder: string, path: string): Promise<string> {
  return readFile(join(folder, path), 'utf8')
}

/** @returns the line number of an offset, from 1 */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}
