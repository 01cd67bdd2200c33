import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { expect, it } from 'vitest'
import { calendarYaml } from './calendar-import.ts'

it('the calendar of the pack is what the import writes', async () => {
  const source = createRequire(import.meta.url).resolve('chinese-days').replace(/dist\/.*$/, 'dist/chinese-days.json')
  const shipped = await readFile(new URL('../packs/three-basics-2018/calendar.yaml', import.meta.url), 'utf8')
  expect(calendarYaml(JSON.parse(await readFile(source, 'utf8')))).toBe(shipped)
})
