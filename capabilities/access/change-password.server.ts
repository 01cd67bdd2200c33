import { pinyin } from 'pinyin-pro'
import { Problem } from '../../rules/problem.ts'
import type { Tx } from '../../server/db.ts'
import { passwordHashOf, savePassword } from './access.sql.ts'
import { hashPassword, mustKnowPassword, verifyPassword } from './accounts.server.ts'
import { isExpired, passwordFaults, type Called } from './password.ts'
import { demandChange, forgetTrusted, formerHashes, keepFormer, passwordState, settingsNow } from './security.sql.ts'

/** No rule asks for more former passwords than this. */
const keptAtMost = 12

/** @returns what a person is called, with the name in pinyin: 李小雨 → lixiaoyu */
export function calledOf({ username, name }: { username: string; name: string }): Called {
  return { username, pinyin: pinyin(name, { toneType: 'none', type: 'array' }).join('').replace(/[^a-z]/gi, '') }
}

/**
 * Changes a password by the rules that hold now; the former one is kept as a hash, so that it is not used again soon.
 * Throws Problems `sign-in-failed` (the present one is wrong) and `password-too-weak` with its faults.
 */
export async function changePassword(tx: Tx, account: string, { current, next }: { current: string; next: string }): Promise<void> {
  await mustKnowPassword(tx, account, current)
  const { settings: { passwords: rules } } = await settingsNow(tx)
  const state = await passwordState(tx, account)
  if (!state) throw new Problem('account-unknown', { facts: { account } })
  const faults = passwordFaults(next, calledOf(state), rules)
  if (next === current) faults.push('same-as-before')
  else if (faults.length === 0 && (await wasUsed(tx, account, next, rules.history))) faults.push('used-before')
  if (faults.length > 0) throw new Problem('password-too-weak', { field: 'next', facts: { faults, ...rules } })
  await keepFormerPassword(tx, account)
  await savePassword(tx, account, await hashPassword(next), { mustChange: false })
  await forgetTrusted(tx, account)
}

/** Keeps the hash of the password that is about to be replaced. */
export async function keepFormerPassword(tx: Tx, account: string): Promise<void> {
  const former = await passwordHashOf(tx, account)
  if (former !== undefined) await keepFormer(tx, account, former, keptAtMost)
}

async function wasUsed(tx: Tx, account: string, password: string, history: number): Promise<boolean> {
  for (const hash of await formerHashes(tx, account, history)) if (await verifyPassword({ hash, password })) return true
  return false
}

/**
 * Looks at a password that was just right, by the rules that hold now: it may have grown too old, or the rules stricter.
 * @returns whether it must be changed before anything else
 */
export async function mustChangeNow(tx: Tx, account: string, password: string, now: number): Promise<boolean> {
  const state = await passwordState(tx, account)
  if (!state) return false
  if (state.mustChange) return true
  const { settings: { passwords: rules } } = await settingsNow(tx)
  const why = isExpired(Date.parse(state.changedAt), now, rules) ? 'expired' : passwordFaults(password, calledOf(state), rules).length > 0 ? 'too-weak' : undefined
  if (why) await demandChange(tx, account, why)
  return why !== undefined
}
