import { mkdir, readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { backup, mustBeWhole, readManifest, restore, type Manifest, type Places } from '../../server/backup.ts'
import { fileStoreOf } from '../../server/file-store.ts'
import { settings, showProgress, tell, withDatabase, withDatabaseBeside, type AddCommand, type Common } from '../command.ts'

/**
 * `sanji backup <folder>`: everything as it is at one moment, also while the platform runs; `--check` reads a backup again
 * and compares it with its manifest. `sanji restore <folder>`: into an empty database and data folder (those of DATABASE_URL
 * and DATA_DIR), compared row for row.
 */
export const addBackup: AddCommand = (program) => {
  program
    .command('backup <folder>')
    .description('备份：数据库、附件、设置，平台可以照常运行 / back up everything, also while people work')
    .option('--check', '只核对已有的备份 / only compare an existing backup with its manifest')
    .option('--json', 'answer as JSON')
    .action(async (folder: string, options: Common & { check?: boolean }) => {
      if (options.check) {
        const manifest = await readManifest(folder)
        await mustBeWhole(folder, manifest)
        return tell(options, { ok: true, ...sizeOf(manifest) }, `备份完好：${sentence(manifest)}`)
      }
      const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
      await mkdir(dirname(resolve(folder)), { recursive: true })
      const manifest = await withProgress(options, '备份', (progress) =>
        withDatabaseBeside(async (database) => backup(database, { ...(await places(folder)), program: version, now: new Date(), progress })),
      )
      tell(options, { folder, ...sizeOf(manifest) }, `已备份到 ${folder}：${sentence(manifest)}`)
    })
  program
    .command('restore <folder>')
    .description('恢复到空的数据库和数据目录，逐行核对 / restore into an empty place, compared row for row')
    .option('--json', 'answer as JSON')
    .action(async (folder: string, options: Common) => {
      const manifest = await withProgress(options, '恢复', (progress) =>
        withDatabase(async (database) => restore(database, { ...(await places(folder)), progress })),
      )
      tell(options, { folder, ...sizeOf(manifest) }, `已恢复并逐行核对：${sentence(manifest)}`)
    })
}

async function places(folder: string): Promise<Places> {
  const config = settings()
  return { folder: resolve(folder), dataDir: config.DATA_DIR, files: await fileStoreOf(config) }
}

async function withProgress<Result>(options: Common, label: string, work: (progress: (done: number, of: number) => void) => Promise<Result>): Promise<Result> {
  const bar = showProgress(options, label, 100)
  try {
    return await work((done, of) => bar.update(Math.round((100 * done) / Math.max(of, 1))))
  } finally {
    bar.stop()
  }
}

const sizeOf = ({ tables, files, schema, madeAt }: Manifest) => ({
  madeAt,
  schema,
  tables: tables.length,
  rows: tables.reduce((sum, table) => sum + table.rows, 0),
  files: files.length,
})

function sentence(manifest: Manifest): string {
  const { tables, rows, files, schema } = sizeOf(manifest)
  return `${tables} 张表，${rows} 行，${files} 个附件，数据库版本 ${schema}`
}
