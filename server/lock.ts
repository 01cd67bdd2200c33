import { randomUUID } from 'node:crypto'
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Problem } from '../rules/problem.ts'

/** A platform that was killed a moment ago may still be dying: a supervisor starts the next one at once. */
const dyingMs = 1_500

/**
 * Takes the platform's lock on a data folder: a file that names the process. A lock whose process is gone is taken over.
 * @returns a function that gives the lock back. Throws Problem `folder-in-use` with the holder's process id.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, 'sanji.lock')
  const mine = `${process.pid} ${await startOf(process.pid)}\n`
  const draft = `${file}.${randomUUID()}`
  await writeFile(draft, mine)
  const patientUntil = performance.now() + dyingMs
  try {
    for (;;) {
      // `link` fails when the name is taken, and the name never stands for a half-written file.
      const taken = await link(draft, file).then(() => false, (error: NodeJS.ErrnoException) => mustBeTaken(error))
      if (!taken) return () => giveBack(file, mine)
      const held = await readFile(file, 'utf8').catch(() => '')
      if (held === '') continue
      const [holder = '', start = ''] = held.trim().split(' ')
      if (held === mine || (await isRunning(Number(holder), start))) {
        if (held !== mine && performance.now() < patientUntil) {
          await sleep(50)
          continue
        }
        throw new Problem('folder-in-use', { facts: { folder, process: Number(holder) } })
      }
      await removeStale(file, held)
    }
  } finally {
    await rm(draft, { force: true })
  }
}

function mustBeTaken(error: NodeJS.ErrnoException): true {
  if (error.code !== 'EEXIST') throw error
  return true
}

/** Moves the lock away before looking at it again, so that of two starters that saw it stale only one removes it. */
async function removeStale(file: string, held: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`
  await rename(file, aside).catch(() => undefined)
  const moved = await readFile(aside, 'utf8').catch(() => held)
  if (moved !== held) await link(aside, file).catch(() => undefined)
  await rm(aside, { force: true })
}

async function giveBack(file: string, mine: string): Promise<void> {
  if ((await readFile(file, 'utf8').catch(() => '')) === mine) await rm(file, { force: true })
}

/** A process id is given again after a restart of the machine or container; with the start time it names one process. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // Killed and not yet collected by its parent: it runs no more.
  return fields[0] === 'Z' || fields[0] === 'X' ? 'gone' : (fields[19] ?? '-')
}

async function isRunning(pid: number, start: string): Promise<boolean> {
  if (!pid) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const now = await startOf(pid)
  return start === '' || now === '-' || now === start
}
