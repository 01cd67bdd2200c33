import { beforeAll } from 'vitest'
import { answer } from '../../server/answer.ts'
import { json, one, sql } from '../../server/db.ts'
import { villageItems, villageMonth } from '../../tests/forms.ts'
import { permissionTests } from '../../tests/permission.ts'
import { ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { registerForm } from '../ledgers/forms.server.ts'
import { workbooksContract } from './workbooks.contract.ts'
import { workbooksAnswers } from './workbooks.server.ts'

const own = ownDatabase()
const router = { workbooks: answer(workbooksContract, workbooksAnswers) }
let world: SmallWorld

beforeAll(async () => {
  world = await smallWorld(own.db)
  await registerForm(own.db, villageMonth, villageItems, { state: 'registered', by: 'test', pack: null })
})

/** A workbook that was brought at the township and read, with a row that can go in and one that waits for a choice. */
async function brought(): Promise<{ id: number }> {
  const { id } = await one<{ id: number }>(
    own.db,
    sql`insert into workbook_import (unit_id, form, form_version, period, layout, name, sha256, bytes, state, grants, brought_by, brought_at)
        values (${world.eastTown1}, ${villageMonth.code}, 1, 201806, 'many', 'a.xlsx', 'x', 1, 'read', '[]', 'somebody', now()) returning id`,
  )
  const wanted = { m: { covered: '3' }, b: { covered: null }, c: 'covered=F5', findings: [], sheet: '填报', row: 5 }
  await sql`insert into workbook_row (import_id, n, unit_id, code, name, state, wanted, findings, conflicts, noted, correction)
    select ${id}, n, ${world.eastTown1Village1}, '990121101201', '村', state, ${json(wanted)}, '[]', ${json([{ field: 'covered', mine: '3', theirs: '4' }])}, false, false
    from (values (0, 'good'), (1, 'conflict')) as v(n, state)`.execute(own.db)
  return { id }
}

const everybody = { own: 'ok', above: 'ok', below: 'ok', sibling: 'ok', otherBranch: 'ok', nobody: 'not-signed-in' } as const
/** Brought at the township: for those who may fill in there. */
const fromAbove = { own: 'ok', above: 'ok', below: 'not-allowed', sibling: 'not-allowed', otherBranch: 'not-allowed', nobody: 'not-signed-in' } as const

permissionTests('workbooks', workbooksContract, router, () => ({ database: own.database, world }), {
  // Each sees what is his: the offers and the history answer with the units that he fills in for.
  offers: { ...everybody, input: () => ({}) },
  imports: { ...everybody, input: () => ({}) },
  import: { ...fromAbove, input: brought },
  rows: { ...fromAbove, input: brought },
  choose: { ...fromAbove, input: async () => ({ ...(await brought()), all: 'mine' }) },
  putIn: { ...fromAbove, input: async () => ({ ...(await brought()), as: 'draft' }) },
  drop: { ...fromAbove, input: brought },
})
