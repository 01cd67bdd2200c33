import type { Finding, ProblemCode } from '../../rules/problem.ts'

/**
 * `offline`: no answer came, the line is down or the server is away. `no-room-here`: this browser keeps nothing more.
 */
export type ApiProblemCode = ProblemCode | 'offline' | 'no-room-here'

/** What a page meets when something does not work. Its sentence: `problemText` in `web/i18n.ts`. */
export class ApiProblem extends Error {
  readonly code: ApiProblemCode
  readonly status: number
  readonly field: string | undefined
  readonly facts: Record<string, unknown>
  readonly findings: Finding[]
  readonly requestId: string | undefined

  constructor(
    code: ApiProblemCode,
    rest: { status?: number; field?: string; facts?: Record<string, unknown>; findings?: Finding[]; requestId?: string } = {},
  ) {
    super(code)
    this.name = 'ApiProblem'
    this.code = code
    this.status = rest.status ?? 0
    this.field = rest.field
    this.facts = rest.facts ?? {}
    this.findings = rest.findings ?? []
    this.requestId = rest.requestId
  }
}

/** @returns the problem in the body of an answer that is not a success, whatever a proxy in between made of it */
export function problemIn(body: unknown, status: number, requestId?: string): ApiProblem {
  if (typeof body === 'object' && body !== null && 'code' in body && typeof body.code === 'string') {
    const { code, ...rest } = body as { code: ApiProblemCode; requestId?: string }
    return new ApiProblem(code, { requestId, ...rest, status })
  }
  const code = status === 404 ? 'not-found' : status === 413 ? 'too-large' : [502, 503, 504].includes(status) ? 'busy' : 'bug'
  return new ApiProblem(code, { status, requestId })
}

/** @returns any error as a problem: a request that got no answer is `offline`, what nobody foresaw is a `bug` */
export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error
  // Browsers tell a lost line as a TypeError of fetch; a bug in a page may be a TypeError as well.
  if (error instanceof TypeError && /fetch|network|load failed/i.test(error.message)) return new ApiProblem('offline')
  return new ApiProblem('bug', { facts: { message: error instanceof Error ? error.message : String(error) } })
}

export function isApiProblem(error: unknown, code?: ApiProblemCode): error is ApiProblem {
  return error instanceof ApiProblem && (code === undefined || error.code === code)
}
