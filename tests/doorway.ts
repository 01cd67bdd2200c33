import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { makeSignIn, type SignInSettings } from '../capabilities/access/sign-in.server.ts'
import type { Database } from '../server/db.ts'
import { inFolder } from '../server/file-store.ts'
import { httpServer } from '../server/http.ts'
import { rawRoutes, router } from '../server/rooms.ts'

/** The platform's door over HTTP: signing in and every endpoint, on a database of a test, at a time that the test sets. */
export async function openDoor(database: Database, url: string, settings: Partial<SignInSettings> & { clock: () => Date }) {
  const secret = 'the secret of the tests, long enough to be one'
  const server = httpServer({
    database,
    router,
    raw: rawRoutes,
    signIn: (request, response) => signIn.signIn(request, response),
    actorOf: (request) => signIn.actorOf(request),
    outside: async (_request, response) => void response.end('page'),
    log: pino({ level: 'silent' }),
    clock: settings.clock,
    dataDir: '/tmp',
    files: inFolder('/tmp/sanji-door-files'),
    sealingKey: secret,
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const publicUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const signIn = makeSignIn({ url, secret, publicUrl, secureCookies: false, ...settings })
  return {
    url: publicUrl,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await signIn.close()
    },
  }
}

export type Answered = { status: number; body: any; location: string | null }

/** Somebody's browser as far as HTTP goes: it keeps cookies for each host and follows nothing by itself. */
export class Browser {
  readonly #cookies = new Map<string, Map<string, string>>()

  async ask(address: string, { method = 'GET', json, form }: { method?: string; json?: unknown; form?: Record<string, string> } = {}): Promise<Answered> {
    const { host } = new URL(address)
    const kept = this.#cookies.get(host) ?? new Map<string, string>()
    this.#cookies.set(host, kept)
    const body = json === undefined ? form && new URLSearchParams(form) : JSON.stringify(json)
    const answer = await fetch(address, {
      method,
      redirect: 'manual',
      headers: { cookie: [...kept].map(([name, value]) => `${name}=${value}`).join('; '), ...(json !== undefined && { 'content-type': 'application/json' }) },
      ...(body && { body }),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = line.split(';')[0]!.split(/=(.*)/s)
      if (value === '' || /max-age=0\b/i.test(line) || /expires=thu, 01 jan 1970/i.test(line)) kept.delete(name)
      else kept.set(name, value)
    }
    const text = await answer.text()
    return { status: answer.status, location: answer.headers.get('location'), body: /json/.test(answer.headers.get('content-type') ?? '') ? JSON.parse(text) : text }
  }

  /** As a person who has put the cookies of one session away and comes back later without them, but with this device's. */
  forget(name: RegExp): void {
    for (const kept of this.#cookies.values()) for (const one of kept.keys()) if (name.test(one)) kept.delete(one)
  }
}
