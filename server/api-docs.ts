import type { AnyContractRouter, OpenAPI } from '@orpc/contract'
import { OpenAPIGenerator } from '@orpc/openapi'
import { ZodToJsonSchemaConverter } from '@orpc/zod/zod4'
import { createReadStream } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { RawRoute } from './raw.ts'

const methods = ['get', 'post', 'put', 'patch', 'delete', 'head'] as const
type Method = (typeof methods)[number]

const ProblemSchema: OpenAPI.SchemaObject = {
  type: 'object',
  description: 'RFC 9457. `code` is stable; its sentence is in web/locales.',
  required: ['type', 'code', 'status', 'facts', 'findings', 'requestId'],
  properties: {
    type: { type: 'string' },
    code: { type: 'string' },
    status: { type: 'integer' },
    field: { type: 'string' },
    facts: { type: 'object', additionalProperties: true },
    findings: { type: 'array', items: { type: 'object', additionalProperties: true } },
    requestId: { type: 'string', format: 'uuid' },
  },
}
const refused: OpenAPI.ResponseObject = {
  description: 'Refused: problem details',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
}
const credentials: OpenAPI.SchemaObject = {
  type: 'object',
  required: ['username', 'password'],
  properties: { username: { type: 'string' }, password: { type: 'string', format: 'password' } },
}

const secondStep: OpenAPI.SchemaObject = {
  type: 'object',
  required: ['code'],
  properties: { code: { type: 'string' }, trust: { type: 'boolean', description: 'Do not ask again on this device, if a setting allows it' } },
}

/** Describes every endpoint of the platform in OpenAPI 3.1: the rooms' contracts, the raw routes, signing in and out. */
export async function describeApi(
  contracts: AnyContractRouter,
  raw: readonly RawRoute[],
  { version, publicUrl }: { version: string; publicUrl: string },
): Promise<OpenAPI.Document> {
  const generator = new OpenAPIGenerator({ schemaConverters: [new ZodToJsonSchemaConverter()] })
  const document = await generator.generate(contracts, {
    info: { title: '三基 Sanji', version, description: 'The work platform for grassroots organisations. Paths stay as they are within a version.' },
    servers: [{ url: new URL('/api', publicUrl).toString() }],
    components: {
      schemas: { Problem: ProblemSchema },
      securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: 'sanji.session_token' } },
    },
    security: [{ session: [] }],
  })
  const paths = (document.paths ??= {}) as Record<string, Partial<Record<Method, OpenAPI.OperationObject>>>
  paths['/auth/sign-in/username'] = {
    post: {
      operationId: 'auth.signIn',
      summary: 'Sign in; the answer sets the session cookie',
      tags: ['auth'],
      security: [],
      requestBody: { required: true, content: { 'application/json': { schema: credentials } } },
      responses: { 200: { description: 'Signed in' } },
    },
  }
  paths['/auth/second-factor'] = {
    post: {
      operationId: 'auth.secondFactor',
      summary: 'Finish signing in with a code of the authenticator or a backup code',
      tags: ['auth'],
      requestBody: { required: true, content: { 'application/json': { schema: secondStep } } },
      responses: { 200: { description: 'Signed in' } },
    },
  }
  paths['/auth/ways'] = {
    get: { operationId: 'auth.ways', summary: 'Which ways in there are besides the password', tags: ['auth'], security: [], responses: { 200: { description: 'The name of the identity provider, or none' } } },
  }
  paths['/auth/sign-on'] = {
    get: { operationId: 'auth.signOn', summary: 'Go to the identity provider (OpenID Connect) to sign in', tags: ['auth'], security: [], responses: { 302: { description: 'To the provider, or back with the reason' } } },
  }
  paths['/auth/sign-out'] = {
    post: { operationId: 'auth.signOut', summary: 'Sign out', tags: ['auth'], responses: { 200: { description: 'Signed out' } } },
  }
  for (const route of raw) {
    const parameters = [...route.path.matchAll(/\{(.+?)\}/g)].map(([, name]): OpenAPI.ParameterObject => {
      return { name: name!, in: 'path', required: true, schema: { type: 'string' } }
    })
    const operation: OpenAPI.OperationObject = {
      summary: route.summary,
      tags: [roomOf(route.path)],
      ...(parameters.length > 0 && { parameters }),
      ...(route.needs === 'public' && { security: [] }),
      responses: { 200: { description: 'A stream' } },
    }
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation }
  }
  for (const [path, item] of Object.entries(paths)) {
    for (const method of methods) {
      const operation = item[method]
      if (!operation) continue
      operation.tags ??= [roomOf(path)]
      operation.responses = { ...operation.responses, default: refused }
    }
  }
  return document
}

function roomOf(path: string): string {
  return path.split('/')[1] ?? ''
}

/** The description at /api/openapi.json, and the program that makes it readable, from the package installed here. */
export function docsRoutes(describe: () => Promise<OpenAPI.Document>): RawRoute[] {
  // Contracts do not change while the program runs.
  let described: Promise<string> | undefined
  const program = join(dirname(createRequire(import.meta.url).resolve('@scalar/api-reference')), 'browser', 'standalone.js')
  return [
    {
      method: 'GET',
      path: '/openapi.json',
      needs: 'public',
      summary: 'This description, OpenAPI 3.1',
      handle: async ({ response }) => {
        described ??= describe().then((document) => JSON.stringify(document))
        response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-cache' })
        response.end(await described)
      },
    },
    {
      method: 'GET',
      path: '/reference.js',
      needs: 'public',
      summary: 'The program behind the readable description at /api',
      handle: async ({ response }) => {
        response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'max-age=86400' })
        await pipeline(createReadStream(program), response)
      },
    },
  ]
}

/** The readable description at /api. Nothing on it comes from another site. */
export function sendDocsPage(response: ServerResponse): void {
  const settings = {
    url: '/api/openapi.json',
    withDefaultFonts: false,
    telemetry: false,
    showDeveloperTools: 'never',
    hideClientButton: true,
    agent: { disabled: true },
    mcp: { disabled: true },
  }
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': `default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:`,
  })
  response.end(`<!doctype html>
<html lang="zh-CN">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>三基 Sanji · API</title></head>
<body><div id="reference"></div>
<script src="/api/reference.js"></script>
<script>Scalar.createApiReference('#reference', ${JSON.stringify(settings)})</script>
</body></html>`)
}
