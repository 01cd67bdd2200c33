import { join } from 'node:path'
import { isProblem, Problem, type Finding } from '../../rules/problem.ts'
import { one, sql, type Database } from '../../server/db.ts'
import { packParts } from '../../server/rooms.ts'
import { showProgress, tell, withDatabase, type AddCommand, type Common } from '../command.ts'
import { applyPack } from '../pack/apply-pack.ts'
import { checkPack, type PackFinding } from '../pack/check-pack.ts'
import { diffPack, diffText } from '../pack/diff-pack.ts'
import { readPack } from '../pack/read-pack.ts'
import { appliedPacks, packFiles, writePack } from '../pack/write-pack.ts'

/** `sanji pack check|diff|apply|export <folder>`: exit code 1 when there is something to correct. */
export const addPack: AddCommand = (program) => {
  const pack = program.command('pack').description('内容包：核对、比较、应用、导出 / packs: check, compare, apply, export')

  pack
    .command('check <folder>')
    .description('核对内容包，不改动任何数据 / check a pack, nothing is changed')
    .option('--json', 'answer as JSON')
    .action(async (folder: string, options: Common) => {
      const { findings } = await withTables(async ({ db }) => checkPack(db, await readPack(folder, packParts), packParts))
      tell(options, { ok: findings.length === 0, findings }, findings.length === 0 ? '没有问题 / nothing to correct' : findingsText(folder, findings))
      if (findings.length > 0) process.exitCode = 1
    })

  pack
    .command('diff <folder>')
    .description('与已应用的版本比较 / compare with what is applied')
    .option('--json', 'answer as JSON')
    .action(async (folder: string, options: Common) => {
      const diff = await withTables(async ({ db }) => diffPack(db, await readPack(folder, packParts), packParts))
      tell(options, diff, diffText(diff))
    })

  pack
    .command('apply <folder>')
    .description('核对并应用内容包：全部成功，或什么也不改 / check and apply a pack: all of it or nothing')
    .option('--by <account>', 'who applies it, for the trail')
    .option('--json', 'answer as JSON')
    .action(async (folder: string, options: Common & { by?: string }) => {
      const bar = showProgress(options, '应用', packParts.length)
      try {
        const applied = await withTables((database) => applyPack(database, folder, { by: options.by, onProgress: ({ at }) => bar.update(at) }))
        const parts = Object.entries(applied.parts).map(
          ([name, { added, changed, removed, same }]) => `\n  ${name}: +${added.length} ~${changed.length} -${removed.length} =${same}`,
        )
        const done = applied.same ? '内容相同，什么也没有改 / the same content, nothing was changed' : `已应用 / applied${parts.join('')}`
        tell(options, applied, `${applied.pack} ${applied.version}: ${done}`)
      } catch (error) {
        if (!isProblem(error, 'pack-invalid')) throw error
        const findings = error.findings.map(found)
        tell(options, { ok: false, findings }, findingsText(folder, findings))
        process.exitCode = 1
      } finally {
        bar.stop()
      }
    })

  pack
    .command('export <folder>')
    .description('导出已应用的内容包，每个包一个子文件夹 / write the applied packs, each into a folder of its own')
    .option('--pack <code>', 'only this pack, into the folder itself')
    .option('--json', 'answer as JSON')
    .action(async (folder: string, options: Common & { pack?: string }) => {
      const packs = await withTables(({ db }) => appliedPacks(db, options.pack))
      if (options.pack !== undefined && packs.length === 0) throw new Problem('not-found', { facts: { what: 'pack', code: options.pack } })
      const written = []
      for (const { code, version, content } of packs) {
        const files = packFiles(content, packParts)
        const into = options.pack === undefined ? join(folder, code) : folder
        await writePack(into, files)
        written.push({ pack: code, version, folder: into, files: [...files.keys()] })
      }
      tell(options, { packs: written }, written.map((one) => `${one.pack} ${one.version} → ${one.folder}（${one.files.length} 个文件 / files）`).join('\n') || '没有已应用的内容包 / no pack is applied')
    })
}

/** A database without tables is left alone: bringing it up to date is `sanji migrate`'s business. */
async function withTables<Result>(work: (database: Database) => Promise<Result>): Promise<Result> {
  return withDatabase(async (database) => {
    const { there } = await one<{ there: boolean }>(database.db, sql`select to_regclass('pack') is not null as there`)
    if (!there) throw new Problem('settings-invalid', { facts: { message: '数据库还没有表，请先运行 sanji migrate / no tables yet: run sanji migrate first' } })
    return work(database)
  })
}

/** A finding as `applyPack` throws it, as a place again. */
function found({ path, code, facts = {} }: Finding): PackFinding {
  const [, file, line, column] = /^(.*):(\d+):(\d+)$/.exec(path)!
  const { id, say, ...rest } = facts as { id: string; say: PackFinding['say'] }
  return { file: file!, line: Number(line), column: Number(column), id, code, facts: rest, say }
}

function findingsText(folder: string, findings: readonly PackFinding[]): string {
  const lines = findings.map(({ file, line, column, id, say }) => `${folder}/${file}:${line}:${column}${id ? ` [${id}]` : ''}\n  ${say.zh}\n  ${say.en}`)
  return [...lines, `共 ${findings.length} 处需要改正 / ${findings.length} to correct`].join('\n')
}
