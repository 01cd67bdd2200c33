import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Takes the platform's lock on a data folder: a file that names the process. A lock whose process is gone is taken over.
 * @returns a function that gives the lock back. Throws an Error that names the holder.
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const file = join(folder, 'sanji.lock')
  for (;;) {
    try {
      const handle = await open(file, 'wx')
      await handle.writeFile(String(process.pid))
      await handle.close()
      return () => rm(file, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const holder = Number(await readFile(file, 'utf8').catch(() => '0'))
      if (holder && holder !== process.pid && isAlive(holder)) {
        throw new Error(`${folder} is in use by the platform with process id ${holder}; stop it first, or set DATA_DIR to another folder`)
      }
      await rm(file, { force: true })
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
