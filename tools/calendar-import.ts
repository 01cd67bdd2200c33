import { readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'

/**
 * Writes the calendar section of a pack from the npm package chinese-days:
 * `node tools/calendar-import.ts packs/three-basics-2018/calendar.yaml`. Run it again when a new notice is out and the
 * package has it, add the notice's number below, and compare the difference with the notice itself.
 */

/** The notice of each year, with the later notice that changed it. `seen`: number and days compared with a published text of the notice. */
const notices: Readonly<Record<number, { notice: string; seen: boolean }>> = {
  2017: { notice: '国办发明电〔2016〕17号', seen: true },
  2018: { notice: '国办发明电〔2017〕12号', seen: true },
  2019: { notice: '国办发明电〔2018〕15号；国办发明电〔2019〕3号', seen: true },
  2020: { notice: '国办发明电〔2019〕16号；国办发明电〔2020〕1号', seen: true },
  2021: { notice: '国办发明电〔2020〕27号', seen: true },
  2022: { notice: '国办发明电〔2021〕11号', seen: true },
  2023: { notice: '国办发明电〔2022〕16号', seen: true },
  2024: { notice: '国办发明电〔2023〕7号', seen: true },
  2025: { notice: '国办发明电〔2024〕12号', seen: true },
  2026: { notice: '国办发明电〔2025〕7号', seen: true },
}

type Days = Record<string, string>

/** The days of the notice for `year`: New Year's days of December belong to the notice for the year after. */
function ofNotice(days: Days, year: number): [string, string][] {
  return Object.entries(days)
    .map(([day, names]): [string, string] => [day, names.split(',')[1]!])
    .filter(([day, name]) => Number(day.slice(0, 4)) + (day.slice(5, 7) === '12' && name === '元旦' ? 1 : 0) === year)
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

/** The section as YAML, one day a line. */
export function calendarYaml({ holidays, workdays }: { holidays: Days; workdays: Days }): string {
  const years = Object.entries(notices).map(([text, { notice, seen }]) => {
    const year = Number(text)
    const list = (name: string, days: [string, string][]) =>
      days.length === 0 ? [] : [`  ${name}:`, ...days.map(([day, holiday]) => `    ${day}: ${holiday}`)]
    const lines = [`- year: ${year}`, `  notice: ${notice}`, ...(seen ? [] : ['  source: unverified'])]
    return [...lines, ...list('off', ofNotice(holidays, year)), ...list('worked', ofNotice(workdays, year))].join('\n')
  })
  return `# Days off and worked weekends by the yearly notice of the State Council office. Written by tools/calendar-import.ts.\n# source: unverified means that the notice's number and days have not been compared with a published text of the notice.\n${years.join('\n')}\n`
}

if (import.meta.main) {
  const target = process.argv[2]
  if (!target) throw new Error('say which file to write: node tools/calendar-import.ts <pack>/calendar.yaml')
  const source = createRequire(import.meta.url).resolve('chinese-days').replace(/dist\/.*$/, 'dist/chinese-days.json')
  await writeFile(target, calendarYaml(JSON.parse(await readFile(source, 'utf8'))))
}
