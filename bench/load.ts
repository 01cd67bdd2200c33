import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { saveDefinition } from '../capabilities/indicators/indicators.sql.ts'
import { IndicatorDefinition } from '../capabilities/indicators/indicator-definition.ts'
import { registerForm } from '../capabilities/ledgers/forms.server.ts'
import type { DataItemDefinition, FormDefinition } from '../capabilities/ledgers/form-definition.ts'
import { keepMeasures } from '../capabilities/ledgers/ledgers.reads.ts'
import { rebuildKept } from '../capabilities/ledgers/recount.sql.ts'
import { importUnits, unitsOfChina } from '../capabilities/units/units-import.server.ts'
import { connect, many, one, run, sql, type Database } from '../server/db.ts'
import { startEmbedded } from '../server/embedded.ts'
import { migrate } from '../server/migrate.ts'
import { applyPack } from '../tools/pack/apply-pack.ts'

/** A real PostgreSQL with real unit codes and twelve months of generated returns: 50 data items of every village. */
export type Load = { database: Database; url: string; form: string; period: number; villages: number; months: number; close: () => Promise<void> }

export const form = 'bench-month'
export const items = 50
export const indicator = 'bench-share'
/** The month whose returns wait to be accepted; the eleven before are accepted. */
export const waiting = 201812
const months = Array.from({ length: 12 }, (_, n) => 201801 + n)

const codes = Array.from({ length: items }, (_, n) => `item${n + 1}`)
const both = (text: string) => ({ zh: text, en: text })
const dataItems = codes.map((code): DataItemDefinition => ({ code, name: both(code), type: 'number', unit: '户', definition: both(code), cycle: 'month', precision: 0, hedged: false, sensitivity: 'open' }))
const definition: FormDefinition = {
  code: form,
  name: both('bench'),
  audience: ['village', 'community'],
  cycle: 'month',
  minutes: 5,
  expires: '2030-12-31',
  approval: { by: 'bench', on: '2018-01-01' },
  sections: [{ name: both('all'), fields: codes.map((code) => ({ code, asks: code, required: true })) }],
  checks: [],
}

// Whole numbers below 200, other ones in each row. (Without `of` PostgreSQL would draw them once for all rows.)
const drawn = (of: string) => codes.map((_, n) => `((hashint4(${of} + ${n} * 7919) & 2147483647) % 200)`)
export const valuesIn = (of: string) => sql.raw(`jsonb_build_object(${codes.slice(0, 50).map((code, n) => `'${code}', ${drawn(of)[n]}::text`).join(', ')})`)
const figuresIn = (of: string) => sql.raw(`array[${drawn(of).join(', ')}]::numeric[]`)

/**
 * Loads one province (its code) or the nation ('all'). The villages of `full` get records; elsewhere only what is kept
 * for townships and counties is generated, which is all that upper levels read.
 */
export async function openLoad(place = '14', { full = place }: { full?: string } = {}): Promise<Load> {
  const kept = process.env.SANJI_BENCH_KEEP
  const folder = kept ? join(kept, `${place}-${full}`) : await mkdtemp(join(tmpdir(), 'sanji-bench-'))
  const embedded = await startEmbedded(folder)
  const database = connect(embedded.url, { size: 24 })
  await migrate(database.pool)
  const { ready } = await one<{ ready: boolean }>(database.db, sql`select exists (select from form_period where form = ${form} and period = ${waiting}) as ready`)
  if (!ready) await fill(database, place, full)
  const { villages } = await one<{ villages: number }>(database.db, sql`select count(*)::int as villages from expected_return where form = ${form} and period = ${waiting}`)
  return {
    database,
    url: embedded.url,
    form,
    period: waiting,
    villages,
    months: months.length,
    close: async () => {
      await database.close()
      await embedded.stop()
      if (!kept) await rm(folder, { recursive: true, force: true })
    },
  }
}

async function fill(database: Database, place: string, full: string): Promise<void> {
  await applyPack(database, fileURLToPath(new URL('../packs/three-basics-2018', import.meta.url)))
  await importUnits(database, unitsOfChina(place), { source: `china:${place}` })
  await database.transaction(async (tx) => {
    await registerForm(tx, definition, dataItems, { state: 'registered', by: 'bench', pack: null })
    await keepMeasures(tx, form, codes.map((code) => `sum(${code})`))
    const share = IndicatorDefinition.parse({ code: indicator, name: both('share'), pillar: 'foundation', form, num: 'sum(item1)', den: 'sum(item2)', population: both('all') })
    await saveDefinition(tx, share, 'village', null)
  })
  const villages = full === 'all' ? sql`u.level = 5` : sql`u.level = 5 and u.code like ${`${full}%`}`
  for (const period of months) {
    const done = period !== waiting
    await database.transaction(async (tx) => {
      await run(tx, sql`insert into form_period (form, period, opens, due) values (${form}, ${period}, '2018-01-01', '2019-01-10')`)
      await run(
        tx,
        sql`insert into expected_return (form, period, county_id, unit_id, due)
            select ${form}, ${period}::int, coalesce(u.l3, u.l2, u.l1), u.id, '2019-01-10' from unit u where ${villages}`,
      )
      await run(
        tx,
        sql`insert into record (period, county_id, unit_id, form, state, form_version, vals, counted, counted_submission, offered, submitted_by, submitted_at, decided_by, decided_at)
            select ${period}::int, coalesce(u.l3, u.l2, u.l1), u.id, ${form}, ${done ? 'accepted' : 'submitted'}, 1, ${valuesIn(`u.id + ${period}`)},
              ${done ? figuresIn(`u.id + ${period}`) : sql`null`}, ${done ? 1 : null}::int, ${done ? sql`null` : figuresIn(`u.id + ${period}`)}, 'bench', now(), ${done ? 'checker' : null}, ${done ? sql`now()` : sql`null`}
            from unit u where ${villages}`,
      )
    })
  }
  await database.transaction((tx) => rebuildKept(tx, form))
  if (place !== full) await keepElsewhere(database, full)
  await run(database.db, sql`vacuum analyze`)
}

/** Kept figures of the townships and counties outside `full`, as if all their villages had reported. */
async function keepElsewhere(database: Database, full: string): Promise<void> {
  for (const period of months) {
    await run(
      database.db,
      sql`insert into kept_figure (form, period, county_id, unit_id, level, expected, reported, sums)
          select ${form}::text, ${period}::int, x.county, k.id, k.level, sum(x.n), sum(x.n), ${figuresIn(`k.id + ${period}`)}
          from (select coalesce(u.l3, u.l2, u.l1) as county, u.l4, count(*)::int as n from unit u where u.level = 5 and u.code not like ${`${full}%`} group by 1, 2) x
          join unit k on k.id in (x.l4, x.county) group by x.county, k.id, k.level`,
    )
  }
}

/** @returns the returns that wait, in random order */
export function waitingReturns(database: Database): Promise<{ unit: number; county: number }[]> {
  return many(database.db, sql`select unit_id as unit, county_id as county from record where form = ${form} and period = ${waiting} and state = 'submitted' order by random()`)
}

/** Puts the month that waits back to how it was loaded, after its returns were accepted to warm a process up. */
export async function putBack(database: Database): Promise<void> {
  await database.transaction(async (tx) => {
    await run(
      tx,
      sql`update record set state = 'submitted', version = 1, offered = counted, counted = null, counted_submission = null, decided_by = null, decided_at = null
          where form = ${form} and period = ${waiting} and state = 'accepted'`,
    )
    await rebuildKept(tx, form)
  })
  for (const table of ['record', 'kept_figure', 'answered', 'event']) await run(database.db, sql`vacuum analyze ${sql.table(table)}`)
  await run(database.db, sql`checkpoint`)
}

/** @returns the id of the unit with this code */
export async function unitWith(database: Database, code: string): Promise<number> {
  return (await one<{ id: number }>(database.db, sql`select id from unit where code = ${code}`)).id
}
