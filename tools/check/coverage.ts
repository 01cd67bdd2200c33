import { parse } from 'csv-parse/sync'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Offence } from './files.ts'

/** How many mechanisms the field has named (docs/coverage.csv holds one row for each). */
const mechanisms = 301
const states = new Set(['done', 'partly', 'not yet'])

/** @returns what is untrue in docs/coverage.csv: rows missing or twice, states unknown, places or tests that do not exist */
export function checkCoverage(folder: string): Offence[] {
  const file = 'docs/coverage.csv'
  if (!existsSync(join(folder, file))) return [{ file, says: 'the file is missing: one row per mechanism id' }]
  const rows = parse(readFileSync(join(folder, file)), { columns: true, info: true, skip_empty_lines: true }) as { record: Record<string, string>; info: { lines: number } }[]
  const offences: Offence[] = []
  const seen = new Set<string>()
  for (const { record, info } of rows) {
    const { id = '', state = '', where = '', test = '' } = record
    const wrong = (says: string) => offences.push({ file, line: info.lines, says: `${id}: ${says}` })
    if (!/^[A-E]\d{2,3}$/.test(id)) wrong('this is no mechanism id')
    if (seen.has(id)) wrong('the id stands twice')
    seen.add(id)
    if (!states.has(state)) wrong(`the state must be one of ${[...states].join(', ')}`)
    for (const path of where.split(';').map((one) => one.trim()).filter(Boolean)) if (!existsSync(join(folder, path))) wrong(`${path} does not exist`)
    if (state !== 'not yet' && (test === '' || where === '')) wrong('what is done, wholly or partly, names where it is and a test that shows it')
    // A test is named as file › title; the title must stand in the file.
    const [testFile = '', title] = test.split(' › ').map((part) => part.trim())
    if (test === '') continue
    if (!existsSync(join(folder, testFile))) wrong(`the test file ${testFile} does not exist`)
    else if (title && !readFileSync(join(folder, testFile), 'utf8').includes(title)) wrong(`${testFile} has no test “${title}”`)
  }
  if (seen.size !== mechanisms) offences.push({ file, says: `it has ${seen.size} ids; there are ${mechanisms}` })
  return offences
}
