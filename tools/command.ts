import cliProgress from 'cli-progress'
import type { Command } from 'commander'
import { existsSync, readFileSync } from 'node:fs'
import { Problem } from '../rules/problem.ts'
import { problemFor } from '../server/answer.ts'
import { readConfig, type Config } from '../server/config.ts'
import type { Database } from '../server/db.ts'
import { openBeside, openDatabase } from '../server/main.ts'

/** What a file in tools/commands exports: it adds its command to the program. */
export type AddCommand = (program: Command) => void

/** Every command takes `--json`: the answer is then one JSON object on standard output. */
export type Common = { json?: boolean }

/** Prints a command's answer: as JSON when asked for, otherwise as the sentence. */
export function tell({ json }: Common, answer: object, sentence: string): void {
  console.log(json ? JSON.stringify(answer) : sentence)
}

/** Reads the settings of the environment. Throws Problem `settings-invalid` that names each wrong one. */
export function settings(): Config {
  try {
    return readConfig()
  } catch (error) {
    throw new Problem('settings-invalid', { facts: { message: (error as Error).message } })
  }
}

/** Runs `work` on the platform's database and closes it whatever happens. */
export async function withDatabase<Result>(work: (database: Database) => Promise<Result>): Promise<Result> {
  const opened = await openDatabase(settings())
  try {
    return await work(opened.database)
  } finally {
    await opened.close()
  }
}

/** Runs `work` on the platform's database, also while the platform is running on it. */
export async function withDatabaseBeside<Result>(work: (database: Database) => Promise<Result>): Promise<Result> {
  const opened = await openBeside(settings())
  try {
    return await work(opened.database)
  } finally {
    await opened.close()
  }
}

export type Progress = { update: (done: number) => void; stop: () => void }

/** A bar on standard error for long work; nothing is drawn with `--json` or where nobody looks on. */
export function showProgress({ json }: Common, label: string, total: number): Progress {
  if (json || !process.stderr.isTTY) return { update: () => undefined, stop: () => undefined }
  const bar = new cliProgress.SingleBar({ format: `${label} {bar} {value}/{total}`, stream: process.stderr, hideCursor: true }, cliProgress.Presets.shades_classic)
  bar.start(total, 0)
  return { update: (done) => bar.update(done), stop: () => bar.stop() }
}

const sentencesFile = new URL('../web/locales/zh-CN/problem.json', import.meta.url)

/** @returns the sentence of a problem in Chinese; its code and facts when it has none yet */
export function sentenceOf({ code, facts }: Problem): string {
  const sentences = existsSync(sentencesFile) ? (JSON.parse(readFileSync(sentencesFile, 'utf8')) as Record<string, unknown>) : {}
  const sentence = sentences[code]
  if (typeof sentence !== 'string') return `${code} ${JSON.stringify(facts)}`
  return sentence.replace(/\{\{\s*(\w+)\s*\}\}/g, (_all, name: string) => String(facts[name] ?? ''))
}

/** Tells what went wrong. @returns the exit code: 1 for a problem that the reader can solve, 2 for a bug */
export function tellFailure({ json }: Common, error: unknown): 1 | 2 {
  const problem = problemFor(error)
  if (problem.code === 'bug') {
    console.error(json ? JSON.stringify({ code: 'bug', message: String(error) }) : error)
    return 2
  }
  const { code, field, facts, findings } = problem
  if (json) console.error(JSON.stringify({ code, field, facts, findings }))
  else for (const line of [sentenceOf(problem), ...findings.map((each) => `  ${each.path}: ${sentenceOf(new Problem(each.code as never, { facts: each.facts ?? {} }))}`)]) console.error(line)
  return 1
}
