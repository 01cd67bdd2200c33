/** `npm run bench -- accept figures …`: one name per claim; without a name all of them, one after the other. */
const claims: Record<string, () => Promise<void>> = {
  accept: async () => (await import('./claims/accept.ts')).accept(),
  'accept-http': async () => (await import('./claims/accept-http.ts')).acceptHttp(),
  'accept-many': async () => (await import('./claims/many.ts')).acceptMany(),
  mixed: async () => (await import('./claims/mixed.ts')).mixed(),
  figures: async () => (await import('./claims/figures.ts')).figures(),
  nation: async () => (await import('./claims/figures.ts')).nation(),
  issue: async () => (await import('./claims/issue.ts')).issue(),
  inbox: async () => (await import('./claims/inbox.ts')).inbox(),
  workbook: async () => (await import('./claims/workbook.ts')).workbook(),
  'workbook-in': async () => (await import('./claims/workbook-in.ts')).workbookIn(),
  merges: async () => (await import('./claims/merges.ts')).countyMerges(),
  import: async () => (await import('./claims/import.ts')).nationalImport(),
  'first-load': async () => (await import('./claims/first-load.ts')).firstLoad(),
  'village-month': async () => (await import('./claims/village-month.ts')).villageMonthClaim(),
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in claims))
if (unknown.length > 0) {
  console.error(`no such claim: ${unknown.join(', ')}; there are ${Object.keys(claims).join(', ')}`)
  process.exit(1)
}
for (const name of asked.length > 0 ? asked : Object.keys(claims)) await claims[name]!()
process.exit(0)
