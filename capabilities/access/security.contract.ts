import { z } from 'zod'
import { endpoint, type RoomContract } from '../endpoint.ts'

export const PasswordRules = z.object({
  least: z.number().int().min(8).max(64),
  classes: z.number().int().min(1).max(3),
  mixedCase: z.boolean(),
  notCommon: z.boolean(),
  history: z.number().int().min(0).max(12),
  maxAgeDays: z.number().int().min(0).max(730),
})

export const SecuritySettings = z.object({
  passwords: PasswordRules,
  secondFactor: z.object({
    admins: z.boolean(),
    kinds: z.array(z.string().max(40)).max(50),
    trustDays: z.number().int().min(0).max(30),
  }),
})

export const SettingsVersion = z.object({
  version: z.number().int(),
  settings: SecuritySettings,
  reason: z.string().nullable(),
  byName: z.string().nullable(),
  at: z.string().nullable(),
})
export type SettingsVersion = z.infer<typeof SettingsVersion>

export const SecondFactor = z.object({
  /** none, or being set up, or set. */
  state: z.enum(['none', 'started', 'set']),
  since: z.string().nullable(),
  backupCodesLeft: z.number().int(),
  trustedDevices: z.number().int(),
  /** One of my posts needs it by setting. */
  required: z.boolean(),
  trustDays: z.number().int(),
  /** Signed in through the provider a moment ago: no password is asked. */
  fresh: z.boolean(),
})
export type SecondFactor = z.infer<typeof SecondFactor>

const Password = z.string().min(1).max(500).optional()
const Code = z.string().trim().min(6).max(12)
const Reason = z.string().trim().min(1).max(200)

/** Rules for passwords and the second factor (F-13). */
export const securityContract = {
  passwordRules: endpoint('signedIn', { method: 'GET', path: '/access/password-rules', summary: 'What a new password must keep' }).output(PasswordRules),
  securitySettings: endpoint('grant.manage', {
    method: 'GET',
    path: '/access/security',
    summary: 'The security settings, newest version first, with whether I may change them',
  }).output(z.object({ versions: z.array(SettingsVersion), mayChange: z.boolean(), kinds: z.array(z.object({ code: z.string(), zh: z.string(), en: z.string() })) })),
  saveSecuritySettings: endpoint('grant.manage', {
    method: 'POST',
    path: '/access/security',
    summary: 'Decide the security settings; a new version for the whole platform',
  })
    .input(z.object({ version: z.number().int().min(0), settings: SecuritySettings, reason: Reason }))
    .output(SettingsVersion),

  secondFactor: endpoint('signedIn', { method: 'GET', path: '/access/second-factor', summary: 'My second factor' }, { during: ['enrol'] }).output(SecondFactor),
  startSecondFactor: endpoint(
    'signedIn',
    { method: 'POST', path: '/access/second-factor/start', summary: 'Begin to set up a second factor; answers its key and QR code once' },
    { secret: true, during: ['enrol'] },
  )
    .input(z.object({ password: Password }))
    .output(z.object({ key: z.string(), uri: z.string(), svg: z.string() })),
  confirmSecondFactor: endpoint(
    'signedIn',
    { method: 'POST', path: '/access/second-factor/confirm', summary: 'Finish setting up with a code; answers backup codes once' },
    { secret: true, during: ['enrol'] },
  )
    .input(z.object({ code: Code }))
    .output(z.object({ backupCodes: z.array(z.string()) })),
  newBackupCodes: endpoint(
    'signedIn',
    { method: 'POST', path: '/access/second-factor/backup-codes', summary: 'New backup codes, shown once; the former ones end' },
    { secret: true },
  )
    .input(z.object({ password: Password }))
    .output(z.object({ backupCodes: z.array(z.string()) })),
  removeSecondFactor: endpoint(
    'signedIn',
    { method: 'POST', path: '/access/second-factor/remove', summary: 'Remove my second factor, with my password' },
    { secret: true },
  )
    .input(z.object({ password: Password }))
    .output(SecondFactor),
  forgetDevices: endpoint('signedIn', { method: 'POST', path: '/access/second-factor/forget-devices', summary: 'Ask for the second factor on every device again' })
    .input(z.object({}))
    .output(z.object({ forgotten: z.number().int() })),
  identity: endpoint('signedIn', { method: 'GET', path: '/access/identity', summary: 'Whether an identity of the provider is tied to my account' })
    .output(z.object({ since: z.string().nullable() })),
  unlinkMyIdentity: endpoint('signedIn', { method: 'POST', path: '/access/identity/unlink-mine', summary: 'Untie the identity of the provider from my account, with my password' }, { secret: true })
    .input(z.object({ password: Password }))
    .output(z.object({ since: z.string().nullable() })),
  unlinkIdentity: endpoint('account.manage', {
    method: 'POST',
    path: '/access/identity/unlink',
    summary: 'Untie the identity of the provider from an account, so that the right one can be tied at the next signing in; its sessions end',
  })
    .input(z.object({ account: z.string(), reason: Reason }))
    .output(z.object({ account: z.string(), endedSessions: z.number().int() })),
  resetSecondFactor: endpoint('grant.manage', {
    method: 'POST',
    path: '/access/second-factor/reset',
    summary: 'Take the second factor from an account whose holder has lost it; its sessions end',
  })
    .input(z.object({ account: z.string(), reason: Reason }))
    .output(z.object({ account: z.string(), endedSessions: z.number().int() })),
} satisfies RoomContract
