import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readCell, readCode, type CellKind, type RawCell } from './read-cell.ts'

const kinds: Record<string, CellKind> = {
  households: { type: 'number', unit: '户', hedged: false, choices: null },
  people: { type: 'number', unit: '人', hedged: false, choices: null },
  share: { type: 'number', unit: '%', hedged: false, choices: null },
  wan: { type: 'number', unit: '万元', hedged: false, choices: null },
  area: { type: 'number', unit: '平方米', hedged: true, choices: null },
  money: { type: 'money', unit: null, hedged: false, choices: null },
  day: { type: 'date', unit: null, hedged: false, choices: null },
  published: { type: 'yesNo', unit: null, hedged: false, choices: null },
  state: { type: 'choice', unit: null, hedged: false, choices: [{ value: 'rented', name: { zh: '租用', en: 'Rented' } }, { value: 'nonStandard', name: { zh: '不规范', en: 'Below standard' } }] },
  words: { type: 'text', unit: null, hedged: false, choices: null },
}
const text = (value: string): RawCell => ({ kind: 'text', text: value })
const number = (value: string, format?: 'date' | 'percent'): RawCell => ({ kind: 'number', text: value, ...(format ? { format } : {}) })
const read = (kind: string, cell: RawCell | undefined) => {
  const got = readCell(kinds[kind]!, cell)
  return 'bad' in got ? [got.bad.code] : [got.value, ...got.notes.map((note) => note.code)]
}

describe('a cell is read the way it was meant, or refused with the reason', () => {
  test.each<[string, RawCell | undefined, unknown[]]>([
    // empty
    ['households', undefined, [null]],
    ['households', text('  \u3000\u00A0'), [null]],
    // figures
    ['households', number('120'), ['120']],
    ['households', number('0.30000000000000004'), ['0.3']],
    ['households', number('1.2E3'), ['1200']],
    ['households', text('１２０'), ['120']],
    ['households', text('1,234'), ['1234']],
    ['households', text('1，234'), ['1234']],
    ['households', text('12,34'), ['not-a-number']],
    ['households', text('\u00A0120 '), ['120']],
    ['households', text('120户'), ['120']],
    ['households', text('120人'), ['other-unit']],
    ['people', text('120人次'), ['other-unit']],
    ['people', text('1.2万'), ['12000', 'scaled']],
    ['people', text('1.2万人'), ['12000', 'scaled']],
    ['people', text('约120'), ['not-hedged']],
    ['people', text('一百二十'), ['not-a-number']],
    ['people', text('无'), ['not-a-number']],
    ['people', number('1.2345678901234568E+17'), ['digits-lost']],
    ['people', number('43280', 'date'), ['date-in-number']],
    ['people', { kind: 'boolean', value: true }, ['not-a-number']],
    ['wan', text('12.5万'), ['scale-ambiguous']],
    ['wan', number('12.5'), ['12.5']],
    ['area', text('近70万平方米'), [{ value: '700000', approx: 'nearly' }, 'scaled']],
    ['area', text('约 70'), [{ value: '70', approx: 'about' }]],
    // per cent
    ['share', number('0.853', 'percent'), ['85.3', 'percent']],
    ['share', text('85.3%'), ['85.3']],
    ['share', number('85.3'), ['85.3']],
    ['people', number('0.85', 'percent'), ['percent-in-number']],
    ['people', text('85%'), ['percent-in-number']],
    // money
    ['money', number('1234.5'), ['123450']],
    ['money', number('0'), ['0']],
    ['money', number('1234.567'), ['too-precise']],
    ['money', text('1,234.50元'), ['123450']],
    ['money', text('12.5万'), ['12500000', 'scaled']],
    ['money', text('12.5万元'), ['12500000', 'scaled']],
    ['money', text('１．５亿'), ['15000000000', 'scaled']],
    ['money', text('12万5千'), ['not-a-number']],
    ['money', text('约12万'), ['not-hedged']],
    ['money', text('5 kg'), ['other-unit']],
    ['money', number('0.5', 'percent'), ['percent-in-number']],
    // days
    ['day', text('2018.6.29'), ['2018-06-29']],
    ['day', text('2018年6月29日'), ['2018-06-29']],
    ['day', text('2018/6/29'), ['2018-06-29']],
    ['day', text('２０１８－０６－２９'), ['2018-06-29']],
    ['day', text('2018-06-29 00:00:00'), ['2018-06-29']],
    ['day', text('20180629'), ['2018-06-29']],
    ['day', number('43280', 'date'), ['2018-06-29']],
    ['day', number('43280'), ['2018-06-29', 'read-as-date']],
    ['day', text('43280'), ['2018-06-29', 'read-as-date']],
    ['day', number('20180629'), ['2018-06-29', 'read-as-date']],
    ['day', text('2018.2.30'), ['not-a-date']],
    ['day', text('6/29/2018'), ['not-a-date']],
    ['day', text('2018.6'), ['not-a-date']],
    ['day', number('12'), ['not-a-date']],
    // yes and no
    ['published', text('是'), [true]],
    ['published', text(' 否 '), [false]],
    ['published', text('√'), [true]],
    ['published', { kind: 'boolean', value: false }, [false]],
    ['published', number('1'), [true]],
    ['published', text('部分'), ['not-yes-or-no']],
    // choices
    ['state', text('租用'), ['rented']],
    ['state', text('below  Standard'), ['nonStandard']],
    ['state', text('rented'), ['rented']],
    ['state', text('危房'), ['not-a-choice']],
    // texts and codes
    ['words', text(' 有\n两行 '), ['有\n两行']],
    ['words', number('140101001201'), ['140101001201']],
    ['words', number('1.40101E+17'), ['digits-lost']],
    ['words', text('1.40101E+17'), ['digits-lost']],
    ['words', number('43280', 'date'), ['2018-06-29']],
    // formulas
    ['people', { kind: 'number', text: '12', formula: true }, ['12', 'formula']],
    ['people', { kind: 'text', text: '', formula: true }, [null]],
    ['people', { kind: 'none' }, ['formula-without-result']],
    ['people', { kind: 'error', text: '#REF!', formula: true }, ['cell-error']],
  ])('%s: %o → %o', (kind, cell, expected) => {
    expect(read(kind, cell)).toEqual(expected)
  })

  test('every decimal that a spreadsheet can hold exactly is read as itself', () => {
    fc.assert(
      fc.property(fc.integer({ min: -999_999_999_999, max: 999_999_999_999 }), fc.integer({ min: 0, max: 2 }), (whole, digits) => {
        const value = whole / 10 ** digits
        expect(read('households', number(String(value)))[0]).toBe(value === 0 ? '0' : String(value))
        expect(read('money', number(String(value)))[0]).toBe(String(Math.round(value * 100) || 0))
      }),
    )
  })

  test('whatever a cell holds, it is a value or a reason, never an error of the program', () => {
    fc.assert(fc.property(fc.constantFrom(...Object.keys(kinds)), fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('1', '０', '万', '年', '.', ',', '%', '-', 'E', '+', ' ') })), (kind, words) => {
      for (const cell of [text(words), number(words), { kind: 'error', text: words } as const]) expect(readCell(kinds[kind]!, cell)).toBeDefined()
    }))
  })
})

describe('a unit’s code', () => {
  test.each<[RawCell | undefined, unknown]>([
    [text('140101001201'), '140101001201'],
    [text(' １４０１０１００１２０１ '), '140101001201'],
    [number('140101001201'), '140101001201'],
    [text('QH-NY'), 'QH-NY'],
    [undefined, undefined],
    [text(''), undefined],
    [number('1.23456789012345E+17'), { bad: { code: 'digits-lost', facts: { given: '1.23456789012345E+17' } } }],
    [text('1.40101E+11'), { bad: { code: 'digits-lost', facts: { given: '1.40101E+11' } } }],
  ])('%o → %o', (cell, expected) => {
    expect(readCode(cell)).toEqual(expected)
  })
})
