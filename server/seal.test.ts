import { expect, test } from 'vitest'
import { ownDatabase } from '../tests/world.ts'
import { connect, one, run, sql, type Tx } from './db.ts'
import { record } from './events.ts'
import { sealEvents, verifyEvents } from './seal.ts'

const own = ownDatabase()
const happens = (tx: Tx, subject: string) => record(tx, 'record.accepted', { by: null, subject, facts: { income: '12.50', names: ['甲', '乙'] } })
const countOf = async (what: 'event' | 'event_seal') =>
  (await one<{ n: number }>(own.db, what === 'event' ? sql`select count(*) as n from event` : sql`select count(*) as n from event_seal`)).n

/** Runs `work` as somebody who may go past the append-only trigger, in a transaction that is rolled back afterwards. */
async function tampered(work: (tx: Tx) => Promise<unknown>, look: () => Promise<void>) {
  await run(own.db, sql`create table kept_event as select * from event`)
  await run(own.db, sql`create table kept_seal as select * from event_seal`)
  await run(own.db, sql`alter table event disable trigger event_no_change`)
  await work(own.db)
  await look()
  await run(own.db, sql`delete from event`)
  await run(own.db, sql`delete from event_seal`)
  await run(own.db, sql`insert into event overriding system value select * from kept_event`)
  await run(own.db, sql`insert into event_seal overriding system value select * from kept_seal`)
  await run(own.db, sql`drop table kept_event, kept_seal`)
  await run(own.db, sql`alter table event enable trigger event_no_change`)
}

test('what happened is sealed once, and a second sealing finds nothing to do', async () => {
  for (const n of [1, 2, 3]) await own.database.transaction((tx) => happens(tx, `task:${n}`))
  expect(await sealEvents(own.database)).toBe(3)
  expect(await sealEvents(own.database)).toBe(0)
  await own.database.transaction((tx) => happens(tx, 'task:4'))
  expect(await sealEvents(own.database)).toBe(1)
  expect(await verifyEvents(own.database)).toEqual({ ok: true, seals: 2, events: 4, unsealed: 0 })
})

test('an event in a transaction that still runs is left for the next seal, with everything that began after it', async () => {
  const slow = connect(own.url, { size: 2 })
  let finish = () => {}
  const mayFinish = new Promise<void>((done) => (finish = done))
  let wrote = () => {}
  const hasWritten = new Promise<void>((done) => (wrote = done))
  const running = slow.transaction(async (tx) => {
    await happens(tx, 'slow:1')
    // A line of the trail travels with the next statement, at the latest with the commit.
    await run(tx, sql`select 1`)
    wrote()
    await mayFinish
  })
  await hasWritten
  await own.database.transaction((tx) => happens(tx, 'quick:1'))
  expect(await sealEvents(own.database)).toBe(0)
  finish()
  await running
  await slow.close()
  expect(await sealEvents(own.database)).toBe(2)
  expect((await verifyEvents(own.database)).ok).toBe(true)
})

test('many writers and two sealers at once lose no event and seal none twice', async () => {
  const before = await countOf('event')
  let writing = true
  const writers = Promise.all(
    [1, 2, 3, 4].map(async (writer) => {
      for (let n = 0; n < 60; n++) await own.database.transaction((tx) => happens(tx, `writer:${writer}-${n}`))
    }),
  ).finally(() => (writing = false))
  const sealers = Promise.all(
    [1, 2].map(async () => {
      while (writing) await sealEvents(own.database)
    }),
  )
  await writers
  await sealers
  await sealEvents(own.database)
  expect(await countOf('event')).toBe(before + 240)
  expect(await verifyEvents(own.database)).toMatchObject({ ok: true, events: before + 240, unsealed: 0 })
})

test('an event that was changed, taken out or put in afterwards breaks the seal that covers it', async () => {
  const changed = sql`update event set facts = '{"income":"99.00"}' where subject = 'task:2'`
  const removed = sql`delete from event where subject = 'task:2'`
  const added = sql`insert into event (tx, kind, subject) select tx, 'record.accepted', 'task:2b' from event where subject = 'task:2'`
  for (const [tampering, reason] of [[changed, 'content'], [removed, 'count'], [added, 'count']] as const) {
    await tampered(
      (tx) => run(tx, tampering),
      async () => {
        const verified = await verifyEvents(own.database)
        expect(verified).toMatchObject({ ok: false, seals: 0, broken: { seal: 1, reason } })
        expect(verified.broken?.firstEvent).toContain('task:1')
      },
    )
  }
  expect((await verifyEvents(own.database)).ok).toBe(true)
})

test('a seal that was taken out or rewritten breaks the chain at the next one', async () => {
  await tampered(
    (tx) => run(tx, sql`delete from event_seal where id = 2`),
    async () => expect(await verifyEvents(own.database)).toMatchObject({ ok: false, seals: 1, broken: { seal: 3, reason: 'gap' } }),
  )
  await tampered(
    (tx) => run(tx, sql`update event_seal set hash = repeat('a', 64) where id = 2`),
    async () => expect(await verifyEvents(own.database)).toMatchObject({ ok: false, seals: 1, broken: { seal: 2, reason: 'content' } }),
  )
})

test('the trail refuses to be changed in the ordinary way', async () => {
  await expect(run(own.db, sql`delete from event`)).rejects.toThrow('event is append-only')
})
