import { Problem } from '../../rules/problem.ts'
import type { Tx } from '../../server/db.ts'
import { handOut } from '../../server/hand-out.ts'
import type { RawRoute } from '../../server/raw.ts'
import { mustBeAble } from '../access/permission.ts'
import { fileOf, filesGiven, isFileId } from '../ledgers/files.reads.ts'
import { pathOf } from '../units/units.reads.ts'
import * as queries from './tasks-talk.sql.ts'

/**
 * Hangs files that a person gave for the task's unit on the task: photos of a visit, never demanded.
 * Throws Problem `not-found` for a file that is not there, is not his, or was given for another unit.
 * @returns what was hung, as the trail keeps it
 */
export async function hangFiles(tx: Tx, of: { task: number; unit: number; by: string; ids: readonly string[]; comment: number | null }): Promise<{ id: string; name: string }[]> {
  const found = await filesGiven(tx, of)
  const missing = of.ids.find((id) => !found.some((file) => file.id === id))
  if (missing !== undefined) throw new Problem('not-found', { field: 'files', facts: { what: 'file', id: missing } })
  await queries.addTaskFiles(tx, of.task, of.comment, of.ids)
  return found
}

/** Hands a file that hangs on a task out to those who may read the task. */
export const taskFileRoute: RawRoute = {
  method: 'GET',
  path: '/lists/files/{id}',
  needs: 'list.read',
  summary: 'A photo or document that hangs on a task',
  async handle(call) {
    const { id = '' } = call.params
    const { db } = call.database
    const task = isFileId(id) ? await queries.taskOfFile(db, id) : undefined
    const file = task && (await fileOf(db, id))
    if (!file) throw new Problem('not-found', { facts: { what: 'file', id } })
    mustBeAble(call.actor, 'list.read', await pathOf(db, task.unit))
    await handOut(call, file)
  },
}
