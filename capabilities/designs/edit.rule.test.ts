import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lampDesign } from '../../tests/designs.ts'
import { villageItems } from '../../tests/forms.ts'
import type { DataItemDefinition } from '../ledgers/form-definition.ts'
import { leafTypesOf } from '../ledgers/form-fields.ts'
import { mergeInto, nextVersion, type Content, type Member } from './design.ts'
import { drawnForm, drawnItem, freeCode, moved, renamedIn, withFieldCode, withItemCode, withSection } from './edit.ts'
import { formDifference } from './form-difference.ts'
import { formulaState, tryOut } from './try-out.ts'

describe('members are moved', () => {
  test('up and down by one; at the ends they stay', () => {
    expect(moved(['a', 'b', 'c'], 2, -1)).toEqual(['a', 'c', 'b'])
    expect(moved(['a', 'b', 'c'], 0, -1)).toEqual(['a', 'b', 'c'])
    expect(moved(['a', 'b', 'c'], 2, 1)).toEqual(['a', 'b', 'c'])
  })
  test('nothing is lost, and moving back gives the list as it was', () => {
    fc.assert(fc.property(fc.array(fc.integer(), { minLength: 1 }), fc.nat(20), fc.constantFrom(-1, 1), (list, at, step) => {
      const there = moved(list, at, step)
      expect([...there].sort()).toEqual([...list].sort())
      if (at < list.length && at + step >= 0 && at + step < list.length) expect(moved(there, at + step, -step)).toEqual(list)
    }))
  })
})

describe('codes', () => {
  test.each([
    ['Street lamps', 'camel', 'streetLamps'], ['Street lamps', 'hyphen', 'street-lamps'], ['路灯', 'camel', 'item'], ['2nd try', 'camel', 'ndTry'],
  ] as const)('%s → %s %s', (english, joined, code) => expect(freeCode(english, new Set(), 'item', joined)).toBe(code))
  test('a taken code gets a number', () => expect(freeCode('lamp', new Set(['lamp', 'lamp2']), 'item')).toBe('lamp3'))

  test.each([
    ['lamps + last.lamps', 'burning + last.burning'], ['lampsNew >= lamps', 'lampsNew >= burning'], ['sum(rows.lamps)', 'sum(rows.lamps)'], ['lamps.amount', 'burning.amount'],
  ])('in %s the name alone is replaced: %s', (formula, wanted) => expect(renamedIn(formula, 'lamps', 'burning')).toBe(wanted))

  test('a field called otherwise is called so in checks, computed fields and indicators of its form, and nowhere else', () => {
    const content = lampDesign('l')
    const other = { ...content.sections.indicators![0]!, code: 'elsewhere', form: 'another' }
    const next = withFieldCode({ ...content, sections: { ...content.sections, indicators: [...content.sections.indicators!, other] } }, 'l-month', 'broken', 'dark')
    expect(JSON.stringify(next.sections.forms)).toContain('"holds":"dark <= 1000"')
    expect(next.sections.indicators!.map((one) => one['den'])).toEqual(['sum(lamps) + sum(dark)', 'sum(lamps) + sum(broken)'])
  })
  test('an item under another code takes its fields along', () => {
    const next = withItemCode(lampDesign('l'), 'lLamps', 'streetLamps')
    const [section] = next.sections.forms![0]!['sections'] as { fields: Member[] }[]
    expect([next.sections.dataItems![0]!['code'], section!.fields[0]!['asks']]).toEqual(['streetLamps', 'streetLamps'])
  })
})

describe('a design is laid over its pack', () => {
  const identity = (_section: string, member: Member) => member['code'] as string
  const members = fc.uniqueArray(fc.record({ code: fc.constantFrom(...'abcdefgh'), n: fc.nat(9) }), { selector: (one) => one.code })
  test('what the design has is there as it says, what only the pack has stays, in its place', () => {
    fc.assert(fc.property(members, members, (applied, drawn) => {
      const { sections, placeIn } = mergeInto({ forms: applied, calendar: { years: [] } }, { forms: drawn }, identity)
      const forms = (sections['forms'] ?? []) as Member[]
      for (const member of drawn) expect(forms).toContainEqual(member)
      for (const member of applied) if (!drawn.some((one) => one.code === member.code)) expect(forms).toContainEqual(member)
      expect(forms).toHaveLength(new Set([...applied, ...drawn].map((one) => one.code)).size)
      forms.forEach((member, at) => expect(placeIn('forms', at)).toBe(drawn.findIndex((one) => one.code === member['code']) === -1 ? undefined : drawn.length > 0 ? drawn.findIndex((one) => one.code === member['code']) : undefined))
      expect(sections['calendar']).toEqual({ years: [] })
    }))
  })
  test('laying it over twice changes nothing more', () => {
    fc.assert(fc.property(members, members, (applied, drawn) => {
      const once = mergeInto({ forms: applied }, { forms: drawn }, identity).sections
      expect(mergeInto(once, { forms: drawn }, identity).sections).toEqual(once)
    }))
  })
  test.each([['1.0.0', '1.0.1'], ['1.9', '1.10'], ['2018', '2019'], ['v1-beta', 'v1-beta.1']])('after %s comes %s', (version, next) => expect(nextVersion(version)).toBe(next))
})

describe('what is half-written can be drawn', () => {
  const items = new Map<string, DataItemDefinition>(villageItems.map((item) => [item.code, item]))
  test('an empty form, a field of an unknown item, a check without a sentence', () => {
    const form = drawnForm({ code: 'x', sections: [{ fields: [{ asks: 'nobody' }, { code: 'households', shows: 'households' }] }], checks: [{ code: 'c', holds: '' }] }, items)
    expect(form.fields.map((field) => [field.code, field.kind, field.type])).toEqual([['field0x0', 'asks', 'text'], ['households', 'shows', 'number']])
    expect(drawnForm({}, items).fields).toEqual([])
    expect(drawnItem({ code: 'a', name: { zh: '甲', en: '' } }).name).toEqual({ zh: '甲', en: '甲' })
  })
  test('a form is not different from itself; a field that goes, comes or is asked otherwise is told', () => {
    const content: Content = lampDesign('l')
    const own = new Map([...items, ...content.sections.dataItems!.map((item) => [String(item['code']), drawnItem(item)] as const)])
    const form = drawnForm(content.sections.forms![0]!, own)
    expect(formDifference(form, structuredClone(form)).same).toBe(true)
    const less = { ...form, fields: form.fields.slice(1).map((field) => ({ ...field, required: !field.required })) }
    expect(formDifference(form, less).fields.map((field) => [field.code, field.change])).toEqual([['broken', 'changed'], ['households', 'changed'], ['lamps', 'removed']])
    expect(formDifference(form, { ...form, fields: form.fields.toReversed() })).toMatchObject({ moved: true, same: false, fields: [] })
  })
  test('a section without members is no section', () => expect(withSection(lampDesign(), 'indicators', []).sections.indicators).toBeUndefined())
})

describe('formulas are tried out', () => {
  const form = drawnForm(lampDesign('l').sections.forms![0]!, new Map([...villageItems, ...lampDesign('l').sections.dataItems!.map(drawnItem)].map((item) => [item.code, item])))
  const fields = leafTypesOf(form)
  const examples = [{ lamps: '10', broken: '2' }, { lamps: '30', broken: null }]
  test.each<[string, unknown]>([
    ['sum(lamps)', '40'], ['count(broken > 1)', '1'], ['count()', '2'], ['mean(lamps)', '20'], ['max(lamps)', '30'], ['min(lamps)', '10'], ['latest(lamps)', '30'], ['sum(lamps) / (sum(broken) - 2)', null], ['sum(lampz)', undefined],
  ])('%s over two records gives %s', (formula, wanted) => expect(tryOut(formula, fields, 'aggregate', examples)).toBe(wanted))
  test('at one record a check holds, does not hold, or cannot be known', () => {
    expect(['broken <= lamps', 'broken > lamps', 'lamps > last.lamps'].map((formula) => tryOut(formula, { ...fields, 'last.lamps': 'number' }, 'record', examples))).toEqual([true, false, null])
  })
  test('a fault has its place and plain words', () => {
    expect(formulaState('lamps >', fields, 'record')).toEqual({ fault: { at: 7, length: 0, says: { zh: '这里缺一个字段、数、文字或函数', en: expect.any(String) } } })
  })
})
