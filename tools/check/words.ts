import { forbiddenIn } from '../../rules/forbidden-words.ts'
import { filesBelow, lineAt, textOf, type Offence } from './files.ts'

/** Where the red lines are spoken about as such: the dictionary, its tests, the tests that try to break them, the account of what is not built. */
const about = [/^rules\/forbidden-words/, /\.test\.ts$/, /^docs\/coverage\.csv$/, /^tests\//, /^bench\//]
/** What people read or programs name: labels, packs, columns, contracts, definitions, pages. */
const looked = [/^packs\/.*\.(ya?ml|csv)$/, /^web\/locales\/.*\.json$/, /^db\/.*\.sql$/, /^capabilities\/.*\.(ts|tsx)$/]

/** @returns every red-line word outside its allow-list (domain: red lines) */
export async function checkWords(folder: string): Promise<Offence[]> {
  const paths = (await filesBelow(folder)).filter((path) => looked.some((one) => one.test(path)) && !about.some((one) => one.test(path)))
  const offences: Offence[] = []
  for (const path of paths) {
    const text = await textOf(folder, path)
    for (const { word, at, line } of forbiddenIn(text)) {
      offences.push({ file: path, line: lineAt(text, at), says: `red line (${line}): “${word}”. It must not be recorded, shown or asked in any form; remove it` })
    }
  }
  return offences
}
