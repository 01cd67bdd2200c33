import { beforeAll, describe, expect, test } from 'vitest'
import { answer } from '../../server/answer.ts'
import { many, one, run, sql } from '../../server/db.ts'
import { villageItems, villageMonth } from '../../tests/forms.ts'
import { giveProgramme, sampleItem } from '../../tests/lists.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { inboxContract } from '../inbox/inbox.contract.ts'
import { inboxAnswers } from '../inbox/inbox.server.ts'
import { registerForm } from '../ledgers/forms.server.ts'
import { ledgersContract, type Values } from '../ledgers/ledgers.contract.ts'
import { ledgersAnswers } from '../ledgers/ledgers.server.ts'
import { formNow } from '../ledgers/ledgers.sql.ts'
import { submitReturns } from '../ledgers/many.reads.ts'
import { listsContract } from '../lists/lists.contract.ts'
import { listsAnswers } from '../lists/lists.server.ts'
import { burdenContract } from './burden.contract.ts'
import { burdenRulesPart } from './burden.pack.ts'
import { burdenAnswers } from './burden.server.ts'
import { BurdenRules } from './burden-definition.ts'

const own = ownDatabase()
const router = {
  burden: answer(burdenContract, burdenAnswers),
  ledgers: answer(ledgersContract, ledgersAnswers),
  lists: answer(listsContract, listsAnswers),
  inbox: answer(inboxContract, inboxAnswers),
}
const form = villageMonth.code
let world: SmallWorld
let ask: ReturnType<typeof asking>
const officer = () => holder(world.province, ['burden.approve', 'list.read'], '减负')
const issuer = (unit: number) => holder(unit, ['list.issue', 'list.read', 'record.read', 'form.register'], '下发')
const clerk = (unit: number) => holder(unit, ['record.fill', 'record.read', 'task.work', 'list.read'], '台账')
const burden = (unit: number, month = '2018-07') => ask(clerk(unit), 'burden.unit', { unit, month })
const openPeriod = (by: number, period: string, due: string, of = form) => ask(issuer(by), 'ledgers.openPeriod', { form: of, period, audience: { classes: ['village'], within: [by] }, due })
const submit = (unit: number, period: string, values: object, version = 0) => ask(clerk(unit), 'ledgers.submit', { unit, form, period, formVersion: 1, values, version })
/** A further form that asks one item of its own. */
async function otherForm(code: string, state: 'registered' | 'draft' = 'registered') {
  const item = { ...villageItems[0]!, code: code.replaceAll('-', '') }
  await registerForm(own.db, { ...villageMonth, code, name: { zh: `另表${code}`, en: code }, sections: [{ name: { zh: '一', en: 'One' }, fields: [{ code: item.code, asks: item.code, required: true }] }], checks: [] }, [item], { state, by: 'test', pack: null })
  return code
}
const setRules = (rules: object) => burdenRulesPart.apply(own.db, BurdenRules.parse(rules), { pack: null as never, by: undefined })

beforeAll(async () => {
  ask = asking(router, own.database)
  world = await smallWorld(own.db)
  await giveProgramme(own.db)
  await registerForm(own.db, villageMonth, villageItems, { state: 'registered', by: 'test', pack: null })
  await openPeriod(world.province, '2018-05', '2018-06-10')
  await openPeriod(world.province, '2018-06', '2018-07-10')
  // The post of a burden officer, so that what is raised below finds him.
  await run(own.db, sql`insert into post_kind (code, name_zh, name_en, verbs) values ('burdenOfficer', '减负审核员', 'Burden officer', '{burden.approve}')`)
  await run(own.db, sql`insert into post (unit_id, kind, title, valid_from) values (${world.province}, 'burdenOfficer', '减负审核岗', '2018-01-01')`)
})

describe('what was really typed', () => {
  test('a first return counts every filled field, the next one only what differs from what the page came with', async () => {
    const unit = world.eastTown1Village1
    await submit(unit, '2018-05', { households: '100', covered: '80', income: '5000000' })
    expect((await burden(unit, '2018-06')).sums).toMatchObject({ forms: 1, answered: 1, asked: 3, typed: 3, carried: 0, ahead: 0, burden: 3 })
    await submit(unit, '2018-06', { households: '100', covered: '90', income: '5000000' })
    const july = await burden(unit)
    expect(july.sums).toMatchObject({ forms: 1, answered: 1, asked: 3, typed: 1, carried: 2, minutes: 5 })
    expect(july.forms[0]).toMatchObject({ form, issuerName: '云岭省', asked: 3, typed: 1, carried: 2, submissions: 1, state: 'submitted' })
    expect(july.byIssuer).toEqual([{ issuer: world.province, issuerName: '云岭省', forms: 1, asked: 3, typed: 1, meetings: 0, visits: 0, documents: 0, minutes: 5 }])
  })

  test('being sent back makes more typing, and it is counted against the submission before; accepting counts nothing', async () => {
    const unit = world.eastTown1Village1
    await ask(holder(world.eastTown1), 'ledgers.sendBack', { unit, form, period: '2018-06', version: 1, reasons: { covered: '核实' } })
    await submit(unit, '2018-06', { households: '100', covered: '85', income: '5000000' }, 2)
    await ask(holder(world.eastTown1), 'ledgers.accept', { unit, form, period: '2018-06', version: 3 })
    const { sums, forms } = await burden(unit)
    expect([sums.typed, forms[0].submissions, forms[0].carried]).toEqual([2, 2, 2])
  })

  test('a return that is still open is what lies ahead, not a zero', async () => {
    const { sums, forms } = await burden(world.eastTown1Village2)
    expect(sums).toMatchObject({ forms: 1, answered: 0, typed: 0, ahead: 3 })
    expect(forms[0].typed).toBeNull()
  })

  test('returns that come in together are counted by one statement, as each would be alone; what changed in between is not', async () => {
    await otherForm('many')
    for (const period of ['2018-06', '2018-07']) await openPeriod(world.westTown2, period, '2018-11-10', 'many')
    const { definition } = (await formNow(own.db, 'many'))!
    const units = [world.westTown2Village1, world.westTown2Village2, world.westTown2Village3]
    const { rows } = await ask(clerk(units[2]!), 'ledgers.mine', { state: 'all' })
    expect(rows.map((row: { form: string }) => row.form)).toContain('many')
    const bring = (period: number, values: (unit: number) => object, only = units, version = 0) =>
      own.database.transaction(async (tx) => {
        const sent: string[] = []
        const heard: typeof tx = { ...tx, send: (one) => (sent.push(one.text), tx.send(one)), later: (one) => (sent.push(one.text), tx.later(one)) }
        const given = only.map((unit) => ({ unit, unitClass: 'village', county: world.west, version, draftVersion: 0, state: version === 0 ? ('none' as const) : ('submitted' as const), due: '2018-11-10', values: values(unit) as Values, post: undefined }))
        const done = await submitReturns(heard, definition, period, given, { by: 'test', at: new Date(), today: '2018-07-02', note: null })
        return { done: done.size, counted: sent.filter((text) => text.includes('record_typing')).length }
      })
    expect(await bring(201806, (unit) => ({ many: unit === units[2] ? '' : '5' }))).toEqual({ done: 3, counted: 1 })
    expect(await bring(201807, (unit) => ({ many: unit === units[0] ? '5' : '6' }))).toEqual({ done: 3, counted: 1 })
    // Nothing goes in twice, so nothing is counted twice.
    expect(await bring(201807, () => ({ many: '7' }))).toEqual({ done: 0, counted: 0 })
    const typed = (unit: number) => many(own.db, sql`select period, submission, asked, carried, typed from record_typing where form = 'many' and unit_id = ${unit} order by period, submission`)
    expect(await typed(units[0]!)).toEqual([{ period: 201806, submission: 1, asked: 1, carried: 0, typed: 1 }, { period: 201807, submission: 1, asked: 1, carried: 1, typed: 0 }])
    expect(await typed(units[1]!)).toEqual([{ period: 201806, submission: 1, asked: 1, carried: 0, typed: 1 }, { period: 201807, submission: 1, asked: 1, carried: 0, typed: 1 }])
    expect(await typed(units[2]!)).toEqual([{ period: 201806, submission: 1, asked: 1, carried: 0, typed: 0 }, { period: 201807, submission: 1, asked: 1, carried: 0, typed: 1 }])
  })

  test('the table of records has no trigger: accepting does nothing but accept', async () => {
    expect(await many(own.db, sql`select tgname from pg_trigger where tgrelid = 'record'::regclass and not tgisinternal`)).toEqual([])
  })

  test.each([
    ['text', '"12"', '"12"', 0],
    ['text', '"12"', '"13"', 1],
    ['text', '"12"', null, 1],
    ['text', '""', null, 0],
    ['table', '[{"way":"led","amount":"5"},{"way":"joint","amount":"7"}]', '[{"way":"led","amount":"4"}]', 3],
    ['table', '[]', '[{"way":"led","amount":"4"}]', 0],
    ['file', '[{"id":"a","name":"x"},{"id":"b","name":"y"}]', '[{"id":"a","name":"x"}]', 1],
  ])('cells of a %s: %s after %s are %i', async (type, given, prefill, cells) => {
    expect(await one(own.db, sql`select cells_typed(${type}, ${given}::jsonb, ${prefill}::jsonb) as cells`)).toEqual({ cells })
  })
})

describe('the register', () => {
  test('a form without the burden officer’s yes cannot be asked, by list or by period, and neither can an expired one', async () => {
    await otherForm('no-yes', 'draft')
    await expect(openPeriod(world.east, '2018-06', '2018-07-10', 'no-yes')).rejects.toMatchObject({ code: 'form-not-registered' })
    await otherForm('run-out')
    await run(own.db, sql`update form set expires = '2018-07-01' where code = 'run-out'`)
    await expect(openPeriod(world.east, '2018-06', '2018-07-10', 'run-out')).rejects.toMatchObject({ code: 'form-expired' })
    const { id } = await ask(issuer(world.east), 'lists.create', { issuer: world.east, programme: 'sample', year: 2018, title: '样例清单' })
    await ask(issuer(world.east), 'lists.addItem', { list: id, item: sampleItem({ lead: world.east, within: world.east, form: 'no-yes', period: '2018-06', due: '2018-07-10' }) })
    const { version } = await ask(issuer(world.east), 'lists.list', { id })
    await expect(ask(issuer(world.east), 'lists.issue', { list: id, version })).rejects.toMatchObject({ code: 'form-not-registered' })
  })

  test('a second asker of an item is refused with its owner’s name, and a form that is changed needs a new yes', async () => {
    const definition = { ...villageMonth, code: 'copycat', sections: [{ name: { zh: '一', en: 'One' }, fields: [{ code: 'households', asks: 'households', required: true }] }], checks: [] }
    await expect(ask(issuer(world.east), 'ledgers.registerForm', { definition, items: [] })).rejects.toMatchObject({ code: 'item-already-asked', facts: { name: '村月报' } })
    const code = await otherForm('grows')
    await openPeriod(world.west, '2018-06', '2018-07-10', code)
    const more = { ...villageItems[0]!, code: 'grown' }
    const bigger = { ...villageMonth, code, sections: [{ name: { zh: '一', en: 'One' }, fields: [{ code: 'grown', asks: 'grown', required: true }] }], checks: [] }
    expect((await ask(issuer(world.west), 'ledgers.registerForm', { definition: bigger, items: [more] })).state).toBe('review')
    await expect(openPeriod(world.west, '2018-07', '2018-08-10', code)).rejects.toMatchObject({ code: 'form-not-registered' })
    await expect(ask({ ...officer(), account: issuer(world.west).account }, 'ledgers.approveForm', { code, approve: true })).rejects.toMatchObject({ code: 'same-person' })
    await ask(officer(), 'ledgers.approveForm', { code, approve: true })
    const { rows } = await ask(clerk(world.eastTown1Village1), 'burden.register', { q: '村月报', kind: 'form' })
    expect(rows.find((row: { id: string }) => row.id === code)).toMatchObject({ state: 'registered', approvedBy: '减负', approvedOn: '2018-07-02', issuerName: '西川县' })
  })

  test('issuing a list registers it; where lists need a yes, an issuer without one is stopped', async () => {
    const draft = async () => {
      const { id } = await ask(issuer(world.east), 'lists.create', { issuer: world.east, programme: 'sample', year: 2018, title: '登记清单' })
      await ask(issuer(world.east), 'lists.addItem', { list: id, item: sampleItem({ lead: world.east, within: world.east }) })
      return { list: id, version: (await ask(issuer(world.east), 'lists.list', { id })).version }
    }
    const first = await draft()
    await ask(issuer(world.east), 'lists.issue', first)
    const { rows } = await ask(officer(), 'burden.register', { kind: 'list' })
    expect(rows).toMatchObject([{ kind: 'list', title: { zh: '登记清单' }, state: 'registered', expires: '2018-12-31', classes: ['village'] }])
    await setRules({ listsNeedApproval: true })
    const second = await draft()
    await expect(ask(issuer(world.east), 'lists.issue', second)).rejects.toMatchObject({ code: 'asking-not-registered' })
    const entry = await ask(issuer(world.east), 'burden.registerList', { list: second.list })
    await expect(ask(issuer(world.east), 'lists.issue', second)).rejects.toMatchObject({ code: 'asking-not-registered', facts: { state: 'review' } })
    await ask(officer(), 'burden.decide', { id: entry.id, version: entry.version, approve: true })
    await run(own.db, sql`update asking set expires = '2018-07-01' where id = ${entry.id}`)
    await expect(ask(issuer(world.east), 'lists.issue', second)).rejects.toMatchObject({ code: 'asking-expired' })
    await run(own.db, sql`update asking set expires = '2018-12-31' where id = ${entry.id}`)
    await ask(issuer(world.east), 'lists.issue', second)
    await setRules({})
  })

  test('a meeting counts after the yes of somebody else, at every unit that it addresses, and no more once it is withdrawn', async () => {
    const meeting = { kind: 'meeting', issuer: world.east, title: '推进会', audience: { classes: ['village'], within: [world.east] }, on: '2018-07-20', minutes: 60 }
    const { id, units } = await ask(issuer(world.east), 'burden.registerEvent', meeting)
    expect(units).toBe(6)
    expect((await burden(world.eastTown2Village1)).sums.meetings).toBe(0)
    await expect(ask({ ...officer(), account: issuer(world.east).account }, 'burden.decide', { id, version: 1, approve: true })).rejects.toMatchObject({ code: 'same-person' })
    await expect(ask(officer(), 'burden.decide', { id, version: 1, approve: false })).rejects.toMatchObject({ code: 'reason-needed' })
    await expect(ask(officer(), 'burden.decide', { id, version: 9, approve: true })).rejects.toMatchObject({ code: 'stale-version', facts: { mine: 9, theirs: 1 } })
    await ask(officer(), 'burden.decide', { id, version: 1, approve: true })
    const { sums, events } = await burden(world.eastTown2Village1)
    expect([sums.meetings, sums.burden, sums.minutes]).toEqual([1, 10, 65])
    expect(events).toMatchObject([{ title: '推进会', issuerName: '东川县', on: '2018-07-20' }])
    expect((await burden(world.westTown1Village1)).sums.meetings).toBe(0)
    await ask(issuer(world.east), 'burden.withdraw', { id, version: 2, reason: '合并到下月' })
    expect((await burden(world.eastTown2Village1)).sums.meetings).toBe(0)
  })

  test('a meeting for units of somebody else, or for nobody, is refused', async () => {
    const meeting = { kind: 'meeting', issuer: world.east, title: '会', on: '2018-07-20', minutes: 60 }
    await expect(ask(issuer(world.east), 'burden.registerEvent', { ...meeting, audience: { classes: ['village'], within: [world.west] } })).rejects.toMatchObject({ code: 'invalid-input', findings: [{ code: 'outside-issuer' }] })
    await expect(ask(issuer(world.east), 'burden.registerEvent', { ...meeting, audience: { classes: ['community'], within: [world.east] } })).rejects.toMatchObject({ findings: [{ code: 'nobody-addressed' }] })
    await expect(ask(issuer(world.east), 'burden.registerEvent', { ...meeting, audience: { classes: ['village'], within: [world.east] }, on: '2018-06-01' })).rejects.toMatchObject({ code: 'date-invalid' })
  })

  test('a document is registered with its length and expiry, counts with the yes, and more than last year’s want a reason', async () => {
    const document = { kind: 'document', issuer: world.west, title: '关于做好台账工作的通知', audience: { classes: ['village'], within: [world.west] }, on: '2018-07-12', characters: 4200, expires: '2018-12-31' }
    await expect(ask(issuer(world.west), 'burden.registerEvent', { ...document, expires: '2018-07-01' })).rejects.toMatchObject({ code: 'date-invalid', field: 'expires' })
    await expect(ask(issuer(world.west), 'burden.registerEvent', { ...document, characters: 0 })).rejects.toMatchObject({ code: 'invalid-input' })
    const first = await ask(issuer(world.west), 'burden.registerEvent', document)
    // Nothing is known of the year before, so there is no cap.
    expect(first).toMatchObject({ state: 'review', units: 6, tooLong: false, documents: { now: 1, most: null, state: 'none' } })
    expect((await burden(world.westTown2Village1)).sums.documents).toBe(0)
    await ask(officer(), 'burden.decide', { id: first.id, version: 1, approve: true })
    const { sums, events, byIssuer } = await burden(world.westTown2Village1)
    // 4,200 characters at 300 a minute; a document weighs 5 fields; two forms take 10 minutes.
    expect([sums.documents, sums.burden, sums.minutes]).toEqual([1, 5, 24])
    expect(events).toMatchObject([{ kind: 'document', title: '关于做好台账工作的通知', minutes: 14 }])
    expect(byIssuer.find((one: { issuer: number }) => one.issuer === world.west)).toMatchObject({ documents: 1 })
    expect((await burden(world.eastTown1Village1)).sums.documents).toBe(0)
    expect((await ask(clerk(world.westTown2Village1), 'inbox.notices', {})).rows.map((one: { kind: string }) => one.kind)).toContain('documentComing')

    await run(own.db, sql`insert into asking (kind, title, issuer_unit, audience, on_date, minutes, characters, expires, state, registered_by, registered_at)
      values ('document', '上年通知', ${world.west}, '{"classes":["village"],"within":[]}', '2017-05-01', 10, 3000, '2017-12-31', 'registered', 'test', now())`)
    const second = await ask(issuer(world.west), 'burden.registerEvent', { ...document, title: '专项方案', characters: 4001, special: true })
    expect(second).toMatchObject({ tooLong: true, documents: { now: 2, most: 1, state: 'passed' } })
    const { rows } = await ask(officer(), 'burden.register', { kind: 'document', state: 'review' })
    expect(rows).toMatchObject([{ title: { zh: '专项方案' }, characters: 4001, special: true, tooLong: true, expires: '2018-12-31', documents: { now: 2, most: 1, state: 'passed' } }])
    await expect(ask(officer(), 'burden.decide', { id: second.id, version: 1, approve: true })).rejects.toMatchObject({ code: 'reason-needed' })
    await ask(officer(), 'burden.decide', { id: second.id, version: 1, approve: true, reason: '防汛急需' })
    expect(await one(own.db, sql`select reason from event where subject = ${`asking:${second.id}`} and kind = 'asking.approved'`)).toEqual({ reason: '防汛急需' })
    expect(await ask(issuer(world.west), 'burden.caused', { unit: world.west, year: 2018 })).toMatchObject({ documents: { now: 2, most: 1, state: 'passed' } })
    const { id: objection } = await ask(clerk(world.westTown2Village1), 'burden.object', { unit: world.westTown2Village1, asking: second.id, ground: 'alreadyReported' })
    await ask(officer(), 'burden.decideObjection', { id: objection, version: 1, uphold: true, outcome: 'askingWithdrawn', answer: '与已有通知重复' })
    expect((await burden(world.westTown2Village1)).sums.documents).toBe(1)
    await ask(issuer(world.west), 'burden.withdraw', { id: first.id, version: 2, reason: '并入上年通知' })
    await run(own.db, sql`delete from objection where id = ${objection}`)
  })

  test('two visits to one unit within 30 days are told to be merged, to the registrar and to the unit (C6)', async () => {
    const visit = (on: string, by = world.east) => ask(issuer(by), 'burden.registerEvent', { kind: 'visit', issuer: by, title: `督查${on}`, audience: { classes: ['village'], within: [by] }, on, minutes: 90 })
    const first = await visit('2018-07-20')
    expect(first.visits).toMatchObject({ units: 0, first: [] })
    await ask(officer(), 'burden.decide', { id: first.id, version: 1, approve: true })
    const second = await visit('2018-08-19', world.eastTown1)
    expect(second.visits).toMatchObject({ days: 30, units: 3 })
    expect(second.visits.first[0]).toMatchObject({ other: '督查2018-07-20', issuerName: '东川县' })
    expect((await visit('2018-08-20', world.eastTown1)).visits.units).toBe(0)
    await ask(officer(), 'burden.decide', { id: second.id, version: 1, approve: true })
    expect((await burden(world.eastTown1Village1)).visits).toMatchObject({ units: 1, first: [{ other: '督查2018-07-20' }] })
    expect((await burden(world.eastTown2Village1)).visits).toMatchObject({ units: 0 })
  })
})

describe('caps', () => {
  test('no more forms than last year: near it warns, above it stops, and an exception with a reason is the way out', async () => {
    const by = world.westTown1
    for (const code of ['cap-a', 'cap-b', 'cap-c']) await otherForm(code)
    await openPeriod(by, '2018-06', '2018-09-10', 'cap-a')
    await openPeriod(by, '2018-06', '2018-09-10', 'cap-b')
    // Nothing is known of the year before, so there is no cap; a missing figure is not a zero.
    const { id: list } = await ask(issuer(by), 'lists.create', { issuer: by, programme: 'sample', year: 2018, title: '第三张表' })
    await ask(issuer(by), 'lists.addItem', { list, item: sampleItem({ lead: by, within: by, form: 'cap-c', period: '2018-06', due: '2018-09-10' }) })
    const before = () => ask(issuer(by), 'burden.before', { list })
    expect((await before()).caps[0]).toMatchObject({ cap: 'formsYear', state: 'none', now: 3, most: null })
    await run(own.db, sql`insert into form_issue (form, period, issuer_unit, audience, fields_new, fields_held, minutes, issued_on, due, issued_by)
      select f, 201706, ${by}, '{"classes":["village"],"within":[]}', 1, 0, 1, '2017-07-01', '2017-07-10', 'test' from unnest('{cap-a,cap-b}'::text[]) f`)
    expect((await before()).caps[0]).toMatchObject({ state: 'passed', now: 3, most: 2 })
    await expect(openPeriod(by, '2018-06', '2018-09-10', 'cap-c')).rejects.toMatchObject({ code: 'burden-cap-passed', facts: { cap: 'formsYear', now: 3, most: 2 } })
    // A form that is asked already may be asked again for its next period.
    await openPeriod(by, '2018-07', '2018-10-10', 'cap-b')
    const asked = await ask(issuer(by), 'burden.askException', { issuer: by, form: 'cap-c', cap: 'formsYear', until: '2018-12-31', reason: '防汛临时需要' })
    await expect(ask(issuer(by), 'burden.askException', { issuer: by, form: 'cap-c', cap: 'formsYear', until: '2018-12-31', reason: '再问' })).rejects.toMatchObject({ code: 'move-not-possible' })
    await expect(openPeriod(by, '2018-06', '2018-09-10', 'cap-c')).rejects.toMatchObject({ code: 'burden-cap-passed' })
    await ask(officer(), 'burden.decideException', { id: asked.id, version: 1, grant: true, reason: '同意，仅此一次' })
    expect((await before()).caps[0].exception).toMatchObject({ until: '2018-12-31', reason: '防汛临时需要' })
    await openPeriod(by, '2018-06', '2018-09-10', 'cap-c')
    expect((await ask(issuer(by), 'burden.exceptions', {})).rows).toMatchObject([{ state: 'granted', decisionReason: '同意，仅此一次', form: 'cap-c' }])
    expect(await many(own.db, sql`select kind, reason from event where subject = ${`exception:${asked.id}`} order by id`)).toEqual([{ kind: 'exception.asked', reason: '防汛临时需要' }, { kind: 'exception.granted', reason: '同意，仅此一次' }])
  })

  test('a unit’s month has a cap by its class: a list whose forms would pass it together is stopped as a whole', async () => {
    await setRules({ fieldsMonth: { village: 5 } })
    const by = world.westTown2
    for (const code of ['full-a', 'full-b']) await otherForm(code)
    const { id } = await ask(issuer(by), 'lists.create', { issuer: by, programme: 'sample', year: 2018, title: '两张表' })
    for (const code of ['full-a', 'full-b']) await ask(issuer(by), 'lists.addItem', { list: id, item: sampleItem({ lead: by, within: by, title: code, form: code, period: '2018-06', due: '2018-07-30' }) })
    const { version } = await ask(issuer(by), 'lists.list', { id })
    // They are asked 4 fields in July already; the first form reaches the cap, the second would pass it.
    await expect(ask(issuer(by), 'lists.issue', { list: id, version })).rejects.toMatchObject({ code: 'burden-cap-passed', facts: { cap: 'fieldsMonth', now: 6, most: 5, units: 3 } })
    expect(await one(own.db, sql`select count(*)::int as n from form_issue where form = 'full-a'`)).toEqual({ n: 0 })
    expect((await ask(issuer(by), 'burden.before', { list: id })).caps.filter((one: { cap: string }) => one.cap === 'fieldsMonth')).toMatchObject([{ form: 'full-a', state: 'near', now: 5 }, { form: 'full-b', state: 'passed', now: 6, units: 3 }])
    expect((await burden(world.westTown2Village1)).cap).toEqual({ most: 5, asked: 4, state: 'near' })
    await setRules({})
  })
})

describe('who causes it, and how it lies below', () => {
  test('the issuer sees units × fields × minutes, and what was typed so far', async () => {
    const { rows, forms, formsLastYear, typed } = await ask(issuer(world.province), 'burden.caused', { unit: world.province, year: 2018 })
    expect(rows).toHaveLength(2)
    expect(rows.find((row: { period: string }) => row.period === '2018-06')).toMatchObject({ kind: 'form', units: 12, fields: 3, entries: 36, minutes: 60, answered: 1, typed: 2 })
    expect([forms, formsLastYear, typed]).toEqual([1, null, 5])
  })

  test('levels above see bands, quantiles and sums that agree with each unit’s own page; fewer than three units are not shown', async () => {
    const below = await ask(holder(world.east), 'burden.below', { unit: world.east, month: '2018-07', class: 'village' })
    const units = [world.eastTown1Village1, world.eastTown1Village2, world.eastTown1Village3, world.eastTown2Village1, world.eastTown2Village2, world.eastTown2Village3]
    const each = await Promise.all(units.map((unit) => burden(unit)))
    for (const part of ['forms', 'asked', 'typed', 'ahead', 'visits', 'burden', 'minutes'] as const) {
      expect([part, below.sums[part]]).toEqual([part, each.reduce((sum, one) => sum + one.sums[part], 0)])
    }
    expect(below.units).toBe(6)
    expect(below.bands.reduce((a: number, b: number) => a + b, 0)).toBe(6)
    expect([below.least, below.most]).toEqual([Math.min(...each.map((one) => one.sums.burden)), Math.max(...each.map((one) => one.sums.burden))])
    expect(below.children.map((one: { name: string; units: number }) => [one.name, one.units])).toEqual([['东川1镇', 3], ['东川2镇', 3]])
    await run(own.db, sql`update unit set state = 'abolished' where id = ${world.eastTown2Village3}`)
    const two = await ask(holder(world.east), 'burden.below', { unit: world.eastTown2, month: '2018-07', class: 'village' })
    expect(two).toMatchObject({ suppressed: true, median: null, children: [] })
    await run(own.db, sql`update unit set state = 'active' where id = ${world.eastTown2Village3}`)
  })
})

describe('objections', () => {
  const object = (unit: number, more: object = {}) => ask(clerk(unit), 'burden.object', { unit, form, ground: 'alreadyReported', text: '农业局已报过', ...more })
  const objections = (who: ReturnType<typeof holder>, view: string) => ask(who, 'burden.objections', { view })

  test('an objection reaches the burden officer with a limit in working days, once', async () => {
    const { id, due } = await object(world.eastTown2Village1, { field: 'covered' })
    // Monday 2 July + 5 working days.
    expect(due).toBe('2018-07-09')
    await expect(object(world.eastTown2Village1, { field: 'covered' })).rejects.toMatchObject({ code: 'objection-open' })
    await expect(object(world.eastTown2Village1, { form: 'no-yes' })).rejects.toMatchObject({ code: 'form-not-asked' })
    await expect(object(world.eastTown2Village1, { field: 'nothing' })).rejects.toMatchObject({ code: 'not-found' })
    await expect(object(world.eastTown2Village1, { ground: 'other', text: '' })).rejects.toMatchObject({ code: 'reason-needed' })
    expect((await objections(officer(), 'open')).rows).toMatchObject([{ id, unitName: '东川2镇第1村', text: '农业局已报过', fieldName: { zh: '已覆盖户数' }, overdue: false, workingDaysLeft: 5 }])
    expect((await ask(officer(), 'inbox.waiting', { kind: 'objection' })).rows).toMatchObject([{ kind: 'objection', title: '村月报', count: 1, due: '2018-07-09', workingDaysLeft: 5 }])
    expect((await objections(clerk(world.eastTown2Village1), 'mine')).rows).toHaveLength(1)
    expect((await objections(clerk(world.eastTown2Village2), 'mine')).rows).toEqual([])
    // The issuer hears of it, but not from which village.
    expect((await objections(issuer(world.province), 'open')).rows).toMatchObject([{ id, unit: null, unitName: null, text: null }])
  })

  test('past its limit it is red for the burden officer', async () => {
    const later = asking(router, own.database, { now: '2018-07-10T09:00:00+08:00' })
    expect((await later(officer(), 'burden.objections', { view: 'open' })).rows[0]).toMatchObject({ overdue: true, workingDaysLeft: null })
    expect((await later(officer(), 'inbox.waiting', { kind: 'objection' })).rows[0]).toMatchObject({ light: 'red' })
  })

  test('its outcome is public to all units below the issuer, without the name of who objected', async () => {
    const { rows: [open] } = await objections(officer(), 'open')
    await expect(ask(officer(), 'burden.decideObjection', { id: open.id, version: 1, uphold: true, answer: '属实' })).rejects.toMatchObject({ code: 'invalid-input', field: 'outcome' })
    await expect(ask(officer(), 'burden.decideObjection', { id: open.id, version: 1, uphold: false, answer: '' })).rejects.toMatchObject({ code: 'reason-needed' })
    await ask(officer(), 'burden.decideObjection', { id: open.id, version: 1, uphold: true, outcome: 'fieldDropped', answer: '属实，下月起不再要' })
    await expect(ask(officer(), 'burden.decideObjection', { id: open.id, version: 2, uphold: false, answer: '改主意' })).rejects.toMatchObject({ code: 'move-not-possible' })
    for (const unit of [world.westTown1Village1, world.eastTown1]) {
      expect((await objections(clerk(unit), 'decided')).rows).toMatchObject([{ id: open.id, unit: null, unitName: null, text: null, state: 'upheld', outcome: 'fieldDropped', answer: '属实，下月起不再要', carriedOut: false }])
    }
    expect((await objections(clerk(world.eastTown2Village1), 'decided')).rows[0]).toMatchObject({ unitName: '东川2镇第1村', own: true })
    const { rows: notices } = await ask(clerk(world.eastTown2Village1), 'inbox.notices', {})
    expect(notices.map((one: { kind: string }) => one.kind)).toContain('objectionUpheld')
  })

  test('upheld is not yet done: it is carried out when the form as asked now has dropped the field', async () => {
    const sections = [{ ...villageMonth.sections[0]!, fields: villageMonth.sections[0]!.fields.filter((field) => field.code !== 'covered' && field.code !== 'open') }]
    await registerForm(own.db, { ...villageMonth, sections, checks: [] }, [], { state: 'registered', by: 'test', pack: null })
    expect((await objections(clerk(world.westTown1Village1), 'decided')).rows).toMatchObject([{ carriedOut: true, fieldName: { zh: '已覆盖户数' } }])
    await registerForm(own.db, villageMonth, [], { state: 'registered', by: 'test', pack: null })
  })

  test('a form that is withdrawn on an objection waits nowhere and cannot be issued; only who stands above every asker may', async () => {
    await otherForm('go-away')
    for (const by of [world.east, world.west]) await openPeriod(by, '2018-06', '2018-07-25', 'go-away')
    const { id } = await ask(clerk(world.eastTown1Village3), 'burden.object', { unit: world.eastTown1Village3, form: 'go-away', ground: 'notOurDuty' })
    const local = holder(world.east, ['burden.approve'], '县减负')
    await run(own.db, sql`update objection set officer_unit = ${world.east} where id = ${id}`)
    await expect(ask(local, 'burden.decideObjection', { id, version: 1, uphold: true, outcome: 'formWithdrawn', answer: '不属村级职责' })).rejects.toMatchObject({ code: 'not-allowed' })
    expect((await burden(world.eastTown1Village3)).forms.map((one: { form: string }) => one.form)).toContain('go-away')
    await ask(officer(), 'burden.decideObjection', { id, version: 1, uphold: true, outcome: 'formWithdrawn', answer: '不属村级职责' })
    expect((await burden(world.eastTown1Village3)).forms.map((one: { form: string }) => one.form)).not.toContain('go-away')
    expect((await ask(clerk(world.eastTown1Village3), 'ledgers.mine', {})).rows.map((one: { form: string }) => one.form)).not.toContain('go-away')
    await expect(openPeriod(world.east, '2018-07', '2018-08-25', 'go-away')).rejects.toMatchObject({ code: 'form-not-registered' })
    expect((await objections(clerk(world.eastTown1Village1), 'decided')).rows.find((one: { form: string }) => one.form === 'go-away')).toMatchObject({ carriedOut: true })
    // Asked by the east, so the west below it does not see it.
    expect((await objections(clerk(world.westTown1Village1), 'decided')).rows.map((one: { form: string }) => one.form)).not.toContain('go-away')
  })

  test('a meeting, a visit and an item of a list can be objected to; the decision spares the unit or takes it back for all, at once', async () => {
    const [unit, other] = [world.eastTown2Village1, world.eastTown2Village2]
    const meeting = { kind: 'meeting', issuer: world.east, title: '台账培训会', audience: { classes: ['village'], within: [world.eastTown2] }, on: '2018-07-25', minutes: 60 }
    const { id: asking } = await ask(issuer(world.east), 'burden.registerEvent', meeting)
    await expect(ask(clerk(unit), 'burden.object', { unit, asking, ground: 'notOurDuty' })).rejects.toMatchObject({ code: 'form-not-asked' })
    await ask(officer(), 'burden.decide', { id: asking, version: 1, approve: true })
    await expect(ask(clerk(unit), 'burden.object', { unit, asking, form, ground: 'notOurDuty' })).rejects.toMatchObject({ code: 'invalid-input', findings: [{ code: 'one-target' }] })
    const raised = await ask(clerk(unit), 'burden.object', { unit, asking, ground: 'alreadyReported', text: '上月已培训' })
    expect((await burden(unit)).events.find((one: { id: number }) => one.id === asking)).toMatchObject({ objections: 1 })
    expect((await objections(officer(), 'open')).rows.find((one: { id: number }) => one.id === raised.id)).toMatchObject({ kind: 'meeting', title: { zh: '台账培训会' }, form: null, text: '上月已培训' })
    await expect(ask(officer(), 'burden.decideObjection', { id: raised.id, version: 1, uphold: true, outcome: 'fieldDropped', answer: '是' })).rejects.toMatchObject({ findings: [{ code: 'outcome-not-fitting' }] })
    await ask(officer(), 'burden.decideObjection', { id: raised.id, version: 1, uphold: true, outcome: 'unitSpared', answer: '已参加过，不必再来' })
    expect([(await burden(unit)).sums.meetings, (await burden(other)).sums.meetings]).toEqual([0, 1])
    const second = await ask(clerk(other), 'burden.object', { unit: other, asking, ground: 'other', text: '农忙' })
    await ask(officer(), 'burden.decideObjection', { id: second.id, version: 1, uphold: true, outcome: 'askingWithdrawn', answer: '改为发材料' })
    expect((await burden(world.eastTown2Village3)).sums.meetings).toBe(0)
    expect((await objections(clerk(world.eastTown1Village2), 'decided')).rows.filter((one: { asking: number }) => one.asking === asking)).toMatchObject([{ id: raised.id, outcome: 'unitSpared', carriedOut: true, unitName: null }, { id: second.id, outcome: 'askingWithdrawn', carriedOut: true, text: null }])
    expect((await ask(clerk(world.eastTown2Village3), 'inbox.notices', {})).rows.map((one: { kind: string }) => one.kind)).toContain('askingOff')

    const { id: list } = await ask(issuer(world.east), 'lists.create', { issuer: world.east, programme: 'sample', year: 2018, title: '整治清单' })
    await ask(issuer(world.east), 'lists.addItem', { list, item: sampleItem({ title: '公示栏更新', lead: world.east, within: world.eastTown2, due: '2018-07-28' }) })
    await ask(issuer(world.east), 'lists.issue', { list, version: (await ask(issuer(world.east), 'lists.list', { id: list })).version })
    const { items } = await burden(unit)
    const item = items.find((one: { title: string }) => one.title === '公示栏更新').item
    expect((await burden(unit)).tasks).toBe(items.length)
    await expect(ask(clerk(world.westTown1Village1), 'burden.object', { unit: world.westTown1Village1, item, ground: 'notOurDuty' })).rejects.toMatchObject({ code: 'form-not-asked' })
    const spare = await ask(clerk(unit), 'burden.object', { unit, item, ground: 'notOurDuty' })
    await ask(officer(), 'burden.decideObjection', { id: spare.id, version: 1, uphold: true, outcome: 'unitSpared', answer: '该村没有公示栏' })
    const titles = async (of: number) => (await burden(of)).items.map((one: { title: string }) => one.title)
    expect([await titles(unit), await titles(other)]).toEqual([expect.not.arrayContaining(['公示栏更新']), expect.arrayContaining(['公示栏更新'])])
    const all = await ask(clerk(other), 'burden.object', { unit: other, item, ground: 'notOurDuty' })
    await ask(officer(), 'burden.decideObjection', { id: all.id, version: 1, uphold: true, outcome: 'askingWithdrawn', answer: '由乡镇统一更新' })
    expect(await titles(world.eastTown2Village3)).not.toContain('公示栏更新')
    expect(await one(own.db, sql`select state from item where id = ${item}`)).toEqual({ state: 'cancelled' })
    expect((await ask(officer(), 'inbox.waiting', { kind: 'objection' })).rows.map((one: { title: string }) => one.title)).not.toContain('公示栏更新')
  })

  test('an objection can be taken back while it is open', async () => {
    const { id } = await object(world.westTown1Village2, { ground: 'cannotKnow' })
    await ask(clerk(world.westTown1Village2), 'burden.takeBack', { id, version: 1 })
    await expect(ask(officer(), 'burden.decideObjection', { id, version: 2, uphold: false, answer: '无' })).rejects.toMatchObject({ code: 'move-not-possible' })
  })

  test('where the calendar of the year is missing the objection is taken all the same, and says that its limit is not known', async () => {
    const late = asking(router, own.database, { now: '2018-12-28T09:00:00+08:00' })
    const { due } = await late(clerk(world.westTown1Village3), 'burden.object', { unit: world.westTown1Village3, form, ground: 'cannotKnow' })
    expect(due).toBeNull()
  })
})

describe('the suggestion box', () => {
  test('anybody signed in may suggest; the answer is public, the words and the name are not', async () => {
    const reader = holder(world.westTown1Village1, ['record.read'], '查阅')
    const { id, due } = await ask(reader, 'burden.suggest', { unit: world.westTown1Village1, kind: 'complaint', title: '月报字段太小', text: '手机上看不清' })
    expect(due).toBe('2018-07-16')
    await expect(ask(reader, 'burden.suggest', { unit: world.westTown1Village2, kind: 'fault', title: '别村' })).rejects.toMatchObject({ code: 'not-allowed' })
    expect((await ask(clerk(world.eastTown1Village1), 'burden.suggestions', {})).rows).toEqual([])
    expect((await ask(officer(), 'burden.suggestions', { view: 'open' })).rows).toMatchObject([{ id, text: '手机上看不清', unitName: '西川1镇第1村' }])
    expect((await ask(officer(), 'inbox.waiting', { kind: 'suggestion' })).rows).toMatchObject([{ count: 1, due: '2018-07-16' }])
    await ask(officer(), 'burden.answerSuggestion', { id, version: 1, answer: '下一版放大' })
    expect((await ask(clerk(world.eastTown1Village1), 'burden.suggestions', {})).rows).toMatchObject([{ id, title: '月报字段太小', answer: '下一版放大', text: null, unitName: null }])
    expect((await ask(reader, 'burden.suggestions', { view: 'mine' })).rows).toMatchObject([{ id, text: '手机上看不清', own: true }])
    await expect(ask(officer(), 'burden.answerSuggestion', { id, version: 2, answer: '再答' })).rejects.toMatchObject({ code: 'move-not-possible' })
  })
})
