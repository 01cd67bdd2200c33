import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { verbsOutOfRole } from '../../capabilities/access/admin-roles.ts'
import { IndicatorDefinition } from '../../capabilities/indicators/indicator-definition.ts'
import { checkForm } from '../../capabilities/ledgers/check-form.ts'
import { checkRecord } from '../../capabilities/ledgers/check-record.ts'
import { DataItemDefinition, FormDefinition, resolveForm } from '../../capabilities/ledgers/form-definition.ts'
import { leafTypesOf } from '../../capabilities/ledgers/form-fields.ts'
import { ListTemplateDefinition, ProgrammeDefinition } from '../../capabilities/lists/list-definition.ts'
import { PostKindDefinition, UnitClassDefinition } from '../../capabilities/units/unit-definition.ts'
import { aggregatesOf, evaluateAggregates } from '../../rules/formula/aggregates.ts'
import { checkFormula } from '../../rules/formula/check.ts'
import { evaluate } from '../../rules/formula/evaluate.ts'
import { parseFormula } from '../../rules/formula/parse.ts'
import { one, sql } from '../../server/db.ts'
import type { PackPart } from '../../server/pack.ts'
import { packParts } from '../../server/rooms.ts'
import { ownDatabase } from '../../tests/world.ts'
import { applyPack } from './apply-pack.ts'
import { checkPack } from './check-pack.ts'
import { readPack } from './read-pack.ts'

const folder = fileURLToPath(new URL('../../packs/three-basics-2018', import.meta.url))
const own = ownDatabase()

/** A section whose room reads it later: here it only has to hold to its schema. */
function onlyRead<Section>(name: string, schema: z.ZodType<Section>): PackPart<Section> {
  const apply = () => Promise.resolve({ added: [], changed: [], removed: [], same: 0 })
  return { name, schema, check: () => [], apply }
}
const sections = {
  unitClasses: z.array(UnitClassDefinition),
  postKinds: z.array(PostKindDefinition),
  dataItems: z.array(DataItemDefinition),
  forms: z.array(FormDefinition),
  programmes: z.array(ProgrammeDefinition),
  indicators: z.array(IndicatorDefinition),
  listTemplates: z.array(ListTemplateDefinition),
}
const registered = new Set(packParts.map((part) => part.name))
const parts = [
  ...packParts,
  ...Object.entries(sections)
    .filter(([name]) => !registered.has(name))
    .map(([name, schema]) => onlyRead(name, schema as z.ZodType<unknown>)),
]

const read = await readPack(folder, parts)
const section = <Name extends keyof typeof sections>(name: Name) =>
  sections[name].parse(read.sections[name]) as z.infer<(typeof sections)[Name]>
const items = new Map(section('dataItems').map((item) => [item.code, item]))
const forms = new Map(section('forms').map((form) => [form.code, resolveForm(form, items, 1)]))
const classes = new Set(section('unitClasses').map((one) => one.code))

describe('the pack three-basics-2018', () => {
  it('is applied without a finding, and a second time changes nothing', async () => {
    const checked = await checkPack(own.db, read, parts)
    const told = checked.findings.map(({ file, line, code, id, say }) => `${file}:${line} ${id} ${code} ${say.en}`)
    expect(told).toEqual([])
    expect((await applyPack(own.database, read, { parts })).same).toBe(false)
    expect(await applyPack(own.database, read, { parts })).toMatchObject({ same: true, parts: {} })
    const kept = await one<{ n: number }>(own.db, sql`select count(*)::int as n from form where state = 'registered'`)
    expect(kept.n).toBe(section('forms').length)
  })

  it('gives the same content part by part when only its version goes up', async () => {
    await applyPack(own.database, read, { parts })
    const next = { ...read, head: { ...(read.head as object), version: '1.0.1' }, hash: `${read.hash}-next` }
    const applied = await applyPack(own.database, next, { parts })
    for (const [name, done] of Object.entries(applied.parts)) {
      expect({ name, ...done, same: 0 }).toEqual({ name, added: [], changed: [], removed: [], same: 0 })
    }
  })

  it('lets no post kind hold a verb of an administrator that it is not', () => {
    for (const kind of section('postKinds')) {
      expect([kind.code, verbsOutOfRole(kind.verbs, kind.admin ?? null)]).toEqual([kind.code, []])
      if (kind.admin) expect(kind.verbs).toHaveLength(2)
      expect(kind.verbs.includes('form.register') && kind.verbs.includes('burden.approve')).toBe(false)
    }
  })
})

describe('the forms of the pack', () => {
  it('ask each item once, and name only unit classes that the pack has', () => {
    const owners = new Map<string, { form: string; name: string }>()
    for (const form of section('forms')) {
      expect([form.code, checkForm(form, items, owners)]).toEqual([form.code, []])
      expect(form.audience.filter((one) => !classes.has(one))).toEqual([])
      for (const field of form.sections.flatMap((part) => part.fields)) {
        if (field.asks) owners.set(field.asks, { form: form.code, name: form.name.zh })
      }
    }
    expect([...items.keys()].filter((code) => !owners.has(code))).toEqual([])
  })

  it('cost a village at most eight fields and ten minutes a month', () => {
    const month = forms.get('village-month')!
    expect(month.fields.filter((field) => field.kind === 'asks').length).toBeLessThanOrEqual(8)
    expect(month.minutes).toBeLessThanOrEqual(10)
    for (const form of forms.values()) expect(form.fields.some((field) => field.type === 'file')).toBe(false)
  })

  it('a village month that holds together is let through, and one that does not is told why', () => {
    const month = forms.get('village-month')!
    const good = {
      households: '320', householdsServed: '120', requestsOpen: '2', requestsClosed: '9', requestsOnTime: '8',
      memberMeetings: '1', committeeMeetings: '1', affairsPublished: true,
    }
    const last = { ...good, requestsOpen: '4' }
    const { values, findings } = checkRecord(month, good, { last, held: {} })
    expect(findings.filter((finding) => finding.code !== 'jump')).toEqual([])
    expect(values.requestsReceived).toBe('7')
    const codes = (changed: Record<string, unknown>) =>
      checkRecord(month, { ...good, ...changed }, { last, held: {} })
        .findings.filter((one) => one.code !== 'jump')
        .map((one) => one.code)
    expect(codes({ householdsServed: '321' })).toContain('served-in-households')
    expect(codes({ requestsOnTime: '10' })).toContain('on-time-in-closed')
    expect(codes({ requestsClosed: '1', requestsOnTime: '1' })).toContain('requests-since-last')
    expect(codes({ committeeMeetings: '0' })).toContain('committee-each-month')
  })

  it('a village without income gives one figure, and one with income says by which way', () => {
    const year = forms.get('village-year')!
    const base = {
      incomeTotal: '0', incomeCost: '0', premisesState: 'nonStandard', premisesArea: '180',
      hallSessionsOpen: '48', hallSessionsUsed: '40', postsRequired: '5', postsFilled: '5',
      groupMeetings: '12', lectures: '1',
      peopleInPost: '4', trainedPeople: '4', trainedTimes: '9', trainedFully: '3',
    }
    const errors = (changed: Record<string, unknown>) =>
      checkRecord(year, { ...base, ...changed }, { last: null, held: { households: '320' } }).findings
        .filter((one) => one.level === 'error').map((one) => `${one.field} ${one.code}`)
    expect(errors({})).toEqual([])
    expect(errors({ incomeTotal: '6000000' })).toEqual(['incomeTotal ways-with-income', 'incomeWays ways-with-income'])
    const leased = (amount: string) => errors({ incomeTotal: '6000000', incomeWays: [{ way: 'leasing', amount }] })
    expect(leased('5000000')).toContain('incomeTotal ways-sum')
    expect(leased('6000000')).toEqual([])
    expect(errors({ trainedTimes: '3' })).toContain('trainedTimes times-not-below-people')
    expect(errors({ premisesState: 'none' })).toContain('premisesArea no-premises-no-area')
  })
})

describe('the indicators of the pack', () => {
  const indicators = section('indicators')

  /** The figure of an indicator over records that are given with all their values. */
  function figure(code: string, records: Record<string, unknown>[], part: 'num' | 'den' = 'num') {
    const indicator = indicators.find((one) => one.code === code)!
    const ast = parseFormula(indicator[part]!)
    const types = leafTypesOf(forms.get(indicator.form)!)
    checkFormula(ast, { fields: types, level: 'aggregate' })
    const sums = new Map<string, number>()
    for (const { text, kind, ast: aggregate } of aggregatesOf(ast)) {
      const [arg] = aggregate.args
      const of = (record: Record<string, unknown>) => (arg ? evaluate(arg, record as never, types) : true)
      const each = records.map(of)
      if (kind === 'count') sums.set(text, each.filter((value) => value === true).length)
      else if (kind === 'sum') sums.set(text, each.reduce<number>((total, value) => total + Number(value ?? 0), 0))
      else sums.set(text, Math.max(...each.map(Number)))
    }
    return Number(evaluateAggregates(ast, (text) => String(sums.get(text)), types))
  }

  it('read forms of the pack with formulas that hold, and every share has a population', () => {
    expect(indicators.length).toBeGreaterThanOrEqual(18)
    expect(new Set(indicators.map((one) => one.pillar)).size).toBe(3)
    expect(new Set(indicators.map((one) => one.ordinal)).size).toBe(indicators.length)
    for (const { code, form, num, den, shown, bands } of indicators) {
      const types = leafTypesOf(forms.get(form)!)
      for (const formula of [num, ...(den ? [den] : [])]) {
        const type = checkFormula(parseFormula(formula), { fields: types, level: 'aggregate' })
        expect([code, ['number', 'money']]).toEqual([code, expect.arrayContaining([type])])
      }
      if (shown === 'percent') expect([code, den]).not.toEqual([code, undefined])
      if (bands) expect([code, bands.names.length]).toEqual([code, bands.edges.length + 1])
    }
  })

  it('give both readings of the 63 % of villages without income (trap 1)', () => {
    // Ten villages: 2 without income, 5 in all below 50,000 yuan, 1 at exactly 50,000, 4 above.
    const fen = [0, 0, 100_00, 20_000_00, 49_999_99, 50_000_00, 60_000_00, 80_000_00, 120_000_00, 300_000_00]
    const records = fen.map((income) => ({ incomeTotal: String(income) }))
    const parts = (code: string) => [figure(code, records), figure(code, records, 'den')]
    expect(parts('zero-income-of-all')).toEqual([2, 10])
    expect(parts('zero-income-of-below-50k')).toEqual([2, 5])
    expect(parts('income-from-50k')).toEqual([5, 10])
    const bands = indicators.find((one) => one.code === 'village-income')!.bands!
    const bandOf = (fen: number) => bands.names[bands.edges.filter((edge) => fen >= Number(edge)).length]!.zh
    expect([0, 1, 4_999_999].map(bandOf)).toEqual(['空白', '5万元以下', '5万元以下'])
    expect([5_000_000, 9_999_999, 10_000_000].map(bandOf)).toEqual(['5万元至10万元', '5万元至10万元', '10万元及以上'])
    expect(bands.includes).toBe('upper')
  })

  it('a township’s mean income rests on the villages’ money, not on a mean of means', () => {
    const near = [{ incomeTotal: '10000' }]
    const far = [{ incomeTotal: '40000' }, { incomeTotal: '70000' }]
    const code = 'mean-village-income'
    const mean = (records: Record<string, unknown>[]) => figure(code, records) / figure(code, records, 'den')
    expect([mean(near), mean(far), mean([...near, ...far])]).toEqual([10_000, 55_000, 40_000])
  })

  it('tell formal from effective coverage: of 1,000 eligible, 780 formal and 610 effective', () => {
    const records = [
      { nonPublicEligible: '400', nonPublicCovered: '300', nonPublicEffective: '200' },
      { nonPublicEligible: '600', nonPublicCovered: '480', nonPublicEffective: '410' },
    ]
    const share = (code: string) => figure(code, records) / figure(code, records, 'den')
    expect(share('non-public-coverage')).toBeCloseTo(0.78, 10)
    expect(share('non-public-effective-coverage')).toBeCloseTo(0.61, 10)
  })
})

describe('the lists of the pack', () => {
  const templates = new Map(section('listTemplates').map((list) => [list.code, list]))

  it('hold the 13 heads with 26 items, the 38 items of enterprises, and say that their titles are provisional', () => {
    const counts = (code: string) => {
      const { items } = templates.get(code)!
      return [new Set(items.map((item) => item.head!.zh)).size, items.length]
    }
    expect([counts('two-new-2017-a'), counts('two-new-2017-b')]).toEqual([[7, 15], [6, 11]])
    expect(templates.get('enterprises-2017')!.items).toHaveLength(38)
    for (const code of ['two-new-2017-a', 'two-new-2017-b', 'enterprises-2017']) {
      for (const item of templates.get(code)!.items) expect(item.detail!.zh).toContain('暂拟')
    }
  })

  it('have a list that can be issued as it is: complete items, forms and classes that exist', () => {
    const basics = templates.get('village-basics')!
    expect(basics.items).toHaveLength(6)
    expect(basics.items.filter((item) => item.form).map((item) => item.form)).toEqual(['village-month', 'village-year'])
    for (const list of templates.values()) {
      expect(section('programmes').map((one) => one.code)).toContain(list.programme)
      for (const item of list.items) {
        expect(item.classes.filter((one) => !classes.has(one))).toEqual([])
        const { audience } = forms.get(item.form ?? 'village-month')!
        if (item.form) expect(audience).toEqual(expect.arrayContaining(item.classes))
      }
    }
    expect(basics.items.filter((item) => item.dueWorkingDays === undefined)).toEqual([])
  })

  it('keep phrases whose members the sources do not list as incomplete dictionaries (trap 11)', () => {
    const bundles = new Map(section('programmes')[0]!.bundles.map((bundle) => [bundle.code, bundle]))
    for (const code of ['one-plus-six', 'six-stations-one-platform', 'six-channels']) {
      expect([code, bundles.get(code)!.complete, bundles.get(code)!.members]).toEqual([code, false, []])
    }
    for (const [code, members] of [['three-lists', 3], ['six-bests', 6], ['five-ones', 5]] as const) {
      expect([code, bundles.get(code)!.complete, bundles.get(code)!.members.length]).toEqual([code, true, members])
    }
    expect(bundles.get('five-small')).toMatchObject({ complete: false, members: [], local: [expect.anything()] })
  })
})
