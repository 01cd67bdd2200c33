import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { filesBelow, lineAt, textOf, type Offence } from './files.ts'

/** @returns relative links in Markdown whose file does not exist */
export async function checkLinks(folder: string): Promise<Offence[]> {
  const offences: Offence[] = []
  for (const path of (await filesBelow(folder)).filter((one) => one.endsWith('.md'))) {
    const text = await textOf(folder, path)
    for (const found of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      const to = found[1]!.split('#')[0]!
      if (to === '' || /^[a-z]+:/.test(to)) continue
      if (!existsSync(join(folder, dirname(path), to))) offences.push({ file: path, line: lineAt(text, found.index), says: `the link ${to} leads nowhere` })
    }
  }
  return offences
}
