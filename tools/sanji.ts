import { Command, CommanderError } from 'commander'
import { tellFailure, type AddCommand } from './command.ts'
import { addBackup } from './commands/backup.ts'
import { addBench } from './commands/bench.ts'
import { addDemo } from './commands/demo.ts'
import { addMigrate } from './commands/migrate.ts'
import { addPack } from './commands/pack.ts'
import { addStart } from './commands/start.ts'
import { addUnits } from './commands/units.ts'
import { addVerify } from './commands/verify.ts'

/** The command line. Exit codes: 0 done, 1 a problem that the reader can solve, 2 a bug. */
const commands: AddCommand[] = [addStart, addMigrate, addPack, addDemo, addUnits, addVerify, addBackup, addBench]

const program = new Command('sanji').description('三基：命令行 / the command line of Sanji').exitOverride()
for (const add of commands) add(program)

try {
  await program.parseAsync()
} catch (error) {
  // A wrong flag, or --help: the library has said so already.
  process.exitCode = error instanceof CommanderError ? Math.min(error.exitCode, 1) : tellFailure({ json: process.argv.includes('--json') }, error)
}
