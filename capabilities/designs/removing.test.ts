import { beforeAll, describe, expect, test } from 'vitest'
import { isProblem, type Problem } from '../../rules/problem.ts'
import { answer } from '../../server/answer.ts'
import { many, one, run, sql } from '../../server/db.ts'
import { packParts } from '../../server/rooms.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { applyPack } from '../../tools/pack/apply-pack.ts'
import { appliedPacks } from '../../tools/pack/write-pack.ts'
import { ledgersContract } from '../ledgers/ledgers.contract.ts'
import { ledgersAnswers } from '../ledgers/ledgers.server.ts'
import type { Content, Removable } from './design.ts'
import { designsContract, type Checked, type Difference, type Holding } from './designs.contract.ts'
import { designsAnswers } from './designs.server.ts'

const own = ownDatabase()
const router = { designs: answer(designsContract, designsAnswers(() => packParts)), ledgers: answer(ledgersContract, ledgersAnswers) }
const three = 'three-basics-2018'
let world: SmallWorld
beforeAll(async () => {
  world = await smallWorld(own.db)
  await applyPack(own.database, new URL(`../../packs/${three}`, import.meta.url).pathname)
  await asking(router, own.database)(holder(world.province), 'ledgers.openPeriod', { form: 'village-month', period: '2018-06', audience: { classes: ['village'], within: [world.province] }, due: '2018-07-10' })
}, 120_000)

const as = (who: string) => (path: string, input: object): Promise<any> => asking(router, own.database)(holder(world.province, undefined, who), `designs.${path}`, input)
const [author, officer] = [as('设计员'), as('减负员')]
const refused = (work: Promise<unknown>): Promise<Problem> => work.then(() => Promise.reject(new Error('it was not refused')), (error: unknown) => (isProblem(error) ? error : Promise.reject(error)))

/** A design of the pack with nothing in it but what it takes out. */
async function removing(removed: Content['removed'], sections: Content['sections'] = {}) {
  const { id } = await author('create', { unit: world.province, from: { kind: 'pack', pack: three } })
  const { content } = await author('open', { id })
  const { version } = await author('save', { id, version: 1, content: { head: content.head, sections, removed } })
  return { id, version }
}
async function register({ id, version }: { id: number; version: number }) {
  const submitted = await author('submit', { id, version })
  return officer('approve', { id, version: submitted.version })
}
const holdings = async (id: number, section: Removable): Promise<Holding[]> => (await author('holdings', { id, section })).rows
const packHolds = async (section: string, code: string) => ((await appliedPacks(own.db, three))[0]!.content.sections[section] as { code: string }[]).some((member) => member.code === code)

describe('what is registered can be taken out', () => {
  test('what hangs on it is shown; what is used stops it, with the names of what uses it', async () => {
    const design = await removing({ forms: ['village-month'], dataItems: ['households'] })
    const { findings }: Checked = await author('check', { id: design.id })
    expect(findings.map((finding) => [finding.code, finding.facts['id'], finding.facts['use']])).toEqual(expect.arrayContaining([['still-used', 'village-month', 'indicators'], ['still-used', 'village-month', 'shown']]))
    expect(findings.find((finding) => finding.facts['use'] === 'shown')!.say.zh).toContain('村年报')
    expect((await refused(author('submit', design))).code).toBe('form-invalid')
    const month = (await holdings(design.id, 'forms')).find((row) => row.id === 'village-month')!
    expect(month).toMatchObject({ removed: true, name: { zh: '村月报' } })
    expect(month.uses.find((use) => use.code === 'expected')).toMatchObject({ stops: false, say: { zh: '没有报的 12 份不用再报' } })
    const { sections } = await author('holdings', { id: design.id, section: 'synonyms' })
    expect(sections.map((one: { section: string }) => one.section)).toEqual(['forms', 'dataItems', 'indicators', 'listTemplates', 'programmes', 'synonyms', 'matterKinds', 'calendar'])
  })

  test('an indicator goes, with the targets of units; the officer sees it before, and nobody shows it after', async () => {
    const [indicator] = await many<{ code: string }>(own.db, sql`select code from indicator where pack = ${three} order by code limit 1`)
    const code = indicator!.code
    await run(own.db, sql`insert into indicator_target (indicator, unit_id, year, value) values (${code}, ${world.east}, 2018, 5)`)
    const design = await removing({ indicators: [code] })
    expect((await holdings(design.id, 'indicators')).find((row) => row.id === code)!.uses).toMatchObject([{ code: 'targets', stops: false }])
    const difference: Difference = await author('difference', { id: design.id })
    expect(difference.others).toEqual([{ section: 'indicators', added: [], changed: [], removed: [code] }])
    await register(design)
    expect(await many(own.db, sql`select code from indicator where code = ${code}`)).toEqual([])
    expect(await packHolds('indicators', code)).toBe(false)
    // What is there already gone is told, not passed over.
    const again = await removing({ indicators: [code] })
    expect(((await author('check', { id: again.id })) as Checked).findings).toMatchObject([{ code: 'not-in-pack', facts: { id: code } }])
  })

  test('a form goes together with its indicators, its list templates and the items it alone asks; returns given stay', async () => {
    const form = 'department-year'
    const indicators = (await many<{ code: string }>(own.db, sql`select code from indicator where form = ${form}`)).map((row) => row.code)
    const items = (await many<{ code: string }>(own.db, sql`select code from data_item where owner_form = ${form}`)).map((row) => row.code)
    const templates = (await many<{ code: string }>(own.db, sql`select code from list_template where definition::text like ${`%"form": "${form}"%`}`)).map((row) => row.code)
    expect(items.length).toBeGreaterThan(5)
    const design = await removing({ forms: [form], indicators, dataItems: items, listTemplates: templates })
    expect(((await author('check', { id: design.id })) as Checked).findings).toEqual([])
    await register(design)
    expect(await one(own.db, sql`select state, pack from form where code = ${form}`)).toEqual({ state: 'withdrawn', pack: null })
    expect(await many(own.db, sql`select code from data_item where code = any(${items}::text[])`)).toEqual([])
    expect(await one(own.db, sql`select count(*)::int as versions from form_version where form = ${form}`)).toEqual({ versions: 1 })
    for (const [section, code] of [['forms', form], ['dataItems', items[0]!]] as const) expect(await packHolds(section, code)).toBe(false)
    expect((await refused(asking(router, own.database)(holder(world.province), 'ledgers.openPeriod', { form, period: '2018', audience: { classes: ['department'], within: [world.province] }, due: '2018-12-10' }))).code).toBe('form-not-registered')
  })

  test('words, kinds of matters and a calendar year go; what tasks count by does not', async () => {
    const design = await removing({ synonyms: ['household'], matterKinds: ['facility'], calendar: ['2017'] })
    await register(design)
    expect(await many(own.db, sql`select 1 from synonym_group where code = 'household' union all select 1 from matter_kind where code = 'facility' union all select 1 from calendar_year where year = 2017`)).toEqual([])
    expect(await one(own.db, sql`select count(*)::int as years from calendar_year where year = 2018`)).toEqual({ years: 1 })
  })

  test('a design that names one thing both as drawn and as taken out is told, and two designs of one pack do not undo each other', async () => {
    const [left, right] = [await removing({ synonyms: ['resident'] }), await removing({ synonyms: ['request'] })]
    await register(left)
    await register(right)
    expect(await many(own.db, sql`select code from synonym_group where code in ('resident', 'request')`)).toEqual([])
    // An item that a form of the same design asks cannot go.
    const { content } = await author('open', { id: (await author('create', { unit: world.province, from: { kind: 'form', form: 'village-year' } })).id })
    const both = await removing({ dataItems: ['lectures'] }, { forms: content.sections.forms })
    expect(((await author('check', { id: both.id })) as Checked).findings.map((finding) => finding.code)).toContain('still-used')
  })
})
