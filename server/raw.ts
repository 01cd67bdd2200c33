import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Actor } from '../capabilities/access/permission.ts'
import type { Verb } from '../capabilities/access/verbs.ts'
import type { Needs } from '../capabilities/endpoint.ts'
import type { Config } from './config.ts'
import type { Database } from './db.ts'
import type { FileStore } from './file-store.ts'

/**
 * An endpoint that streams: workbooks, uploads, live notices. Everything else is a contract's.
 * It names its verb like any other, and appears in the same permission tests.
 */
export type RawRoute = {
  method: 'GET' | 'POST' | 'HEAD' | 'PATCH' | 'DELETE'
  /** Below /api; a part in braces is a parameter: '/indicators/{code}/workbook'. */
  path: `/${string}`
  /** A verb, or several of which one is enough; on which unit, the route decides. */
  needs: Needs | readonly Verb[]
  summary: string
  handle: (call: RawCall) => Promise<void>
}

export type RawCall = {
  request: IncomingMessage
  response: ServerResponse
  params: Record<string, string>
  query: URLSearchParams
  actor: Actor
  database: Database
  now: Date
  dataDir: string
  settings: Config
  /** Where attachments are kept. */
  files: FileStore
}
