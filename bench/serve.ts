import type { AnyRouter } from '@orpc/server'
import { fork } from 'node:child_process'
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { createAccount } from '../capabilities/access/accounts.server.ts'
import { makeSignIn } from '../capabilities/access/sign-in.server.ts'
import { verbs } from '../capabilities/access/verbs.ts'
import { endpoint } from '../capabilities/endpoint.ts'
import { answer } from '../server/answer.ts'
import { readConfig } from '../server/config.ts'
import { connect, one, run, sql, type Database } from '../server/db.ts'
import { fileStoreOf } from '../server/file-store.ts'
import { httpServer } from '../server/http.ts'
import { makeLog } from '../server/log.ts'
import { router } from '../server/rooms.ts'

const secret = 'only for measuring, in a database that is thrown away'
const password = 'Sanji-bench-2018'
/** Does nothing for whoever is signed in: what a request costs by itself. */
const emptyContract = { nothing: endpoint('signedIn', { method: 'GET', path: '/bench/nothing', summary: 'Nothing' }).output(z.object({})) }

/** The platform's HTTP server in a process of its own, as it runs in production, with one empty endpoint beside the rooms'. */
if (process.argv[2] === 'serve') {
  const url = process.env.DATABASE_URL!
  const database = connect(url, { size: 20 })
  const signIn = makeSignIn({ url, secret, publicUrl: 'http://localhost', secureCookies: false })
  const server = httpServer({
    database,
    router: { ...(router as Record<string, AnyRouter>), bench: answer(emptyContract, { nothing: async () => ({}) }) },
    raw: [],
    signIn: signIn.signIn,
    actorOf: signIn.actorOf,
    outside: async (_request, response) => void response.writeHead(404).end(),
    log: makeLog('warn'),
    clock: () => new Date(),
    dataDir: '/nowhere',
    files: await fileStoreOf(readConfig({ DATA_DIR: '/nowhere' })),
    databaseAnswers: async () => true,
  })
  // Ends with the bench, also with one that failed.
  process.on('disconnect', () => process.exit(1))
  server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port))
}

export type Client = {
  /** Where the API answers, and what a request must carry. */
  url: string
  headers: { cookie: string }
  get: (path: string, query?: Record<string, string | number>) => Promise<any>
  close: () => Promise<void>
}

/** Starts the server on the database and signs in as somebody who holds a post with every verb on `unit`. */
export async function serve(database: Database, url: string, unit: number): Promise<Client> {
  const username = `bench${Date.now().toString(36)}`
  await database.transaction(async (tx) => {
    await run(tx, sql`insert into post_kind (code, name_zh, name_en, verbs) values ('bench', 'bench', 'bench', ${Object.keys(verbs)}::text[]) on conflict do nothing`)
    const { post } = await one<{ post: number }>(tx, sql`insert into post (unit_id, kind, title, valid_from) values (${unit}, 'bench', 'bench', '2018-01-01') returning id as post`)
    const account = await createAccount(tx, { username, name: username, password, unit, mustChangePassword: false })
    await run(tx, sql`insert into holding (post_id, account, valid_from) values (${post}, ${account}, '2018-01-01')`)
  })
  const child = fork(fileURLToPath(import.meta.url), ['serve'], { env: { ...process.env, DATABASE_URL: url } })
  const port = await new Promise<number>((resolve, reject) => {
    child.once('message', (told) => resolve(told as number))
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)))
  })
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const ask = (method: string, path: string, headers: Record<string, string>, body?: string) =>
    new Promise<{ response: IncomingMessage; text: string }>((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port, agent, method, path: `/api${path}`, headers }, (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => (text += chunk))
        response.on('end', () => resolve({ response, text }))
      })
      request.on('error', reject)
      request.end(body)
    })
  const json = { 'content-type': 'application/json' }
  const signedIn = await ask('POST', '/auth/sign-in/username', json, JSON.stringify({ username, password }))
  const cookie = (signedIn.response.headers['set-cookie'] ?? []).map((one) => one.split(';')[0]).join('; ')
  const answered = ({ response, text }: { response: IncomingMessage; text: string }) => {
    if (response.statusCode !== 200) throw new Error(`${response.statusCode} ${text}`)
    return JSON.parse(text)
  }
  return {
    url: `http://127.0.0.1:${port}/api`,
    headers: { cookie },
    get: async (path, query = {}) => answered(await ask('GET', `${path}?${new URLSearchParams(Object.entries(query).map(([key, value]): [string, string] => [key, String(value)]))}`, { cookie })),
    close: async () => {
      agent.destroy()
      const ended = new Promise((done) => child.once('exit', done))
      child.kill()
      await ended
    },
  }
}
