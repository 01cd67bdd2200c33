import { symmetricDecrypt, symmetricEncrypt } from 'better-auth/crypto'
import { createHash, randomBytes, randomInt } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import { renderSVG } from 'uqr'
import { Problem } from '../../rules/problem.ts'
import type { Tx } from '../../server/db.ts'
import { confirmFactor, findSecondFactor, replaceBackupCodes, startFactor, spendBackupCode, spendStep } from './security.sql.ts'

/** Seconds that a code is valid, and how many neighbouring ones are taken: clocks of phones are a little wrong. */
const period = 30
const window = 1
const backupCodes = 10
const product = '三基'

const digest = (text: string) => createHash('sha256').update(text).digest('hex')

function totpOf(key: string, label: string): TOTP {
  return new TOTP({ issuer: product, label, algorithm: 'SHA1', digits: 6, period, secret: Secret.fromBase32(key) })
}

/** @returns the 30-second step (RFC 6238) whose code this is around `now` (ms), or undefined */
export function stepOfCode(key: string, code: string, now: number): number | undefined {
  const delta = totpOf(key, '').validate({ token: code, timestamp: now, window })
  return delta === null ? undefined : Math.floor(now / 1000 / period) + delta
}

/** Digits as people type them: full width, with spaces between. */
export function plainCode(typed: string): string {
  return typed.normalize('NFKC').replace(/[\s-]/g, '').toLowerCase()
}

/**
 * Makes a new key for the account and keeps it sealed, not yet in force. Throws Problem `second-factor-set`.
 * @returns the key for typing, the address for authenticator apps and its QR code as SVG, made here: no key leaves the platform
 */
export async function startSecondFactor(tx: Tx, account: { id: string; username: string }, sealingKey: string): Promise<{ key: string; uri: string; svg: string }> {
  const key = new Secret({ size: 20 }).base32
  const started = await startFactor(tx, account.id, await symmetricEncrypt({ key: sealingKey, data: key }))
  if (!started) throw new Problem('second-factor-set')
  const uri = totpOf(key, account.username).toString()
  return { key, uri, svg: renderSVG(uri, { border: 3 }) }
}

async function keyOf(tx: Tx, account: string, sealingKey: string, { confirmed }: { confirmed: boolean }): Promise<string> {
  const row = await findSecondFactor(tx, account)
  if (!row || (row.confirmedAt !== null) !== confirmed) throw new Problem(row && !confirmed ? 'second-factor-set' : 'second-factor-not-set')
  return symmetricDecrypt({ key: sealingKey, data: row.secret })
}

/** Puts the new key in force when the code fits. Throws Problem `second-factor-wrong`. @returns backup codes, shown once */
export async function confirmSecondFactor(tx: Tx, account: string, code: string, now: number, sealingKey: string): Promise<string[]> {
  const step = stepOfCode(await keyOf(tx, account, sealingKey, { confirmed: false }), plainCode(code), now)
  if (step === undefined) throw new Problem('second-factor-wrong', { field: 'code' })
  await confirmFactor(tx, account, step)
  return newBackupCodes(tx, account)
}

/** @returns ten codes for the day on which the phone is lost; only their hashes are kept, the former ones end */
export async function newBackupCodes(tx: Tx, account: string): Promise<string[]> {
  // Without the characters that people mix up; 10 of 31 characters are 49 bits, so a plain hash is enough.
  const characters = 'abcdefghjkmnpqrstuvwxyz23456789'
  const some = () => Array.from({ length: 5 }, () => characters[randomInt(characters.length)]).join('')
  const codes = Array.from({ length: backupCodes }, () => `${some()}-${some()}`)
  await replaceBackupCodes(tx, account, codes.map((code) => digest(`${account} ${plainCode(code)}`)))
  return codes
}

/**
 * Uses a code of the authenticator or a backup code up; each works once, also when two requests bring it at the same moment.
 * @returns how it was shown, or undefined when the code is wrong or was used before
 */
export async function spendCode(tx: Tx, account: string, typed: string, now: number, sealingKey: string): Promise<'code' | 'backupCode' | undefined> {
  const code = plainCode(typed)
  if (/^\d{6}$/.test(code)) {
    const step = stepOfCode(await keyOf(tx, account, sealingKey, { confirmed: true }), code, now)
    return step !== undefined && (await spendStep(tx, account, step)) ? 'code' : undefined
  }
  return (await spendBackupCode(tx, account, digest(`${account} ${code}`))) ? 'backupCode' : undefined
}

/** @returns a token for the cookie of a trusted device and the hash that is kept of it */
export function deviceToken(): { token: string; hash: string } {
  const token = randomBytes(32).toString('base64url')
  return { token, hash: digest(token) }
}

export const hashOfDevice = digest
