import { createORPCClient, ORPCError } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import type { JsonifiedClient } from '@orpc/openapi-client'
import { OpenAPILink } from '@orpc/openapi-client/fetch'
import contract from 'virtual:contract'
import type { Contracts } from '../../capabilities/contracts.ts'
import { heardServerTime } from './clock.ts'
import { ApiProblem, asProblem, problemIn } from './problem.ts'

/** Writes carry a key: the same key is done once, however often a weak line makes the form send it. */
export type ApiContext = {
  idempotencyKey?: string
  /** Who wrote what is sent, when it waited on the device: it is refused when somebody else is signed in by now. */
  account?: string
}

export type Api = JsonifiedClient<ContractRouterClient<Contracts, ApiContext>>

const link = new OpenAPILink<ApiContext>(contract, {
  url: () => `${location.origin}/api`,
  headers: ({ context }) => ({
    ...(context.idempotencyKey && { 'idempotency-key': context.idempotencyKey }),
    ...(context.account && { 'sanji-account': context.account }),
  }),
  fetch: async (request, init) => {
    const answer = await fetch(request, { ...init, credentials: 'same-origin' })
    heardServerTime(answer.headers.get('date'))
    return answer
  },
  customErrorResponseBodyDecoder: (body, response) => {
    const problem = problemIn(body, response.status, firstOf(response.headers['x-request-id']))
    return new ORPCError(problem.code, { status: response.status, data: problem })
  },
  interceptors: [
    async ({ next, signal }) => {
      try {
        return await next()
      } catch (error) {
        if (signal?.aborted) throw error
        throw error instanceof ORPCError && error.data instanceof ApiProblem ? error.data : asProblem(error)
      }
    },
  ],
})

/**
 * Every endpoint of every room, typed by the contracts: `await api.units.search({ text: '青河' })`.
 * Throws ApiProblem. In components use `q` (reads) and `useWrite` (writes) of `web/api/queries.ts`.
 */
export const api = createORPCClient<Api>(link)

/** Calls what is no endpoint (sign-in, raw routes such as uploads). Throws ApiProblem. `path` starts with /api. */
export async function callRaw(path: string, init: RequestInit = {}): Promise<Response> {
  const answer = await fetch(path, { credentials: 'same-origin', ...init }).catch((error: unknown) => {
    if (init.signal?.aborted) throw error
    throw new ApiProblem('offline')
  })
  if (answer.ok) return answer
  const body: unknown = await answer.json().catch(() => undefined)
  throw problemIn(body, answer.status, answer.headers.get('x-request-id') ?? undefined)
}

/** Sends JSON to a route that is no endpoint and reads its JSON answer. */
export async function postJson<Answer>(path: string, body: unknown): Promise<Answer> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  return (await (await callRaw(path, init)).json()) as Answer
}

function firstOf(header: string | readonly string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : header?.[0]
}
