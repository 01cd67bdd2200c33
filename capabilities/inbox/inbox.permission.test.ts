import { beforeAll } from 'vitest'
import { answer } from '../../server/answer.ts'
import { permissionTests } from '../../tests/permission.ts'
import { ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { inboxContract } from './inbox.contract.ts'
import { inboxAnswers } from './inbox.server.ts'

const own = ownDatabase()
let world: SmallWorld
beforeAll(async () => {
  world = await smallWorld(own.db)
})

/** Everybody asks for what is his own; what he may not see is not in the answer (inbox.test.ts). */
const everybody = { own: 'ok', above: 'ok', below: 'ok', sibling: 'ok', otherBranch: 'ok', nobody: 'not-signed-in' } as const

permissionTests('inbox', inboxContract, { inbox: answer(inboxContract, inboxAnswers) }, () => ({ database: own.database, world }), {
  waiting: { ...everybody, input: () => ({}) },
  notices: { ...everybody, input: () => ({}) },
  seen: { ...everybody, input: () => ({ allUntil: 1 }) },
})
