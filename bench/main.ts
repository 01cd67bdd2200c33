import { accept } from './claims/accept.ts'
import { figures } from './claims/figures.ts'
import { firstLoad } from './claims/first-load.ts'
import { nationalImport } from './claims/import.ts'
import { workbook } from './claims/workbook.ts'

/** `npm run bench -- accept figures …`: one name per claim; without a name all of them, one after the other. */
const claims: Record<string, () => Promise<void>> = { accept, figures, workbook, import: nationalImport, 'first-load': firstLoad }
const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in claims))
if (unknown.length > 0) {
  console.error(`no such claim: ${unknown.join(', ')}; there are ${Object.keys(claims).join(', ')}`)
  process.exit(1)
}
for (const name of asked.length > 0 ? asked : Object.keys(claims)) await claims[name]!()
process.exit(0)
