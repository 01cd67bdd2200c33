import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const wrk = process.env.WRK ?? '/usr/bin/wrk'

/** One request as the load sends it again and again; with `bodies` each is sent once, with an idempotency key of its own. */
export type Requests = { url: string; headers: Record<string, string>; bodies?: readonly unknown[] }

/**
 * Keeps `connections` busy with wrk for `seconds`, or until the bodies are used up. What sends costs next to nothing, so
 * that both cores are the platform's.
 * @returns answers per second, and how many there were. Throws when one of them is not 2xx.
 */
export async function wrkPerSecond({ url, headers, bodies }: Requests, connections: number, seconds: number): Promise<{ rate: number; done: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'sanji-wrk-'))
  try {
    const script = join(folder, 'load.lua')
    await writeFile(script, lua(headers, connections, bodies))
    const out = await run(wrk, ['-t', '1', '-c', String(connections), '-d', `${seconds}s`, '-s', script, url])
    const told = /^sanji (\d+) (\d+) (\d+) (\d+)$/m.exec(out)
    if (!told) throw new Error(`wrk said: ${out}`)
    const [done, microseconds, refused, broken] = told.slice(1).map(Number) as [number, number, number, number]
    if (refused + broken > 0) throw new Error(`${refused} requests were refused and ${broken} broke off`)
    return { rate: done / (microseconds / 1e6), done }
  } finally {
    await rm(folder, { recursive: true })
  }
}

const quoted = (text: string) => JSON.stringify(text)

function lua(headers: Record<string, string>, connections: number, bodies: readonly unknown[] | undefined): string {
  const fixed = Object.entries(headers).map(([name, value]) => `[${quoted(name)}] = ${quoted(value)}`)
  const done = `done = function(summary)
  local e = summary.errors
  print(string.format("\\nsanji %d %d %d %d", summary.requests, summary.duration, e.status, e.connect + e.read + e.write + e.timeout))
end`
  if (!bodies) return `wrk.headers = { ${fixed.join(', ')} }\n${done}\n`
  return `local bodies = {\n${bodies.map((body) => quoted(JSON.stringify(body))).join(',\n')}\n}
local headers = { ${[...fixed, '["content-type"] = "application/json"'].join(', ')} }
local at, answered = 0, 0
request = function()
  at = math.min(at + 1, #bodies)
  headers["idempotency-key"] = "${Math.random().toString(36).slice(2)}-" .. at
  return wrk.format("POST", nil, headers, bodies[at])
end
response = function()
  answered = answered + 1
  if answered + ${2 * connections} > #bodies then wrk.thread:stop() end
end
${done}
`
}

function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (out += text))
    child.once('error', reject)
    child.once('exit', (code) => (code === 0 ? resolve(out) : reject(new Error(`${command} ended with ${code}: ${out}`))))
  })
}
