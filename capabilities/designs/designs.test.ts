import { beforeAll, describe, expect, test } from 'vitest'
import { isProblem, type Problem } from '../../rules/problem.ts'
import { answer } from '../../server/answer.ts'
import { many, one, run, sql } from '../../server/db.ts'
import { packParts } from '../../server/rooms.ts'
import { lampDesign } from '../../tests/designs.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { applyPack } from '../../tools/pack/apply-pack.ts'
import { readPackFiles } from '../../tools/pack/read-pack.ts'
import { appliedPacks, packFiles } from '../../tools/pack/write-pack.ts'
import { burdenRulesOf } from '../burden/burden.reads.ts'
import { ledgersContract } from '../ledgers/ledgers.contract.ts'
import { ledgersAnswers } from '../ledgers/ledgers.server.ts'
import { asPack, type Content } from './design.ts'
import { designsContract, type Checked, type Design, type Difference } from './designs.contract.ts'
import { designsAnswers } from './designs.server.ts'
import { unzipPack, zipOf } from './pack-file.ts'

const own = ownDatabase()
const router = { designs: answer(designsContract, designsAnswers(() => packParts)), ledgers: answer(ledgersContract, ledgersAnswers) }
const three = 'three-basics-2018'
let world: SmallWorld
beforeAll(async () => {
  world = await smallWorld(own.db)
  await applyPack(own.database, new URL(`../../packs/${three}`, import.meta.url).pathname)
}, 120_000)

const ask = (who: string, unit: number) => (path: string, input: object): Promise<any> => asking(router, own.database)(holder(unit, undefined, who), path, input)
const author = (path: string, input: object) => ask('设计员', world.province)(`designs.${path}`, input)
const officer = (path: string, input: object) => ask('减负员', world.province)(`designs.${path}`, input)
const open = (id: number): Promise<Design> => author('open', { id })
const refused = (work: Promise<unknown>): Promise<Problem> => work.then(() => Promise.reject(new Error('it was not refused')), (error: unknown) => (isProblem(error) ? error : Promise.reject(error)))

let next = 0
async function draft(change: (content: Content) => void = () => undefined): Promise<{ id: number; version: number; content: Content }> {
  const code = `lamps${next++}`
  const { id } = await author('create', { unit: world.province, from: { kind: 'empty', code, title: { zh: '路灯', en: 'Lamps' } } })
  const content = lampDesign(code, next)
  change(content)
  const { version } = await author('save', { id, version: 1, content })
  return { id, version, content }
}
const check = (id: number): Promise<Checked> => author('check', { id })
async function register(id: number, version: number) {
  const submitted = await author('submit', { id, version })
  return officer('approve', { id, version: submitted.version, number: 'JF-1' })
}

describe('a design is kept while it is drawn', () => {
  test('what was typed is there again, and a second hand learns what the first has saved', async () => {
    const { id, version, content } = await draft()
    expect((await open(id)).content).toEqual(content)
    const other = { ...content, head: { ...content.head, title: { zh: '改了名', en: 'Renamed' } } }
    await ask('另一人', world.province)('designs.save', { id, version, content: other })
    const stale = await refused(author('save', { id, version, content }))
    expect(stale.code).toBe('stale-version')
    expect(stale.facts).toMatchObject({ mine: version, theirs: version + 1, content: other, savedBy: expect.any(String) })
    expect((await open(id)).title.zh).toBe('改了名')
  })

  test('an incomplete design can be kept, but not submitted; each fault has its place', async () => {
    const { id, version } = await draft((content) => {
      content.sections.forms![0]!['minutes'] = undefined
      ;(content.sections.indicators![0] as { num: string }).num = 'sum(lampz)'
    })
    const { findings } = await check(id)
    expect(findings).toContainEqual(expect.objectContaining({ code: 'missing', section: 'forms', path: ['0', 'minutes'] }))
    const problem = await refused(author('submit', { id, version }))
    expect(problem.code).toBe('form-invalid')
    expect(problem.findings.map((finding) => finding.path)).toContain('forms.0.minutes')
  })

  test('a formula that is wrong is told with its place in the text and the nearest names', async () => {
    const { id } = await draft((content) => ((content.sections.forms as any)[0].checks[0].holds = 'brokn <= lamps'))
    const { findings } = await check(id)
    expect(findings).toContainEqual(expect.objectContaining({ code: 'formula-invalid', section: 'forms', path: ['0', 'checks', '0', 'holds'], facts: expect.objectContaining({ at: 0, length: 5, near: ['broken'] }) }))
  })

  test('two fields of one form that ask the same in other words, and a form above a month’s cap by itself, are told', async () => {
    const { id } = await draft((content) => {
      const [lamps] = content.sections.dataItems as any[]
      content.sections.dataItems!.push({ ...lamps, code: `${lamps.code}Again`, name: { zh: `${lamps.name.zh}总数（个数）`, en: 'Again' } })
      ;(content.sections.forms as any)[0].sections[0].fields.push({ code: 'again', asks: `${lamps.code}Again` })
    })
    expect((await check(id)).findings).toContainEqual(expect.objectContaining({ code: 'item-twice', section: 'dataItems', path: ['2'] }))
    const { id: large } = await draft((content) => {
      const code = content.head.code
      // Forty-one fields for a village; the pack's cap is forty.
      const more = Array.from({ length: 39 }, (_, n) => ({ code: `${code}f${n}`, name: { zh: String.fromCodePoint(0x5200 + n * 7, 0x6400 + n * 11), en: `f${n}` }, type: 'yesNo', cycle: 'month', definition: { zh: String.fromCodePoint(0x5200 + n * 7), en: 'x' } }))
      content.sections.dataItems!.push(...more)
      ;(content.sections.forms as any)[0].sections[0].fields.push(...more.map((item) => ({ code: item.code, asks: item.code })))
    })
    expect((await check(large)).findings).toContainEqual(expect.objectContaining({ code: 'above-cap', section: 'forms', path: ['0'], facts: expect.objectContaining({ now: 41, most: 40, class: 'village' }) }))
    const { forms }: Difference = await author('difference', { id: large })
    expect(forms[0]!.caps.find((cap) => cap.cap === 'fieldsMonth')).toMatchObject({ state: 'passed', alone: true })
    // Two numbers, 39 times yes or no, one field that is shown.
    expect(forms[0]!.estimatedMinutes).toBe(8.9)
  })

  test('the rules of the burden are a part of the design like others: weights and caps hold once they are registered', async () => {
    const { id, version } = await draft((content) => (content.sections.burdenRules = [{ documentWeight: 7, fieldsMonth: { village: 45 }, minutesPerField: { number: 2 } }]))
    expect((await check(id)).findings).toEqual([])
    await register(id, version)
    const rules = await burdenRulesOf(own.db)
    expect([rules.documentWeight, rules.fieldsMonth, rules.minutesPerField.number, rules.minutesPerField.text, rules.meetingWeight]).toEqual([7, { village: 45 }, 2, 1, 10])
    const { id: wrong } = await draft((content) => (content.sections.burdenRules = [{ fieldsMonth: { nobody: 5 } }]))
    expect((await check(wrong)).findings).toContainEqual(expect.objectContaining({ code: 'burden-class-unknown', section: 'burdenRules', path: ['0', 'fieldsMonth', 'nobody'] }))
  })

  test('what is behind a red line is found where it stands', async () => {
    const { id } = await draft((content) => ((content.sections.dataItems as any)[0].name.zh = '信教人数'))
    expect((await check(id)).findings.some((finding) => finding.code === 'forbidden-word' && finding.section === 'dataItems' && finding.path[0] === '0')).toBe(true)
  })
})

describe('draft, burden review, registered', () => {
  test('approved by somebody else, the form can be issued, carries the yes, and its pack is applied', async () => {
    const { id, version, content } = await draft()
    const done = await register(id, version)
    expect(done).toMatchObject({ state: 'registered', pack: content.head.code, packVersion: '1.0.0', forms: [{ form: `${content.head.code}-month`, version: 1 }] })
    const form = await one<{ state: string; pack: string; owner_unit: number }>(own.db, sql`select state, pack, owner_unit from form where code = ${`${content.head.code}-month`}`)
    expect(form).toEqual({ state: 'registered', pack: content.head.code, owner_unit: world.province })
    const [pack] = await appliedPacks(own.db, content.head.code)
    expect((pack!.content.sections['forms'] as { approval: object }[])[0]!.approval).toEqual({ by: '减负员', on: '2018-07-02', number: 'JF-1' })
    const kinds = (await many<{ kind: string }>(own.db, sql`select kind from event where subject in (${`design:${id}`}, ${`form:${content.head.code}-month`}) order by id`)).map((row) => row.kind)
    expect(kinds).toEqual(['design.created', 'design.submitted', 'form.approved', 'design.registered'])
    const opened = await ask('下发人', world.province)('ledgers.openPeriod', { form: `${content.head.code}-month`, period: '2018-07', audience: { classes: ['village'], within: [world.province] }, due: '2018-08-10' })
    expect(opened.added).toBe(12)
  })

  test('whoever wrote it, or saved it last, cannot approve it', async () => {
    const { id, version } = await draft()
    const submitted = await author('submit', { id, version })
    expect((await refused(author('approve', { id, version: submitted.version }))).code).toBe('same-person')
  })

  test('sent back, it says why; taken back, it is a draft again; registered, it stays as it is', async () => {
    const { id, version } = await draft()
    let now = await author('submit', { id, version })
    expect((await refused(author('save', { id, version: now.version, content: lampDesign() }))).code).toBe('move-not-possible')
    expect((await refused(officer('sendBack', { id, version: now.version, reason: ' ' }))).code).toBe('reason-needed')
    now = await officer('sendBack', { id, version: now.version, reason: '盏数可以从台账带出' })
    expect(await open(id)).toMatchObject({ state: 'draft', reason: '盏数可以从台账带出' })
    now = await author('submit', { id, version: now.version })
    now = await author('takeBack', { id, version: now.version })
    await register(id, now.version)
    expect((await refused(author('remove', { id, version: (await open(id)).version }))).code).toBe('move-not-possible')
  })

  test('a village cannot tell a designer’s draft from nothing, and a county cannot change what the province keeps', async () => {
    const { id } = await draft()
    expect((await refused(ask('县里', world.east)('designs.open', { id }))).code).toBe('not-allowed')
    expect((await refused(ask('县里', world.east)('designs.create', { unit: world.east, from: { kind: 'form', form: 'village-month' } }))).code).toBe('pack-of-another-unit')
  })
})

describe('similar askings are found before they are issued', () => {
  const asksHouseholds = (name: string) => (content: Content) => {
    Object.assign(content.sections.dataItems![0]!, { name: { zh: name, en: 'Homes' }, unit: '户', definition: { zh: '月末本村户籍户数', en: 'Households' } })
  }

  test('a likely twin wants an answer: the held one, or why it is another thing; the officer reads the answer', async () => {
    const { id, version, content } = await draft(asksHouseholds('农村家庭户'))
    const { findings, twins } = await check(id)
    expect(twins[0]).toMatchObject({ item: content.sections.dataItems![0]!['code'], twins: [{ item: { code: 'households' }, band: 'likely', ownerForm: 'village-month' }, ...twins[0]!.twins.slice(1)] })
    expect(findings).toEqual([expect.objectContaining({ code: 'twin-unanswered', section: 'dataItems', path: ['0'] })])
    expect((await refused(author('submit', { id, version }))).code).toBe('form-invalid')
    const saved = await author('save', { id, version, content, reasons: { [String(content.sections.dataItems![0]!['code'])]: '只数有路灯的户' } })
    expect((await check(id)).findings).toEqual([])
    await author('submit', { id, version: saved.version })
    expect((await officer('check', { id })).twins[0].reason).toBe('只数有路灯的户')
  })

  test('the same thing under another code is refused with its owner’s name, whatever is said', async () => {
    const { id, version, content } = await draft(asksHouseholds('本村户数'))
    const saved = await author('save', { id, version, content, reasons: { [String(content.sections.dataItems![0]!['code'])]: '不一样' } })
    const problem = await refused(author('submit', { id, version: saved.version }))
    expect(problem.code).toBe('item-already-asked')
    expect(problem.facts).toMatchObject({ twin: 'households', form: 'village-month' })
  })

  test('asking a held item by its code is refused as before (one owner)', async () => {
    const { id, version } = await draft((content) => ((content.sections.forms as any)[0].sections[0].fields[2] = { code: 'households', asks: 'households' }))
    expect((await refused(author('submit', { id, version }))).code).toBe('item-already-asked')
  })
})

describe('a registered form is changed by a new design', () => {
  test('before it is registered it says what becomes different and what happens to open returns', async () => {
    const issue = { form: 'village-month', period: '2018-06', audience: { classes: ['village'], within: [world.province] }, due: '2018-07-10' }
    await ask('下发人', world.province)('ledgers.openPeriod', issue)
    const clerk = ask('村里', world.eastTown1Village1)
    await clerk('ledgers.saveDraft', { unit: world.eastTown1Village1, form: 'village-month', period: '2018-06', formVersion: 1, values: { households: '9', memberMeetings: '1' }, version: 0 })

    const { id } = await author('create', { unit: world.province, from: { kind: 'form', form: 'village-month' } })
    const begun = await open(id)
    expect(begun.content.head.code).toBe(three)
    const form = begun.content.sections.forms![0] as any
    const unchanged: Difference = await author('difference', { id })
    expect(unchanged.forms[0]).toMatchObject({ from: 1, to: 1, difference: { same: true }, returns: { open: 12, drafts: 1 } })
    expect(unchanged.others).toEqual([])

    form.sections[1].fields = form.sections[1].fields.filter((field: { code: string }) => field.code !== 'memberMeetings')
    form.checks = form.checks.filter((one: { code: string }) => one.code !== 'members-within-two-months')
    form.minutes = 5
    const saved = await author('save', { id, version: begun.version, content: begun.content })
    const { findings } = await check(id)
    // An indicator reads the field that would go, and a draft holds something in it.
    expect(findings).toEqual([expect.objectContaining({ code: 'indicator-breaks', section: 'forms', path: ['0'], say: expect.objectContaining({ zh: expect.stringContaining('memberMeetings') }) })])
    const losing: Difference = await author('difference', { id })
    expect(losing.forms[0]).toMatchObject({ lost: [{ field: 'memberMeetings', drafts: 1 }], difference: { fields: [{ code: 'memberMeetings', change: 'removed' }] } })
    expect(losing.forms[0]!.burden.fieldsNew).toBe(losing.forms[0]!.burdenBefore!.fieldsNew - 1)

    form.sections[1].fields.unshift({ code: 'memberMeetings', asks: 'memberMeetings', min: '0', max: '31' })
    form.sections[1].fields.find((field: { code: string }) => field.code === 'affairsPublished').required = false
    const again = await author('save', { id, version: saved.version, content: begun.content })
    expect((await check(id)).findings).toEqual([])
    const told: Difference = await author('difference', { id })
    expect(told.forms[0]).toMatchObject({
      form: 'village-month', from: 1, to: 2, overtaken: false,
      difference: { same: false, head: [{ what: 'minutes', from: 6, to: 5 }], fields: [{ code: 'affairsPublished', change: 'changed', leaves: [{ what: 'required', from: true, to: false }] }] },
      returns: { open: 12, drafts: 1, sentBack: 0, waiting: 0, accepted: 0 }, lost: [],
    })

    const done = await register(id, again.version)
    expect(done).toMatchObject({ packVersion: '1.0.1', forms: [{ form: 'village-month', version: 2 }] })
    // Nothing else of the pack has moved.
    const versions = await many<{ form: string; n: number }>(own.db, sql`select form, count(*)::int as n from form_version group by form having count(*) > 1`)
    expect(versions).toEqual([{ form: 'village-month', n: 2 }])
    expect((await one<{ n: number }>(own.db, sql`select count(*)::int as n from indicator where pack = ${three}`)).n).toBeGreaterThan(20)
    expect((await one<{ state: string }>(own.db, sql`select state from form where code = 'village-month'`)).state).toBe('issued')
    // The begun return is now filled in the new version and keeps what was typed.
    const page = await clerk('ledgers.open', { unit: world.eastTown1Village1, form: 'village-month', period: '2018-06' })
    expect(page).toMatchObject({ definition: { version: 2 }, values: { households: '9', memberMeetings: '1' } })
  })

  test('opened before somebody else’s change was registered, a design says that it is overtaken', async () => {
    const first = await author('create', { unit: world.province, from: { kind: 'form', form: 'township-quarter' } })
    const second = await author('create', { unit: world.province, from: { kind: 'form', form: 'township-quarter' } })
    const begun = await open(first.id)
    ;(begun.content.sections.forms![0] as any).minutes = 7
    const saved = await author('save', { id: first.id, version: begun.version, content: begun.content })
    await register(first.id, saved.version)
    expect((await author('difference', { id: second.id })).forms[0]).toMatchObject({ overtaken: true, from: 2 })
  })

  test('an item that changes reaches the other forms of its pack that name it', async () => {
    const { id } = await author('create', { unit: world.province, from: { kind: 'form', form: 'village-month' } })
    const begun = await open(id)
    ;(begun.content.sections.dataItems as any).find((item: { code: string }) => item.code === 'households').name = { zh: '户籍户数', en: 'Registered households' }
    const saved = await author('save', { id, version: begun.version, content: begun.content })
    await register(id, saved.version)
    const definition = await one<{ names: string[] }>(own.db, sql`select array_agg(x->'name'->>'zh') as names from form f join form_version v on v.form = f.code and v.version = f.current_version cross join lateral jsonb_array_elements(v.definition->'fields') x where f.code = 'village-year' and x->>'item' = 'households'`)
    expect(definition.names).toEqual(['户籍户数'])
  })
})

describe('what the page makes and what a pack file says are one thing', () => {
  const exported = (content: { head: unknown; sections: object }) => packFiles({ head: content.head, sections: content.sections as never }, packParts)
  const ofDesign = ({ head, sections }: Content) => exported({ head, sections: asPack(sections) })

  test('a pack opened in the designer and exported without a change gives the same bytes as the pack itself', async () => {
    const { id } = await author('create', { unit: world.province, from: { kind: 'pack', pack: three } })
    const [pack] = await appliedPacks(own.db, three)
    const whole = exported(pack!.content)
    const opened = ofDesign((await open(id)).content)
    expect([...opened.keys()]).toContain('forms/village-year.yaml')
    for (const [path, text] of opened) expect([path, text]).toEqual([path, whole.get(path)])
    expect((await check(id)).findings).toEqual([])
  })

  test('export, upload, export again: byte for byte, as a zip too', async () => {
    const { id } = await draft()
    const files = ofDesign((await open(id)).content)
    const zip = zipOf(files)
    const created = await author('create', { unit: world.province, from: { kind: 'file', zip: Buffer.from(zip).toString('base64') } })
    expect(Buffer.from(zipOf(ofDesign((await open(created.id)).content))).equals(Buffer.from(zip))).toBe(true)
  })

  test('registered in the page, exported, applied by the command line: nothing changes, and the export is the same', async () => {
    const { id, version, content } = await draft()
    await register(id, version)
    const before = exported((await appliedPacks(own.db, content.head.code))[0]!.content)
    const applied = await applyPack(own.database, await readPackFiles(before, packParts))
    for (const part of Object.values(applied.parts)) expect([part.added, part.changed, part.removed]).toEqual([[], [], []])
    expect([...(exported((await appliedPacks(own.db, content.head.code))[0]!.content))]).toEqual([...before])
  })

  test('what is no pack is refused in plain words: no zip, a bomb, a zip without pack.yaml, a broken file with its line', async () => {
    const upload = (bytes: Uint8Array) => refused(author('create', { unit: world.province, from: { kind: 'file', zip: Buffer.from(bytes).toString('base64') } }))
    expect((await upload(Buffer.from('%PDF-1.4'))).code).toBe('not-a-pack-file')
    expect((await upload(zipOf(new Map([['big.yaml', 'x'.repeat(5_000_000)]])))).code).toBe('too-large')
    expect((await upload(zipOf(new Map([['forms.yaml', '[]']])))).code).toBe('not-a-pack-file')
    const broken = await upload(zipOf(new Map([['p/pack.yaml', 'code: p\nversion: "1"\ntitle: { zh: 一, en: One }\n'], ['p/forms.yaml', '- code: a\n  name: { zh: x\n']])))
    expect(broken.code).toBe('not-a-pack-file')
    expect(broken.findings[0]!.path).toMatch(/^forms\.yaml:\d+:\d+$/)
  })

  test('only what can be designed is taken from an upload: posts and units stay with the pack keeper', async () => {
    const zip = zipOf(new Map([['pack.yaml', 'code: sly\nversion: "1"\ntitle: { zh: 一, en: One }\n'], ['postKinds.yaml', '- code: clerk\n  name: { zh: 台账员, en: Clerk }\n  verbs: [pack.manage]\n']]))
    const { id } = await author('create', { unit: world.province, from: { kind: 'file', zip: Buffer.from(zip).toString('base64') } })
    expect((await open(id)).content.sections).toEqual({})
    expect((await check(id)).findings.map((finding) => finding.code)).toEqual(['design-empty'])
  })

  test('a form that was registered without a pack is written as one that means the same', async () => {
    await run(own.db, sql`update form set pack = null where code = 'community-month'`)
    await run(own.db, sql`update pack set content = jsonb_set(content, '{sections,forms}', (select jsonb_agg(f) from jsonb_array_elements(content->'sections'->'forms') f where f->>'code' <> 'community-month')) where code = ${three}`)
    const { id } = await author('create', { unit: world.province, from: { kind: 'form', form: 'community-month' } })
    const told: Difference = await author('difference', { id })
    expect(told.forms[0]!.difference).toMatchObject({ same: true })
  })
})

test('a zip is read again as it was written, whatever folder stands around it', () => {
  const files = new Map([['pack.yaml', 'code: a'], ['forms/b.yaml', '- 中文']])
  const around = new Map([...files].map(([path, text]) => [`my-county/${path}`, text]))
  expect(unzipPack(zipOf(files))).toEqual({ files })
  expect(unzipPack(zipOf(around))).toEqual({ files })
})
