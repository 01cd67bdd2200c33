import { isCivilDate, todayIn } from '../../rules/civil-date.ts'
import { Problem } from '../../rules/problem.ts'
import type { Database } from '../../server/db.ts'
import { migrate } from '../../server/migrate.ts'
import { isEmpty } from '../sample-city/load.sql.ts'
import { loadSample, samplePassword, type Loaded } from '../sample-city/load.ts'
import { sampleRoles } from '../sample-city/city.ts'
import { tell, withDatabase, type AddCommand, type Common } from '../command.ts'

/** Loads the sample into a database without units. @returns what was loaded, or undefined when there is something already */
export async function loadDemoIfEmpty(database: Database, report: (line: string) => void, today = todayIn(Date.now())): Promise<Loaded | undefined> {
  await migrate(database.pool)
  if (!(await isEmpty(database.db))) return undefined
  report('数据库是空的，载入示例城市（虚构） / the database is empty: loading the sample city (invented)')
  const loaded = await loadSample(database, { today, report })
  for (const line of sampleAccounts()) report(line)
  return loaded
}

/** @returns one line per sample account to try, with the shared password */
export function sampleAccounts(): string[] {
  return [
    `示例账号，密码都是 ${samplePassword} / sample accounts, all with this password`,
    ...sampleRoles.map(({ username, role }) => `  ${username.padEnd(14)} ${role.zh} / ${role.en}`),
  ]
}

/** `sanji demo`: the sample city in an empty database. */
export const addDemo: AddCommand = (program) => {
  program
    .command('demo')
    .description('载入示例城市 / load the sample city')
    .option('--today <date>', '以哪一天为今天 / the day to take as today', (text) => {
      if (!isCivilDate(text)) throw new Problem('date-invalid', { facts: { given: text } })
      return text
    })
    .option('--json', 'answer as JSON')
    .action(async (options: Common & { today?: string }) => {
      const started = performance.now()
      const loaded = await withDatabase((database) => loadDemoIfEmpty(database, (line) => void (options.json || console.log(line)), options.today))
      const seconds = Math.round((performance.now() - started) / 100) / 10
      if (!loaded) return tell(options, { loaded: false }, '数据库里已有单位，没有改动。示例只载入空库。/ There are units already; nothing was changed.')
      tell(options, { loaded: true, ...loaded, seconds }, `已载入 ${loaded.units} 个单位、${loaded.accounts} 个账号、${loaded.records} 份填报、${loaded.tasks} 项任务，用时 ${seconds} 秒`)
    })
}
