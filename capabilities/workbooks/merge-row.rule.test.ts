import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ResolvedField } from '../ledgers/form-definition.ts'
import { mapVersion } from './map-version.ts'
import { changesOf, mergeRow } from './merge-row.ts'
import { basesOf, readRowStamp, readStamp, writeRowStamp, writeStamp } from './stamp.ts'

const field = (code: string, more: Partial<ResolvedField> = {}): ResolvedField => ({
  code, item: code, kind: 'asks', name: { zh: code, en: code }, definition: null, help: null, type: 'number', unit: '户', precision: 0, hedged: false,
  required: true, min: null, max: null, choices: null, columns: null, computed: null, section: 0, ...more,
})
const fields = [field('a'), field('b', { type: 'money', unit: null }), field('t', { type: 'text', unit: null })]
const form = { fields }
const merged = (base: Record<string, unknown>, mine: Record<string, unknown>, theirs: Record<string, unknown>, choices = {}) => {
  const { values, conflicts, moved } = mergeRow(fields, changesOf(fields, mine, readRowStamp(writeRowStamp({ b: basesOf(form, base) }))!.b), theirs, { untouched: false, choices })
  return [values.a ?? null, moved.length, conflicts.map(({ mine: m, theirs: t }) => [m, t])]
}

describe('a row comes back and is merged cell by cell', () => {
  test.each([
    ['nobody changed it', '1', '1', '1', ['1', 0, []]],
    ['only the file changed it', '1', '2', '1', ['2', 1, []]],
    ['only the platform changed it', '1', '1', '3', ['3', 0, []]],
    ['both changed it alike', '1', '2', '2', ['2', 0, []]],
    ['both changed it differently', '1', '2', '3', ['2', 1, [['2', '3']]]],
    ['the file emptied it', '1', null, '1', [null, 1, []]],
    ['the same figure, written otherwise', '10', '10.0', '010', ['010', 0, []]],
  ])('%s', (_name, base, mine, theirs, expected) => {
    expect(merged({ a: base }, { a: mine }, { a: theirs })).toEqual(expected)
  })
  test('a choice settles a conflict', () => {
    expect(merged({ a: '1' }, { a: '2' }, { a: '3' }, { a: 'mine' })).toEqual(['2', 1, []])
    expect(merged({ a: '1' }, { a: '2' }, { a: '3' }, { a: 'theirs' })).toEqual(['3', 0, []])
  })
  test('a column that is not in the file changes nothing', () => {
    expect(changesOf(fields, { b: '5' }, { a: '1', b: '5' })).toEqual({})
  })
  test('a row that somebody wrote by hand fills what is empty and asks before it replaces what was typed', () => {
    const changes = changesOf(fields, { a: '2', b: null }, undefined)
    expect(mergeRow(fields, changes, { a: '1', b: '7' }, { untouched: true })).toMatchObject({ values: { a: '2', b: '7' }, conflicts: [] })
    expect(mergeRow(fields, changes, { a: '1' }, { untouched: false }).conflicts).toEqual([{ field: 'a', mine: '2', theirs: '1' }])
  })

  const value = fc.option(fc.integer({ min: 0, max: 5 }).map(String))
  const long = fc.option(fc.string({ maxLength: 400 }))
  const row = fc.record({ a: value, b: value, t: long })
  test('merging is never a loss: it gives mine or theirs, and a conflict only where both moved', () => {
    fc.assert(
      fc.property(row, row, row, (base, mine, theirs) => {
        const changes = changesOf(fields, mine, readRowStamp(writeRowStamp({ b: basesOf(form, base) }))!.b)
        const { values, conflicts } = mergeRow(fields, changes, theirs, { untouched: false })
        const plain = (words: unknown) => (typeof words === 'string' ? words.trim() || null : (words ?? null))
        for (const { code } of fields as { code: 'a' | 'b' | 't' }[]) {
          const [b, m, t] = [plain(base[code]), plain(mine[code]), plain(theirs[code])]
          expect([m, t]).toContain(plain(values[code]))
          expect(conflicts.some((one) => one.field === code)).toBe(m !== b && t !== b && m !== t)
        }
        // Once in, the same file changes nothing any more.
        expect(mergeRow(fields, changes, values, { untouched: false }).moved).toEqual([])
      }),
    )
  })
})

describe('another version of the form', () => {
  test('fields that came or went do not stop the others', () => {
    const to = { fields: [field('a'), field('c'), field('shown', { kind: 'shows' })] }
    expect(mapVersion({ fields: [field('a'), field('gone')] }, to)).toEqual({
      fields: ['a'], added: [{ field: 'c', name: { zh: 'c', en: 'c' } }], removed: [{ field: 'gone', name: { zh: 'gone', en: 'gone' } }], changed: [],
    })
  })
  test.each([
    ['type', field('a', { type: 'text' })],
    ['unit', field('a', { unit: '人' })],
    ['choices', field('a', { choices: [{ value: 'x', name: { zh: '甲', en: 'X' } }] })],
  ] as const)('a changed %s is named', (why, now) => {
    const old = why === 'choices' ? field('a', { choices: [{ value: 'y', name: { zh: '乙', en: 'Y' } }] }) : field('a')
    expect(mapVersion({ fields: [old] }, { fields: [now] }).changed).toEqual([{ field: 'a', name: { zh: 'a', en: 'a' }, why }])
  })
})

test('a stamp is read as it was written; anything else is none', () => {
  const stamp = { form: 'village-month', version: 2, period: '2018-06', layout: 'many' } as const
  expect(readStamp(writeStamp(stamp))).toEqual(stamp)
  for (const text of ['', 'sanji:1 {', 'sanji:1 {}', 'sanji:2 {}', '户数']) expect(readStamp(text)).toBeUndefined()
})
