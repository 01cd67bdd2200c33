import type { Client } from '@orpc/client'
import { createTanstackQueryUtils } from '@orpc/tanstack-query'
import { MutationCache, QueryCache, QueryClient, useMutation, type Query, type QueryFunctionContext, type QueryKey, type UseMutationResult } from '@tanstack/react-query'
import { useRef } from 'react'
import { isKept, nameOfRead } from '../offline/kept-reads.ts'
import { api, postJson, type ApiContext } from './client.ts'
import { asProblem, isApiProblem, type ApiProblem } from './problem.ts'

declare module '@tanstack/react-query' {
  interface Register {
    defaultError: ApiProblem
  }
}

/**
 * Reads for components: `useQuery(q.units.search.queryOptions({ input: { text } }))`.
 * `q.units.key()` names everything of a room, to make it fresh after a write.
 */
export const q = createTanstackQueryUtils(api)

/** Problems that asking once more may cure. */
const passing = new Set(['offline', 'busy', 'database-away'])
/** Who is asked again after one of these: the session has ended, or signing in is not finished. */
const aboutMe = new Set(['not-signed-in', 'password-must-change', 'second-factor-needed', 'second-factor-must-enrol'])

const tellShell = (error: unknown) => {
  const problem = asProblem(error)
  if (aboutMe.has(problem.code)) void queryClient.invalidateQueries({ queryKey: q.access.me.key() })
}

export const queryClient: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      const isMe = JSON.stringify(query.queryKey) === JSON.stringify(q.access.me.queryKey())
      if (!isMe) tellShell(error)
    },
  }),
  mutationCache: new MutationCache({ onError: tellShell }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      gcTime: 10 * 60_000,
      retry: (failures, error) => passing.has(asProblem(error).code) && failures < 2,
      retryDelay: (attempt) => Math.min(1_000 * 2 ** attempt, 8_000),
      refetchOnWindowFocus: false,
      networkMode: 'always',
      persister: orFromDevice,
    },
    // A write is never sent again by itself: the person decides, and the key sees to it that it is done once.
    mutations: { retry: false, networkMode: 'always' },
  },
})

/** A line that is up and moves nothing: after so long what the device has is shown. */
const patienceMs = 6_000
/** Signing out was asked for while there was no line; it is done before anything else. */
export const signOutDue = 'sanji.signOutDue'
const device = () => import('../offline/reads.ts')

/** Asks the server; when nothing comes from there, the last answer that is kept on the device (of a few reads) will do. */
async function orFromDevice<Data>(ask: (context: QueryFunctionContext<any>) => Data | Promise<Data>, context: QueryFunctionContext<any>, query: Query<any, any, any, any>): Promise<Data> {
  const key = query.queryKey as QueryKey
  if (!isKept(key)) return ask(context)
  // A browser that keeps nothing has nothing to show.
  const fromDevice = () => device().then((file) => file.keptRead(key)).catch(() => undefined) as Promise<{ data: Data } | undefined>
  let shown = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const asked = (async () => {
    if (nameOfRead(key) === 'access.me') await signOutIfDue()
    return ask(context)
  })().then(
    (data) => {
      void device().then((file) => file.keepRead(key, data)).catch(() => undefined)
      if (shown) queryClient.setQueryData(key, data)
      return data
    },
    async (error: unknown) => {
      const kept = passing.has(asProblem(error).code) ? await fromDevice() : undefined
      if (!kept) throw error
      return kept.data
    },
  )
  const patience = new Promise<Data>((done) => {
    timer = setTimeout(() => void fromDevice().then((kept) => {
      if (!kept) return
      shown = true
      done(kept.data)
    }), patienceMs)
  })
  // Once there is an answer nothing is taken from the device, and nobody is told that the line is broken.
  return Promise.race([asked, patience]).finally(() => clearTimeout(timer))
}

async function signOutIfDue(): Promise<void> {
  let due: string | null = null
  try {
    due = localStorage.getItem(signOutDue)
  } catch {
    // a browser that keeps nothing owes nothing
  }
  if (due === null) return
  await postJson('/api/auth/sign-out', {})
  localStorage.removeItem(signOutDue)
}

/**
 * A write of a form or button: `const save = useWrite(api.returns.save, { refresh: [q.returns.key()] })`, then
 * `save.mutate(input)`, `save.isPending`, `save.error` (ApiProblem). The idempotency key stays the same until the write
 * has succeeded, so sending again after a lost answer does nothing twice.
 */
export function useWrite<Input, Output, Problem>(
  endpoint: Client<ApiContext, Input, Output, Problem>,
  options: {
    /** What the write makes old; those reads are asked again. */
    refresh?: QueryKey[]
    onSuccess?: (output: Output, input: Input) => unknown
    onError?: (problem: ApiProblem, input: Input) => unknown
  } = {},
): UseMutationResult<Output, ApiProblem, Input> {
  const key = useRef<string | undefined>(undefined)
  return useMutation<Output, ApiProblem, Input>({
    mutationFn: async (input) => {
      key.current ??= newKey()
      const send = endpoint as (input: unknown, options: { context: ApiContext }) => Promise<Output>
      return send(input, { context: { idempotencyKey: key.current } })
    },
    onSuccess: async (output, input) => {
      key.current = undefined
      await Promise.all((options.refresh ?? []).map((queryKey) => queryClient.invalidateQueries({ queryKey })))
      await options.onSuccess?.(output, input)
    },
    onError: (error, input) => {
      // The earlier sending did arrive, with other words: the next one is a new act.
      if (isApiProblem(error, 'idempotency-mismatch')) key.current = undefined
      return options.onError?.(error, input)
    },
  })
}

/** @returns a new idempotency key; pages opened over plain http in an office network have no crypto.randomUUID */
export function newKey(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
}
