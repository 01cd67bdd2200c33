import { z } from 'zod'
import { CivilDate, endpoint, MoveNow, pageOf, paging, type RoomContract } from '../endpoint.ts'
import { absenceContract } from './absence.contract.ts'
import { securityContract } from './security.contract.ts'

export const Locale = z.enum(['zh-CN', 'en'])

export const MyPost = z.object({
  post: z.number().int(),
  kind: z.string(),
  title: z.string(),
  unit: z.number().int(),
  unitName: z.string(),
  level: z.number().int(),
  verbs: z.array(z.string()),
  acting: z.boolean(),
})

export const Me = z.object({
  account: z.string(),
  username: z.string(),
  name: z.string(),
  locale: Locale,
  mustChangePassword: z.boolean(),
  /** Why, when it is not a first password: it has grown too old, or the rules have become stricter. */
  mustChangeWhy: z.enum(['expired', 'too-weak']).nullable(),
  /** Signing in is not finished: the code of the second factor is awaited, or one must be set up. */
  wants: z.enum(['code', 'enrol']).nullable(),
  posts: z.array(MyPost),
})
export type Me = z.infer<typeof Me>

export const MySession = z.object({
  id: z.string(),
  startedAt: z.string(),
  lastSeenAt: z.string(),
  endsAt: z.string(),
  /** What the browser calls itself. */
  device: z.string(),
  current: z.boolean(),
})
export type MySession = z.infer<typeof MySession>

export const Account = z.object({
  id: z.string(),
  username: z.string(),
  name: z.string(),
  /** The unit whose administrators look after the account. */
  unit: z.number().int(),
  unitName: z.string(),
  disabled: z.boolean(),
  mustChangePassword: z.boolean(),
  sample: z.boolean(),
  createdAt: z.string(),
  lockedUntil: z.string().nullable(),
  secondFactor: z.boolean(),
  /** An identity of the provider is tied to it. */
  identity: z.boolean(),
  moves: z.array(MoveNow),
})
export type Account = z.infer<typeof Account>

export const AccountSearch = z.object({
  ...paging,
  text: z.string().trim().max(60).default(''),
  state: z.enum(['active', 'disabled', 'locked']).optional(),
})

export const Username = z.string().trim().min(2).max(40)
export const PersonName = z.string().trim().min(1).max(40)
export const Reason = z.string().trim().min(1).max(200)

/** A first password is shown once, to the administrator who asked; only its hash is kept. */
export const FirstPassword = z.object({ account: Account, firstPassword: z.string() })
export type FirstPassword = z.infer<typeof FirstPassword>

export const Holding = z.object({
  id: z.number().int(),
  post: z.number().int(),
  postKind: z.string(),
  title: z.string(),
  unit: z.number().int(),
  unitName: z.string(),
  account: z.string(),
  name: z.string(),
  username: z.string(),
  acting: z.boolean(),
  validFrom: CivilDate,
  /** The first day on which it is no longer held. */
  validTo: CivilDate.nullable(),
  moves: z.array(MoveNow),
})
export type Holding = z.infer<typeof Holding>

export const TrailEvent = z.object({
  /** Pass it as `before` to read on. */
  at: z.string(),
  cursor: z.string(),
  actor: z.string().nullable(),
  actorName: z.string().nullable(),
  post: z.number().int().nullable(),
  postTitle: z.string().nullable(),
  unit: z.number().int().nullable(),
  unitName: z.string().nullable(),
  kind: z.string(),
  subject: z.string(),
  reason: z.string().nullable(),
  facts: z.record(z.string(), z.unknown()),
  /** Part of the hash chain already; the newest events are sealed within a minute. */
  sealed: z.boolean(),
})
export type TrailEvent = z.infer<typeof TrailEvent>

export const Seal = z.object({
  id: z.number().int(),
  events: z.number().int(),
  hash: z.string(),
  previous: z.string(),
  sealedAt: z.string(),
})
export type Seal = z.infer<typeof Seal>

export const accessContract = {
  ...securityContract,
  ...absenceContract,

  me: endpoint(
    'signedIn',
    { method: 'GET', path: '/access/me', summary: 'Who I am and which posts I hold today' },
    { during: ['code', 'enrol'] },
  ).output(Me),
  setLocale: endpoint('signedIn', { method: 'POST', path: '/access/locale', summary: 'Choose my language' })
    .input(z.object({ locale: Locale }))
    .output(z.object({ locale: Locale })),
  changePassword: endpoint(
    'signedIn',
    { method: 'POST', path: '/access/password', summary: 'Change my password; all my other sessions end' },
    { secret: true },
  )
    .input(z.object({ current: z.string().min(1).max(500), next: z.string().min(1).max(500) }))
    .output(z.object({ endedSessions: z.number().int() })),
  sessions: endpoint('signedIn', { method: 'GET', path: '/access/sessions', summary: 'Where I am signed in' }).output(z.array(MySession)),
  endSession: endpoint('signedIn', { method: 'POST', path: '/access/sessions/end', summary: 'End one of my sessions' })
    .input(z.object({ id: z.string() }))
    .output(z.object({ ended: z.number().int() })),
  endOtherSessions: endpoint('signedIn', {
    method: 'POST',
    path: '/access/sessions/end-others',
    summary: 'Sign out everywhere else',
  })
    .input(z.object({}))
    .output(z.object({ ended: z.number().int() })),

  accounts: endpoint('account.manage', { method: 'GET', path: '/access/accounts', summary: 'Accounts of my units' })
    .input(AccountSearch)
    .output(pageOf(Account)),
  createAccount: endpoint(
    'account.manage',
    { method: 'POST', path: '/access/accounts', summary: 'Create an account; answers its first password once' },
    { secret: true },
  )
    .input(z.object({ username: Username, name: PersonName, unit: z.number().int() }))
    .output(FirstPassword),
  disableAccount: endpoint('account.manage', {
    method: 'POST',
    path: '/access/accounts/disable',
    summary: 'Disable an account; its sessions end at once',
  })
    .input(z.object({ account: z.string(), reason: Reason }))
    .output(Account),
  enableAccount: endpoint('account.manage', { method: 'POST', path: '/access/accounts/enable', summary: 'Enable an account again' })
    .input(z.object({ account: z.string(), reason: Reason }))
    .output(Account),
  resetPassword: endpoint(
    'account.manage',
    { method: 'POST', path: '/access/accounts/reset-password', summary: 'Give a new first password, shown once; its sessions end' },
    { secret: true },
  )
    .input(z.object({ account: z.string(), reason: Reason }))
    .output(FirstPassword),

  people: endpoint('grant.manage', { method: 'GET', path: '/access/people', summary: 'Accounts to whom posts of my units can be granted' })
    .input(AccountSearch)
    .output(pageOf(Account)),
  unlock: endpoint('grant.manage', { method: 'POST', path: '/access/accounts/unlock', summary: 'Lift a lock-out before its time' })
    .input(z.object({ account: z.string(), reason: Reason }))
    .output(Account),
  holdings: endpoint('grant.manage', {
    method: 'GET',
    path: '/access/holdings',
    summary: 'Who held which post when, of one unit or of one account',
  })
    .input(z.object({ unit: z.number().int().optional(), account: z.string().optional() }))
    .output(z.array(Holding)),
  grant: endpoint('grant.manage', { method: 'POST', path: '/access/holdings/grant', summary: 'Grant a post to an account' })
    .input(
      z.object({
        post: z.number().int(),
        account: z.string(),
        acting: z.boolean().default(false),
        from: CivilDate.optional(),
        reason: Reason,
      }),
    )
    .output(Holding),
  endHolding: endpoint('grant.manage', { method: 'POST', path: '/access/holdings/end', summary: 'Take a post from its holder' })
    .input(z.object({ holding: z.number().int(), on: CivilDate.optional(), reason: Reason }))
    .output(Holding),

  events: endpoint('audit.read', { method: 'GET', path: '/access/events', summary: 'The trail of my units, newest first' })
    .input(
      z.object({
        unit: z.number().int().optional(),
        /** The beginning of a kind: `access`, `record.accepted`. */
        kind: z.string().max(60).optional(),
        subject: z.string().max(120).optional(),
        from: CivilDate.optional(),
        to: CivilDate.optional(),
        before: z
          .string()
          .regex(/^\d{1,19}-\d{1,15}$/)
          .optional(),
        limit: z.number().int().min(1).max(200).default(50),
      }),
    )
    .output(z.object({ rows: z.array(TrailEvent), next: z.string().nullable() })),
  seals: endpoint('audit.read', { method: 'GET', path: '/access/seals', summary: 'The seals of the trail, newest first' })
    .input(z.object({ ...paging }))
    .output(z.object({ rows: z.array(Seal), total: z.number().int(), waiting: z.number().int() })),
} satisfies RoomContract
