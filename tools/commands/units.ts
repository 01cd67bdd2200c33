import { importUnits, mustBeFile, unitsOfChina, unitsOfCsv, type Imported } from '../../capabilities/units/units-import.server.ts'
import { Problem, type Finding } from '../../rules/problem.ts'
import { migrate } from '../../server/migrate.ts'
import { showProgress, tell, withDatabase, type AddCommand, type Common } from '../command.ts'

type Flags = Common & { csv?: string; china?: string }

/** `sanji units import`: units from a CSV file, or a province or the nation from the published code set. */
export const addUnits: AddCommand = (program) => {
  program
    .command('units')
    .description('单位 / units')
    .command('import')
    .description('导入单位 / import units')
    .option('--csv <file>', '表头 code,name,kind,class,areaParent,lineParent,management,validFrom,residents')
    .option('--china <province>', '公开的行政区划代码：两位省码，或 all 为全国 / two digits of a province, or all')
    .option('--json', 'answer as JSON')
    .action(async (flags: Flags) => {
      const { csv, china } = flags
      if ((csv === undefined) === (china === undefined)) throw new Problem('settings-invalid', { facts: { message: '--csv 或 --china 给一个 / give either --csv or --china' } })
      const findings: Finding[] = []
      const bar = showProgress(flags, '读入', china === undefined || china === 'all' ? 665_276 : 25_000)
      const started = performance.now()
      const imported: Imported = await withDatabase(async (database) => {
        await migrate(database.pool)
        const units = csv === undefined ? unitsOfChina(china!) : unitsOfCsv(mustBeFile(csv), findings)
        try {
          return await importUnits(database, units, { source: csv ?? `china:${china}`, findings, onProgress: (step, rows) => (step === 'reading' ? bar.update(rows) : bar.stop()) })
        } finally {
          bar.stop()
        }
      })
      const seconds = Math.round((performance.now() - started) / 100) / 10
      tell(flags, { ...imported, seconds }, `读入 ${imported.rows} 行：新增 ${imported.added} 个单位，更名 ${imported.renamed} 个，${imported.kept > 0 ? `${imported.kept} 个名称已由机构变动决定、保持不变，` : ''}用时 ${seconds} 秒`)
    })
}
