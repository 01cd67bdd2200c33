import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Claim } from '../../bench/measure.ts'
import { tell, type AddCommand, type Common } from '../command.ts'

/**
 * `sanji bench [claims…]`: measures what is claimed of the platform's speed, each beside its baseline, in a process of
 * its own. With `--json` one object with all claims. Exit code 1 when one does not hold.
 */
export const addBench: AddCommand = (program) => {
  program
    .command('bench [claims...]')
    .description('量一量快慢：不给名字就全部 / measure the performance claims; without a name all of them')
    .option('--json', 'answer as JSON')
    .action(async (claims: string[], options: Common) => {
      const measured: Claim[] = []
      const code = await new Promise<number>((ended, failed) => {
        const child = spawn(process.execPath, [fileURLToPath(new URL('../../bench/main.ts', import.meta.url)), ...claims], {
          stdio: ['ignore', options.json ? 'pipe' : 'inherit', 'inherit'],
          env: { ...process.env, ...(options.json ? { BENCH_JSON: '1' } : {}) },
        })
        let rest = ''
        child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
          const lines = (rest + chunk).split('\n')
          rest = lines.pop()!
          for (const line of lines) if (line.startsWith('{"claim"')) measured.push(JSON.parse(line) as Claim)
        })
        child.once('error', failed)
        child.once('exit', (status) => ended(status ?? 1))
      })
      const missed = measured.filter((claim) => !claim.holds)
      if (options.json) tell(options, { ok: code === 0 && missed.length === 0, claims: measured }, '')
      if (code !== 0 || missed.length > 0) process.exitCode = 1
    })
}
