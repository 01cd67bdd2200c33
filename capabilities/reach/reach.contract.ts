import { z } from 'zod'
import { endpoint, pageOf, paging, type RoomContract } from '../endpoint.ts'

const Hour = z.number().int().min(0).max(23)
const Kinds = z.array(z.string().max(40)).max(60)
const Version = z.number().int().min(0)
const Email = z.email().max(200)

/** How I want to be reached outside the page. */
export const Choice = z.object({
  /** My confirmed address; null: nothing is mailed. */
  email: z.string().nullable(),
  /** An address that waits for its code. */
  unconfirmed: z.string().nullable(),
  mode: z.enum(['off', 'each', 'digest']),
  quietFrom: Hour,
  quietTo: Hour,
  digestHour: Hour,
  muted: Kinds,
  /** A calendar feed has been made; its address was shown once. */
  hasFeed: z.boolean(),
  /** False: the administrator has set no mail server. */
  mailIsSet: z.boolean(),
  version: Version,
})
export type Choice = z.infer<typeof Choice>

export const Sent = z.object({
  id: z.number().int(),
  kind: z.string(),
  unitName: z.string(),
  facts: z.record(z.string(), z.unknown()),
  at: z.string(),
  state: z.enum(['waiting', 'sending', 'sent', 'seen', 'unsure', 'failed']),
  sendAt: z.string(),
  attempts: z.number().int(),
  error: z.string().nullable(),
})
export type Sent = z.infer<typeof Sent>

export const Robot = z.object({
  id: z.number().int(),
  unit: z.number().int(),
  name: z.string(),
  shape: z.enum(['plain', 'wecom', 'dingtalk']),
  /** The end of the address only: the whole is as good as a password. */
  address: z.string(),
  signs: z.boolean(),
  muted: Kinds,
  active: z.boolean(),
  version: Version,
  waiting: z.number().int(),
  failed: z.number().int(),
  lastError: z.string().nullable(),
  lastSent: z.string().nullable(),
})
export type Robot = z.infer<typeof Robot>

const RobotInput = z.object({
  unit: z.number().int(),
  /** Missing: a new one. */
  id: z.number().int().optional(),
  version: Version.default(0),
  name: z.string().trim().min(1).max(60),
  shape: Robot.shape.shape,
  /** Missing or empty when an old one keeps its address or secret. */
  url: z.string().trim().max(1000).default(''),
  secret: z.string().max(200).default(''),
  muted: Kinds.default([]),
  active: z.boolean().default(true),
})

export const reachContract = {
  choice: endpoint('signedIn', { method: 'GET', path: '/reach/choice', summary: 'How I am reached outside the page' }).output(Choice),
  saveChoice: endpoint('signedIn', { method: 'POST', path: '/reach/choice', summary: 'Choose how I am reached: mail at once, as a digest, or not; quiet hours' })
    .input(Choice.pick({ mode: true, quietFrom: true, quietTo: true, digestHour: true, muted: true, version: true }))
    .output(Choice),
  askEmail: endpoint('signedIn', { method: 'POST', path: '/reach/email', summary: 'Give my mail address: a code is sent there' }, { secret: true })
    .input(z.object({ email: Email }))
    .output(Choice),
  confirmEmail: endpoint('signedIn', { method: 'POST', path: '/reach/email/confirm', summary: 'Confirm my mail address with the code' }, { secret: true })
    .input(z.object({ code: z.string().trim().regex(/^\d{6}$/) }))
    .output(z.object({ confirmed: z.boolean(), triesLeft: z.number().int(), choice: Choice })),
  removeEmail: endpoint('signedIn', { method: 'POST', path: '/reach/email/remove', summary: 'Forget my mail address' }).output(Choice),
  makeFeed: endpoint('signedIn', { method: 'POST', path: '/reach/feed', summary: 'Make the address of my calendar feed, shown once; an earlier one ends' }, { secret: true })
    .output(z.object({ url: z.string() })),
  endFeed: endpoint('signedIn', { method: 'POST', path: '/reach/feed/end', summary: 'End my calendar feed' }).output(Choice),
  sent: endpoint('signedIn', { method: 'GET', path: '/reach/sent', summary: 'What was mailed to me, newest first' })
    .input(z.object({ ...paging }))
    .output(pageOf(Sent)),
  robots: endpoint('unit.manage', { method: 'GET', path: '/reach/robots', summary: 'Group robots of a unit' })
    .input(z.object({ unit: z.number().int() }))
    .output(z.object({ rows: z.array(Robot), hosts: z.array(z.string()) })),
  saveRobot: endpoint('unit.manage', { method: 'POST', path: '/reach/robots', summary: 'Add or change a group robot of a unit' }, { secret: true })
    .input(RobotInput)
    .output(Robot),
  dropRobot: endpoint('unit.manage', { method: 'POST', path: '/reach/robots/drop', summary: 'Remove a group robot' })
    .input(z.object({ unit: z.number().int(), id: z.number().int(), version: Version }))
    .output(z.object({ dropped: z.boolean() })),
  tryRobot: endpoint('unit.manage', { method: 'POST', path: '/reach/robots/try', summary: 'Send a trial message to a group robot, now' })
    .input(z.object({ unit: z.number().int(), id: z.number().int() }))
    .output(z.object({ delivered: z.boolean(), error: z.string().nullable() })),
} satisfies RoomContract
