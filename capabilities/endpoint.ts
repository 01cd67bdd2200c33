import { oc, type AnyContractProcedure } from '@orpc/contract'
import { z } from 'zod'
import type { Verb } from './access/verbs.ts'

/** What an endpoint needs: a verb held on some unit (the handler checks which), a signed-in person, or nothing. */
export type Needs = Verb | 'signedIn' | 'public'
export type EndpointMeta = {
  needs: Needs
  /** The request or its answer carries a password: nothing of it is kept, so the same key is simply answered again. */
  secret?: boolean
  /** Answered already while signing in is not finished: `code` a second factor is awaited, `enrol` one must be set up. */
  during?: readonly ('code' | 'enrol')[]
}

type Route = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below /api; `{id}` is filled from the input's `id`. */
  path: `/${string}`
  summary: string
}

/**
 * Where every endpoint of a room's contract starts:
 * `submit: endpoint('record.fill', { method: 'POST', path: '/returns/submit', summary: '…' }).input(…).output(…)`.
 * GET reads; every other method runs in one transaction, takes an Idempotency-Key and leaves an event.
 */
export function endpoint(needs: Needs, route: Route, { secret = false, during = [] }: Omit<EndpointMeta, 'needs'> = {}) {
  return oc.$meta<EndpointMeta>({ needs, secret, during }).route(route)
}

/** A room's contract: a flat table, name → endpoint. */
export type RoomContract = Record<string, AnyContractProcedure>

/** A page of a longer list. Spread into an input: `z.object({ ...paging, unit: z.number() })`. */
export const paging = {
  limit: z.number().int().min(1).max(500).default(50),
  offset: z.number().int().min(0).default(0),
}

/** @returns the schema of one page of rows with the number of rows in all */
export function pageOf<Row extends z.ZodType>(row: Row) {
  return z.object({ rows: z.array(row), total: z.number().int() })
}

/** A move as an answer carries it: possible now, or why not (the states it starts from, or a problem's code). */
export const MoveNow = z.object({
  move: z.string(),
  possible: z.boolean(),
  from: z.array(z.string()),
  why: z.string().optional(),
})
export type MoveNow = z.infer<typeof MoveNow>

export const CivilDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/)
/** A period as text: 2018-06, 2018-Q2, 2018-H1, 2018. */
export const PeriodText = z.string().regex(/^\d{4}(-(0[1-9]|1[0-2])|-Q[1-4]|-H[12])?$/)
/** An exact decimal as text; floats would drift. */
export const Decimal = z.string().regex(/^-?\d+(\.\d+)?$/)
