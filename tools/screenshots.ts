import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { openStage, settled, today } from '../tests/journeys/stage.ts'
import { one, sql } from '../server/db.ts'

/** Pictures for the documents, taken from the sample city by a real browser: `node tools/screenshots.ts`. */
const folder = fileURLToPath(new URL('../docs/images/', import.meta.url))
await mkdir(folder, { recursive: true })
const stage = await openStage()
try {
  const ids = await one<{ village: number; list: number }>(stage.platform.database.db, sql`select (select id from unit where code = '990121100201') as village, (select max(id) from list where id not in (select list_id from joint_meeting where list_id is not null)) as list`)
  const pictures: [name: string, username: string, width: 360 | 1440, path: string][] = [
    ['village-start', 'cun', 360, '/'],
    ['village-return', 'cun', 360, `/returns/${ids.village}/village-month/${today.slice(0, 7)}`],
    ['township-queue', 'zhen', 1440, '/queue'],
    ['province-indicator', 'sheng', 1440, '/indicators/income-below-50k?period=2025&level=3&tab=ranked'],
    ['list-issued', 'sheng', 1440, `/lists/${ids.list}`],
  ]
  for (const [name, username, width, path] of pictures) {
    const person = await stage.person(username, width)
    await person.go(path)
    await settled(person.page)
    await person.page.screenshot({ path: `${folder}${name}.png` })
    await person.context.close()
    console.log(`docs/images/${name}.png`)
  }
} finally {
  await stage.close()
}
