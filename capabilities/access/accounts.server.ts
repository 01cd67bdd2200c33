import { hashPassword, verifyPassword } from 'better-auth/crypto'
import { randomInt, randomUUID } from 'node:crypto'
import { Problem } from '../../rules/problem.ts'
import type { Tx } from '../../server/db.ts'
import { findUsername, insertAccounts, insertHolding, passwordHashOf, type NewAccount } from './access.sql.ts'
import { isUsername, plainUsername } from './username.ts'

export { hashPassword, verifyPassword }

// Without the characters that people mix up when they read a password out.
const letters = 'abcdefghjkmnpqrstuvwxyz'
const digits = '23456789'

/** @returns a first password to be handed over once: three groups of letters and digits, 55 bits */
export function firstPassword(): string {
  const pick = (from: string, n: number) => Array.from({ length: n }, () => from[randomInt(from.length)]).join('')
  return [pick(letters, 4), pick(digits, 4), pick(letters, 5)].join('-')
}

export type AccountToCreate = {
  username: string
  name: string
  /** The unit whose administrators look after the account. */
  unit: number
  password: string
  /** True (the default): the password is for one use. */
  mustChangePassword?: boolean
  locale?: 'zh-CN' | 'en'
  sample?: boolean
  id?: string
}

/** Makes one account. Throws Problems `invalid-input`, `account-exists`. @returns its id */
export async function createAccount(tx: Tx, account: AccountToCreate): Promise<string> {
  const username = plainUsername(account.username)
  if (!isUsername(username)) throw new Problem('invalid-input', { field: 'username' })
  if (await findUsername(tx, username)) throw new Problem('account-exists', { field: 'username', facts: { username } })
  const passwordHash = await hashPassword(account.password)
  const [id] = await createAccounts(tx, [account], { passwordHash, mustChangePassword: account.mustChangePassword ?? true })
  // Somebody else took the name between the look and the insert.
  if (!id) throw new Problem('account-exists', { field: 'username', facts: { username } })
  return id
}

/**
 * Makes many accounts with one first password, hashed once by the caller (`hashPassword`): for samples and for handing
 * a unit its accounts. User names that exist are left as they are. @returns the ids of the new ones
 */
export function createAccounts(
  tx: Tx,
  accounts: readonly Omit<AccountToCreate, 'password' | 'mustChangePassword'>[],
  { passwordHash, mustChangePassword }: { passwordHash: string; mustChangePassword: boolean },
): Promise<string[]> {
  const rows = accounts.map(
    (account): NewAccount => ({
      id: account.id ?? randomUUID(),
      username: plainUsername(account.username),
      name: account.name,
      unit: account.unit,
      locale: account.locale ?? 'zh-CN',
      sample: account.sample ?? false,
    }),
  )
  return insertAccounts(tx, rows, { passwordHash, mustChangePassword })
}

/** Throws Problem `sign-in-failed` unless `password` is the account's. */
export async function mustKnowPassword(tx: Tx, account: string, password: string): Promise<void> {
  const hash = await passwordHashOf(tx, account)
  if (!hash || !(await verifyPassword({ hash, password }))) throw new Problem('sign-in-failed', { field: 'current' })
}

export { insertHolding }
