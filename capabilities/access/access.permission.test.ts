import { beforeAll } from 'vitest'
import { answer } from '../../server/answer.ts'
import { one, sql } from '../../server/db.ts'
import { permissionTests } from '../../tests/permission.ts'
import { ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { accessContract } from './access.contract.ts'
import { accessAnswers } from './access.server.ts'
import { createAccounts, insertHolding } from './accounts.server.ts'
import { securitySettings } from './security-settings.ts'

const own = ownDatabase()
let world: SmallWorld
beforeAll(async () => {
  world = await smallWorld(own.db)
  await sql`insert into post_kind (code, name_zh, name_en, verbs) values ('clerk', '台账员', 'Clerk', '{record.fill}') on conflict do nothing`.execute(own.db)
})

let next = 0
/** An account of the township, made anew for each case. */
async function account(): Promise<string> {
  const [id] = await createAccounts(own.db, [{ username: `somebody${next++}`, name: '测试', unit: world.eastTown1 }], { passwordHash: 'x', mustChangePassword: false })
  return id!
}
async function post(): Promise<number> {
  return (await one<{ id: number }>(own.db, sql`insert into post (unit_id, kind, title, valid_from) values (${world.eastTown1}, 'clerk', '台账员', '2018-01-01') returning id`)).id
}
async function holding(): Promise<number> {
  return insertHolding(own.db, { post: await post(), account: await account(), acting: false, from: '2018-01-01' })
}

const everybody = { own: 'ok', above: 'ok', below: 'ok', sibling: 'ok', otherBranch: 'ok', nobody: 'not-signed-in' } as const
/** The verb must be held on the unit or above it. */
const fromAbove = { own: 'ok', above: 'ok', below: 'not-allowed', sibling: 'not-allowed', otherBranch: 'not-allowed', nobody: 'not-signed-in' } as const

const nobodyHere = { own: 'not-allowed', above: 'not-allowed', below: 'not-allowed', sibling: 'not-allowed', otherBranch: 'not-allowed', nobody: 'not-signed-in' } as const
const notThere = { own: 'not-found', above: 'not-found', below: 'not-found', sibling: 'not-found', otherBranch: 'not-found', nobody: 'not-signed-in' } as const
const wrongPassword = { own: 'sign-in-failed', above: 'sign-in-failed', below: 'sign-in-failed', sibling: 'sign-in-failed', otherBranch: 'sign-in-failed', nobody: 'not-signed-in' } as const
const noFactor = { own: 'second-factor-not-set', above: 'second-factor-not-set', below: 'second-factor-not-set', sibling: 'second-factor-not-set', otherBranch: 'second-factor-not-set', nobody: 'not-signed-in' } as const
const noIdentity = { own: 'identity-not-linked', above: 'identity-not-linked', below: 'identity-not-linked', sibling: 'identity-not-linked', otherBranch: 'identity-not-linked', nobody: 'not-signed-in' } as const

permissionTests('access', accessContract, { access: answer(accessContract, accessAnswers) }, () => ({ database: own.database, world }), {
  me: { ...everybody, input: () => ({}) },
  setLocale: { ...everybody, input: () => ({ locale: 'en' }) },
  changePassword: { ...wrongPassword, input: () => ({ current: 'x', next: 'y' }) },
  sessions: { ...everybody, input: () => ({}) },
  endSession: { ...everybody, input: () => ({ id: 'none' }) },
  endOtherSessions: { ...everybody, input: () => ({}) },
  // Lists are cut to what the asker looks after.
  accounts: { ...everybody, input: () => ({}) },
  people: { ...everybody, input: () => ({}) },
  createAccount: { ...fromAbove, input: () => ({ username: `fresh${next++}`, name: '测试', unit: world.eastTown1 }) },
  disableAccount: { ...fromAbove, input: async () => ({ account: await account(), reason: '调离' }) },
  enableAccount: {
    ...fromAbove,
    input: async () => {
      const id = await account()
      await sql`update auth_user set disabled = true where id = ${id}`.execute(own.db)
      return { account: id, reason: '返岗' }
    },
  },
  resetPassword: { ...fromAbove, input: async () => ({ account: await account(), reason: '忘记密码' }) },
  unlock: {
    ...fromAbove,
    input: async () => {
      const id = await account()
      await sql`insert into sign_in_failure (username, failures, last_at, locked_until) select username, 5, now(), now() + interval '15 minutes' from auth_user where id = ${id}`.execute(own.db)
      return { account: id, reason: '本人核实' }
    },
  },
  passwordRules: { ...everybody, input: () => ({}) },
  // Everybody who grants posts reads the rules; they are decided at the top of the tree alone.
  securitySettings: { ...everybody, input: () => ({}) },
  saveSecuritySettings: { ...nobodyHere, input: () => ({ version: 0, settings: securitySettings, reason: '从严' }) },
  secondFactor: { ...everybody, input: () => ({}) },
  startSecondFactor: { ...wrongPassword, input: () => ({ password: 'x' }) },
  confirmSecondFactor: { ...noFactor, input: () => ({ code: '000000' }) },
  newBackupCodes: { ...noFactor, input: () => ({ password: 'x' }) },
  removeSecondFactor: { ...noFactor, input: () => ({ password: 'x' }) },
  identity: { ...everybody, input: () => ({}) },
  unlinkMyIdentity: { ...noIdentity, input: () => ({ password: 'x' }) },
  unlinkIdentity: {
    ...fromAbove,
    input: async () => {
      const id = await account()
      await sql`insert into auth_account (id, "accountId", "providerId", "userId") values (${`i-${id}`}, ${id}, 'oidc', ${id})`.execute(own.db)
      return { account: id, reason: '换了人' }
    },
  },
  forgetDevices: { ...everybody, input: () => ({}) },
  resetSecondFactor: {
    ...fromAbove,
    input: async () => {
      const id = await account()
      await sql`insert into second_factor (account, secret, confirmed_at) values (${id}, 'sealed', now())`.execute(own.db)
      return { account: id, reason: '手机丢失' }
    },
  },
  // One’s own posts and absences; whose holding it is not, for him it is not there.
  absences: { ...everybody, input: () => ({}) },
  deputies: { ...notThere, input: async () => ({ holding: await holding() }) },
  setAbsence: { ...notThere, input: async () => ({ holding: await holding(), from: '2018-07-03', to: '2018-07-04', deputy: null }) },
  endAbsence: { ...notThere, input: () => ({ absence: 4711 }) },
  uncovered: { ...everybody, input: () => ({}) },
  holdings: { ...fromAbove, input: () => ({ unit: world.eastTown1 }) },
  grant: { ...fromAbove, input: async () => ({ post: await post(), account: await account(), reason: '任命' }) },
  endHolding: { ...fromAbove, input: async () => ({ holding: await holding(), reason: '免职' }) },
  events: { ...fromAbove, input: () => ({ unit: world.eastTown1 }) },
  seals: { ...nobodyHere, input: () => ({}) },
})
