import { z } from 'zod'
import { CivilDate, endpoint, pageOf, paging, type RoomContract } from '../endpoint.ts'

export const Absence = z.object({
  id: z.number().int(),
  holding: z.number().int(),
  post: z.number().int(),
  title: z.string(),
  unit: z.number().int(),
  unitName: z.string(),
  /** Who is away. */
  holder: z.string(),
  deputy: z.string().nullable(),
  from: CivilDate,
  /** The last day away. */
  to: CivilDate,
  state: z.enum(['planned', 'running', 'over']),
  endedEarly: z.boolean(),
})
export type Absence = z.infer<typeof Absence>

export const Deputy = z.object({
  account: z.string(),
  name: z.string(),
  username: z.string(),
  posts: z.array(z.string()),
  /** Holds the other post of the A/B pair: offered first. */
  other: z.boolean(),
})
export type Deputy = z.infer<typeof Deputy>

/** A post whose holder is away and for which nobody is there. */
export const Uncovered = z.object({
  post: z.number().int(),
  title: z.string(),
  unit: z.number().int(),
  unitName: z.string(),
  holder: z.string(),
  deputy: z.string().nullable(),
  /** none named, away as well, or no longer there. */
  why: z.enum(['none', 'away', 'gone']),
  from: CivilDate,
  to: CivilDate,
})
export type Uncovered = z.infer<typeof Uncovered>

/** Being away, and who stands in meanwhile (AB 岗, B44 and E49). Why somebody is away is not asked. */
export const absenceContract = {
  absences: endpoint('signedIn', {
    method: 'GET',
    path: '/access/absences',
    summary: 'My posts that somebody can stand in for, my absences, and where I stand in',
  }).output(
    z.object({
      posts: z.array(z.object({ holding: z.number().int(), title: z.string(), unitName: z.string(), until: CivilDate.nullable() })),
      mine: z.array(Absence),
      standingIn: z.array(Absence),
    }),
  ),
  deputies: endpoint('signedIn', { method: 'GET', path: '/access/deputies', summary: 'Who can stand in for one of my posts; the other of the A/B pair first' })
    .input(z.object({ holding: z.number().int() }))
    .output(z.array(Deputy)),
  setAbsence: endpoint('signedIn', {
    method: 'POST',
    path: '/access/absences/set',
    summary: 'I am away from a day to a day; a deputy holds my post as acting meanwhile',
  })
    .input(z.object({ holding: z.number().int(), from: CivilDate, to: CivilDate, deputy: z.string().nullable() }))
    .output(Absence),
  endAbsence: endpoint('signedIn', { method: 'POST', path: '/access/absences/end', summary: 'I am back earlier, or do not go; the deputy’s rights end at once' })
    .input(z.object({ absence: z.number().int() }))
    .output(Absence),
  uncovered: endpoint('task.check', {
    method: 'GET',
    path: '/access/absences/uncovered',
    summary: 'Alarm: posts below my units whose holder is away today and for which nobody is there',
  })
    .input(z.object({ ...paging }))
    .output(pageOf(Uncovered)),
} satisfies RoomContract
