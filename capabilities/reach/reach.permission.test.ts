import { beforeAll } from 'vitest'
import { answer } from '../../server/answer.ts'
import { createAccounts } from '../access/accounts.server.ts'
import { permissionTests } from '../../tests/permission.ts'
import { ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { holder } from '../../tests/people.ts'
import { reachContract } from './reach.contract.ts'
import { reachAnswers } from './reach.server.ts'
import { insertRobot } from './reach.sql.ts'

const own = ownDatabase()
let world: SmallWorld
beforeAll(async () => {
  world = await smallWorld(own.db)
  // Everybody of the permission tests has an account, so that his own choice can be kept.
  const units = Object.values(world)
  await createAccounts(own.db, units.map((unit) => ({ id: holder(unit).account, username: `u${unit}`, name: '测试', unit })), { passwordHash: 'x', mustChangePassword: false })
})

/** What is one's own; nobody else's can be named. */
const everybody = { own: 'ok', above: 'ok', below: 'ok', sibling: 'ok', otherBranch: 'ok', nobody: 'not-signed-in' } as const
const noMail = { own: 'mail-not-set', above: 'mail-not-set', below: 'mail-not-set', sibling: 'mail-not-set', otherBranch: 'mail-not-set', nobody: 'not-signed-in' } as const
const noCode = { own: 'code-expired', above: 'code-expired', below: 'code-expired', sibling: 'code-expired', otherBranch: 'code-expired', nobody: 'not-signed-in' } as const
const fromAbove = { own: 'ok', above: 'ok', below: 'not-allowed', sibling: 'not-allowed', otherBranch: 'not-allowed', nobody: 'not-signed-in' } as const
// Port 9 answers nobody: whether a robot takes the message is not a matter of permission.
const robot = (unit: number) => ({ unit, name: '工作群', shape: 'wecom' as const, url: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=sample', secret: '', muted: [], active: false })

permissionTests('reach', reachContract, { reach: answer(reachContract, reachAnswers) }, () => ({ database: own.database, world }), {
  choice: { ...everybody, input: () => undefined },
  saveChoice: { ...everybody, input: async (_world, database) => {
    await database.pool.query('delete from reach_choice')
    return { mode: 'off', quietFrom: 21, quietTo: 7, digestHour: 9, muted: [], version: 1 }
  } },
  askEmail: { ...noMail, input: () => ({ email: 'somebody@example.org' }) },
  confirmEmail: { ...noCode, input: () => ({ code: '123456' }) },
  removeEmail: { ...everybody, input: () => undefined },
  makeFeed: { ...everybody, input: () => undefined },
  endFeed: { ...everybody, input: () => undefined },
  sent: { ...everybody, input: () => ({}) },
  robots: { ...fromAbove, input: ({ eastTown1 }) => ({ unit: eastTown1 }) },
  saveRobot: { ...fromAbove, input: ({ eastTown1 }) => robot(eastTown1) },
  dropRobot: { ...fromAbove, input: async ({ eastTown1 }, database) => ({ unit: eastTown1, id: await insertRobot(database.db, robot(eastTown1), 'test', new Date()), version: 1 }) },
  // The robot's host is not on the list any more, so nothing leaves the house: the answer says so.
  tryRobot: { ...fromAbove, input: async ({ eastTown1 }, database) => ({ unit: eastTown1, id: await insertRobot(database.db, { ...robot(eastTown1), url: 'https://gone.example/x' }, 'test', new Date()) }) },
})
