import { beforeAll, describe, expect, test } from 'vitest'
import { answer } from '../../server/answer.ts'
import { many, run, sql } from '../../server/db.ts'
import { packParts } from '../../server/rooms.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { applyPack } from '../../tools/pack/apply-pack.ts'
import { appliedPacks } from '../../tools/pack/write-pack.ts'
import { burdenContract } from '../burden/burden.contract.ts'
import { burdenAnswers } from '../burden/burden.server.ts'
import { inboxContract } from '../inbox/inbox.contract.ts'
import { inboxAnswers } from '../inbox/inbox.server.ts'
import type { Values } from '../ledgers/ledgers.contract.ts'
import { ledgersContract } from '../ledgers/ledgers.contract.ts'
import { ledgersAnswers } from '../ledgers/ledgers.server.ts'
import { designsContract } from './designs.contract.ts'
import { designsAnswers } from './designs.server.ts'

const own = ownDatabase()
const router = { designs: answer(designsContract, designsAnswers(() => packParts)), ledgers: answer(ledgersContract, ledgersAnswers), burden: answer(burdenContract, burdenAnswers), inbox: answer(inboxContract, inboxAnswers) }
const three = 'three-basics-2018'
const form = 'village-year'
let world: SmallWorld
let ask: ReturnType<typeof asking>
const clerk = (unit: number) => holder(unit, ['record.fill', 'record.read'], '台账')
const officer = () => holder(world.province, ['burden.approve', 'list.read'], '减负')
const open = (unit: number) => ask(clerk(unit), 'ledgers.open', { unit, form, period: '2017' })
const askedIn = async (unit: number) => (await open(unit)).definition.fields.filter((field: { kind: string }) => field.kind === 'asks').map((field: { code: string }) => field.code)

async function upheld(unit: number, field: string, outcome: string) {
  const { id } = await ask(clerk(unit), 'burden.object', { unit, form, field, ground: 'alreadyReported' })
  const { version } = await ask(officer(), 'burden.decideObjection', { id, version: 1, uphold: true, outcome, answer: '属实' })
  return { id, version }
}

beforeAll(async () => {
  ask = asking(router, own.database)
  world = await smallWorld(own.db)
  await applyPack(own.database, new URL(`../../packs/${three}`, import.meta.url).pathname)
  await run(own.db, sql`insert into post (unit_id, kind, title, valid_from) values (${world.province}, 'burdenOfficer', '减负审核岗', '2018-01-01')`)
  await ask(holder(world.province), 'ledgers.openPeriod', { form, period: '2017', audience: { classes: ['village'], within: [world.province] }, due: '2018-07-10' })
}, 120_000)

describe('an upheld objection takes effect below', () => {
  test('the next version without the field is looked at first, made with one press, asked of the village, and public', async () => {
    const unit = world.eastTown1Village1
    const { definition } = await open(unit)
    // A field that no indicator and no other field reads.
    const field = 'premisesRooms'
    expect(definition.fields.map((one: { code: string }) => one.code)).toContain(field)
    const objection = await upheld(unit, field, 'fieldDropped')
    const preview = await ask(officer(), 'designs.objection', { id: objection.id, outcome: 'fieldDropped' })
    expect(preview).toMatchObject({ form, field, findings: [], move: { possible: true }, change: { from: definition.version, to: definition.version + 1 } })
    expect(preview.change.difference.fields).toMatchObject([{ code: field, change: 'removed' }])
    expect(preview.change.burdenBefore.fieldsNew - preview.change.burden.fieldsNew).toBe(1)
    expect(preview.change.burden.minutesMonthOne).toBeLessThan(preview.change.burdenBefore.minutesMonthOne)
    // Looking changes nothing.
    expect(await askedIn(unit)).toContain(field)
    await expect(ask(officer(), 'designs.carryOut', { id: objection.id, version: 1 })).rejects.toMatchObject({ code: 'stale-version' })
    const made = await ask(officer(), 'designs.carryOut', { ...objection })
    expect(made).toMatchObject({ form, formVersion: definition.version + 1, pack: three })
    expect(await askedIn(unit)).not.toContain(field)
    const pack = (await appliedPacks(own.db, three))[0]!
    expect(JSON.stringify((pack.content.sections['forms'] as { code: string }[]).find((one) => one.code === form))).not.toContain(`"${field}"`)
    for (const village of [unit, world.westTown2Village3]) {
      expect((await ask(clerk(village), 'burden.objections', { view: 'decided' })).rows.find((one: { id: number }) => one.id === objection.id)).toMatchObject({ carriedOut: true, carriedVersion: definition.version + 1, carriedOn: '2018-07-02' })
    }
    expect((await ask(clerk(unit), 'inbox.notices', {})).rows).toContainEqual(expect.objectContaining({ kind: 'objectionCarriedOut' }))
    expect((await many<{ kind: string }>(own.db, sql`select kind from event where subject in (${`objection:${objection.id}`}, ${`form:${form}`}, ${`design:${made.design}`}) order by id`)).map((row) => row.kind)).toEqual(['form.asked', 'objection.raised', 'objection.upheld', 'form.approved', 'design.registered', 'objection.carriedOut'])
    await expect(ask(officer(), 'designs.carryOut', { id: objection.id, version: objection.version + 1 })).rejects.toMatchObject({ code: 'move-not-possible' })
  })

  test('a field that an indicator reads is not dropped behind its back: the preview names the indicator, and nothing changes', async () => {
    const unit = world.eastTown1Village2
    const objection = await upheld(unit, 'postsFilled', 'fieldDropped')
    const preview = await ask(officer(), 'designs.objection', { id: objection.id, outcome: 'fieldDropped' })
    expect(preview.move).toMatchObject({ possible: false, why: 'form-invalid' })
    expect(preview.findings.map((finding: { code: string }) => finding.code)).toContain('indicator-breaks')
    await expect(ask(officer(), 'designs.carryOut', { ...objection })).rejects.toMatchObject({ code: 'form-invalid' })
    expect(await askedIn(unit)).toContain('postsFilled')
    expect((await ask(clerk(unit), 'burden.objections', { view: 'decided' })).rows.find((one: { id: number }) => one.id === objection.id)).toMatchObject({ carriedOut: false, carriedVersion: null })
    // With the indicator it can go: both are told, and both are gone.
    const along = await ask(officer(), 'designs.objection', { id: objection.id, outcome: 'fieldDropped', alongIndicators: true })
    expect(along).toMatchObject({ findings: [], move: { possible: true }, gone: [expect.any(String)] })
    expect(await many(own.db, sql`select code from indicator where code = any(${along.gone}::text[])`)).toHaveLength(1)
    await ask(officer(), 'designs.carryOut', { ...objection, alongIndicators: true })
    expect(await askedIn(unit)).not.toContain('postsFilled')
    expect(await many(own.db, sql`select code from indicator where code = any(${along.gone}::text[])`)).toEqual([])
  })

  test('a field held elsewhere is filled from its owner: the form shows it, and the village no longer types it', async () => {
    const unit = world.eastTown1Village3
    const field = 'groupMeetings'
    const objection = await upheld(unit, field, 'prefilled')
    expect((await ask(officer(), 'designs.objection', { id: objection.id, outcome: 'prefilled' })).move).toMatchObject({ possible: false, why: 'choose-owner' })
    await expect(ask(officer(), 'designs.carryOut', { ...objection })).rejects.toMatchObject({ code: 'invalid-input', field: 'shows' })
    const shows = 'groupMeetingsHeld'
    const sections = [{ name: { zh: '一', en: 'One' }, fields: [{ code: shows, asks: shows }] }]
    const { definition } = await open(unit)
    const like = definition.fields.find((one: { code: string }) => one.code === field)
    const item = { code: shows, name: { zh: `${like.name.zh}数`, en: 'Group meetings held' }, type: 'number', unit: like.unit, cycle: 'year', definition: like.definition }
    await ask(holder(world.province), 'ledgers.registerForm', { items: [item], definition: { code: 'group-year', name: { zh: '小组年报', en: 'Groups' }, audience: ['village'], cycle: 'year', minutes: 2, expires: '2019-12-31', sections } })
    await ask(officer(), 'ledgers.approveForm', { code: 'group-year', approve: true })
    expect((await ask(officer(), 'designs.objection', { id: objection.id, outcome: 'prefilled' })).candidates[0]).toMatchObject({ item: shows, ownerForm: 'group-year' })
    const preview = await ask(officer(), 'designs.objection', { id: objection.id, outcome: 'prefilled', shows })
    expect(preview).toMatchObject({ findings: [], move: { possible: true } })
    await ask(holder(world.province), 'ledgers.openPeriod', { form: 'group-year', period: '2017', audience: { classes: ['village'], within: [world.province] }, due: '2018-07-10' })
    const values: Values = { [shows]: '12' }
    await ask(clerk(unit), 'ledgers.submit', { unit, form: 'group-year', period: '2017', formVersion: 1, values, version: 0 })
    await ask(officer(), 'designs.carryOut', { ...objection, shows })
    const now = await open(unit)
    expect(now.definition.fields.find((one: { code: string }) => one.code === field)).toMatchObject({ kind: 'shows', item: shows })
    expect(now.values[field]).toBe('12')
    expect(now.origins[field]).toMatchObject({ from: 'held', form: 'group-year' })
  })

  test('only the officer above everybody who asks the form, and who keeps its pack, makes the version', async () => {
    const unit = world.eastTown2Village1
    const { id, version } = await upheld(unit, 'lectures', 'prefilled')
    const local = holder(world.east, ['burden.approve', 'list.read'], '县减负')
    await run(own.db, sql`update objection set officer_unit = ${world.east} where id = ${id}`)
    expect((await ask(local, 'designs.objection', { id, outcome: 'prefilled', shows: 'groupMeetingsHeld' })).move).toMatchObject({ possible: false, why: 'not-allowed' })
    await expect(ask(local, 'designs.carryOut', { id, version, shows: 'groupMeetingsHeld' })).rejects.toMatchObject({ code: 'not-allowed' })
  })
})
