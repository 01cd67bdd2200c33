import { describe, expect, it } from 'vitest'
import { Problem } from '../problem.ts'
import { aggregatesOf, evaluateAggregates, isAdditive, leafContribution, leafOffer } from './aggregates.ts'
import { type FieldTypes, type FormulaLevel, type Value, namesIn } from './ast.ts'
import { checkFormula } from './check.ts'
import { completionsAt } from './completions.ts'
import { evaluate } from './evaluate.ts'
import { formatFormula } from './format.ts'
import { parseFormula } from './parse.ts'

const fields: FieldTypes = {
  people: 'number',
  heads: 'number',
  income: 'money',
  'last.income': 'money',
  name: 'text',
  kind: 'choice',
  born: 'date',
  moved: 'date',
  poor: 'yesNo',
  rows: 'table',
  'rows.amount': 'money',
  'rows.area': 'number',
  'rows.note': 'text',
  年收入: 'money',
}

function factsOf(act: () => unknown): Record<string, unknown> {
  try {
    act()
  } catch (error) {
    expect(error).toBeInstanceOf(Problem)
    expect((error as Problem).code).toBe('formula-invalid')
    return (error as Problem).facts
  }
  throw new Error('no problem was thrown')
}

const typeOf = (text: string, level: FormulaLevel = 'record') => checkFormula(parseFormula(text), { fields, level })

describe('the text of a formula', () => {
  it.each([
    ['5万', '50000'],
    ['1.5亿', '150000000'],
    ['80%', '0.8'],
    ['007.50', '7.5'],
    ['5000元', '5000元'],
    ['1.5万元', '15000元'],
    ['0.01元', '0.01元'],
    ['（a＋b）×c÷2', '(a + b) * c / 2'],
    ['a≥1 且 b≤2 或 非 c≠3', 'a >= 1 and b <= 2 or not c <> 3'],
    ['if（a＞0，1，0）', 'if(a > 0, 1, 0)'],
    ['((a)) - (b - c) - d', 'a - (b - c) - d'],
    ['a and (b or c)', 'a and (b or c)'],
    ['not (a and b)', 'not (a and b)'],
    ['-(a + b) * --c', '-(a + b) * --c'],
    ["kind='it''s'", "kind = 'it''s'"],
    ['kind=“低保”', "kind = '低保'"],
    ['last.income/rows.amount', 'last.income / rows.amount'],
    ['sum+1', 'sum + 1'],
    ['5且 b', '5 and b'],
  ])('%s is kept as %s', (typed, canonical) => {
    expect(formatFormula(parseFormula(typed))).toBe(canonical)
    expect(formatFormula(parseFormula(canonical))).toBe(canonical)
  })

  it.each([
    ['', { at: 0, length: 0, expected: 'value', found: '' }],
    ['a +', { at: 3, length: 0, expected: 'value', found: '' }],
    ['a b', { at: 2, length: 1, expected: 'operator-or-end', found: 'b' }],
    ['1 < a < 5', { at: 6, length: 1, expected: 'operator-or-end', found: '<' }],
    ['5万人', { at: 2, length: 1, expected: 'operator-or-end', found: '人' }],
    ['(a', { at: 2, length: 0, expected: 'closing-bracket', found: '' }],
    ['min(a b)', { at: 6, length: 1, expected: 'closing-bracket', found: 'b' }],
    ["a = 'x", { at: 4, length: 2, expected: 'closing-quote', found: "'x" }],
    ['a ; b', { at: 2, length: 1, expected: 'known-character', found: ';' }],
    ['a + 😀', { at: 4, length: 2, expected: 'known-character', found: '😀' }],
    ['0.001元', { at: 0, length: 6, expected: 'whole-fen', found: '0.001元' }],
    ['1'.repeat(31), { at: 0, length: 31, expected: 'shorter-number' }],
    ['x'.repeat(2001), { at: 0, length: 2001, expected: 'shorter-formula', most: 2000 }],
    [`${'('.repeat(51)}a${')'.repeat(51)}`, { at: 51, expected: 'less-nesting', most: 50 }],
    ['-'.repeat(60), { at: 51, expected: 'less-nesting' }],
  ])('%s is refused at the place', (typed, facts) => {
    expect(factsOf(() => parseFormula(typed))).toMatchObject(facts)
  })

  it('takes a sum of many fields, since only brackets count as nesting', () => {
    const text = Array.from({ length: 300 }, (_, index) => `f${index}`).join(' + ')
    expect(namesIn(parseFormula(text))).toHaveLength(300)
  })

  it('reads a hostile text of the longest length at once', () => {
    for (const piece of ['(', '-', 'not ', 'a.', '1.', '((((a', "''", '<>', 'a+', '5亿*']) {
      const text = piece.repeat(2000).slice(0, 2000)
      const start = performance.now()
      try {
        parseFormula(text)
      } catch (error) {
        expect(error).toBeInstanceOf(Problem)
      }
      expect(performance.now() - start).toBeLessThan(500)
    }
  })

  it('says where each part stands', () => {
    const text = ' (a + b) * max(c, 10)'
    const ast = parseFormula(text)
    const textOf = ({ at, length }: { at: number; length: number }) => text.slice(at, at + length)
    if (ast.kind !== 'binary') throw new Error(ast.kind)
    expect([textOf(ast), textOf(ast.left), textOf(ast.right)]).toEqual(['(a + b) * max(c, 10)', 'a + b', 'max(c, 10)'])
  })

  it('lists the names it uses once', () => {
    expect(namesIn(parseFormula('a + b.c * a - max(d, a)'))).toEqual(['a', 'b.c', 'd'])
  })
})

describe('the type of a formula', () => {
  it.each([
    ['people + 1', 'number'],
    ['income + last.income', 'money'],
    ['年收入 * 12', 'money'],
    ['12 * income', 'money'],
    ['income / last.income', 'number'],
    ['income / people', 'money'],
    ['(income - last.income) / last.income', 'number'],
    ['income >= 5000元', 'yesNo'],
    ["kind = '低保' and not poor", 'yesNo'],
    ["born < '1960-01-01'", 'yesNo'],
    ["daysBetween(born, '2018-01-01') / 365", 'number'],
    ['sum(rows.amount)', 'money'],
    ['sum(rows.area) * 2', 'number'],
    ['count(rows)', 'number'],
    ['if(poor, income, 0元)', 'money'],
    ['coalesce(kind, name)', 'text'],
    ['round(people / 3, 2)', 'number'],
    ['round(income / 3)', 'money'],
    ['filled(name) or filled(rows)', 'yesNo'],
    ['length(name)', 'number'],
    ['min(income, last.income)', 'money'],
    ['name', 'text'],
  ])('%s is a %s of a record', (text, type) => {
    expect(typeOf(text)).toBe(type)
  })

  it.each([
    ['sum(people)', 'number'],
    ['sum(income) / sum(people)', 'money'],
    ['sum(sum(rows.amount))', 'money'],
    ["count(kind = '低保') / count()", 'number'],
    ['mean(income)', 'money'],
    ['weightedMean(people, heads)', 'number'],
    ['weightedMean(people, income)', 'number'],
    ['max(if(poor, people, 0))', 'number'],
    ['max(max(people, heads))', 'number'],
    ['latest(name)', 'text'],
    ['round(sum(people) / count() * 100, 1)', 'number'],
    ['if(count() > 0, sum(income), 0元)', 'money'],
  ])('%s is a %s of many records', (text, type) => {
    expect(typeOf(text, 'aggregate')).toBe(type)
  })

  it.each<[string, FormulaLevel, Record<string, unknown>]>([
    ['incme + income', 'record', { at: 0, length: 5, expected: 'known-name', found: 'incme', near: ['income'] }],
    ['zzzzzzzz', 'record', { expected: 'known-name', near: [] }],
    ['__proto__', 'record', { expected: 'known-name', near: [] }],
    ['constructor', 'record', { expected: 'known-name' }],
    ['toString', 'record', { expected: 'known-name' }],
    ['rows.constructor', 'record', { expected: 'known-name' }],
    ['constructor(1)', 'record', { expected: 'known-function' }],
    ['coalese(people, 1)', 'record', { at: 0, length: 7, expected: 'known-function', near: ['coalesce'] }],
    ['income + 5000', 'record', { at: 9, length: 4, expected: 'money', found: 'number' }],
    ['5000 + income', 'record', { at: 7, length: 6, expected: 'plain-number', found: 'money' }],
    ['income * income', 'record', { at: 9, expected: 'plain-number', found: 'money' }],
    ['people / income', 'record', { at: 9, expected: 'plain-number', found: 'money' }],
    ['income > 5000', 'record', { at: 9, expected: 'same-type', found: 'number', type: 'money' }],
    ['name + 1', 'record', { at: 0, expected: 'number', found: 'text' }],
    ['-poor', 'record', { at: 1, expected: 'number', found: 'yesNo' }],
    ['name < kind', 'record', { at: 0, expected: 'ordered' }],
    ["born < 'soon'", 'record', { at: 7, expected: 'same-type' }],
    ['born = name', 'record', { at: 7, expected: 'same-type' }],
    ["born < '2018-02-30'", 'record', { at: 7, expected: 'same-type' }],
    ['people and poor', 'record', { at: 0, expected: 'yes-no', found: 'number' }],
    ['if(people, 1, 2)', 'record', { at: 3, expected: 'yes-no' }],
    ["if(poor, 1, 'x')", 'record', { at: 12, expected: 'same-type', type: 'number' }],
    ['round(people, heads)', 'record', { at: 14, expected: 'places', most: 20 }],
    ['round(income, 2)', 'record', { at: 14, expected: 'places', most: 0 }],
    ['if(poor, 1)', 'record', { expected: 'arguments', found: '2', least: 3, most: 3 }],
    ['rows', 'record', { expected: 'one-value', found: 'table' }],
    ['rows.amount', 'record', { expected: 'column-in-sum' }],
    ['sum(rows.note)', 'record', { at: 4, expected: 'column' }],
    ['sum(people)', 'record', { at: 4, expected: 'column', found: 'people' }],
    ['sum(rows.amout)', 'record', { at: 4, expected: 'known-name', near: ['rows.amount'] }],
    ['count(poor)', 'record', { at: 6, expected: 'table' }],
    ['mean(people)', 'record', { at: 0, length: 4, expected: 'record-function', found: 'mean' }],
    ['count()', 'record', { expected: 'record-function' }],
    ['people', 'aggregate', { expected: 'aggregate', found: 'people' }],
    ['sum(people) + heads', 'aggregate', { at: 14, expected: 'aggregate' }],
    ['peple', 'aggregate', { expected: 'known-name', near: ['people'] }],
    ['sum(mean(people))', 'aggregate', { at: 4, length: 4, expected: 'no-aggregate-inside', found: 'mean' }],
    ['sum(sum(people))', 'aggregate', { at: 4, expected: 'no-aggregate-inside' }],
    ['mean(1 + count())', 'aggregate', { at: 9, expected: 'no-aggregate-inside' }],
    ['filled(sum(people))', 'aggregate', { at: 0, expected: 'aggregate', found: 'filled' }],
    ['sum(rows.amount)', 'aggregate', { at: 4, expected: 'column-in-sum' }],
    ['count(people)', 'aggregate', { at: 6, expected: 'yes-no' }],
    ['latest(people + 1)', 'aggregate', { at: 7, expected: 'name' }],
    ['latest(poor)', 'aggregate', { at: 7, expected: 'number' }],
    ['weightedMean(income, income)', 'aggregate', { at: 21, expected: 'plain-number' }],
    ['count() > 0', 'aggregate', { expected: 'number', found: 'yesNo' }],
    ['sum(people, heads)', 'aggregate', { expected: 'arguments', found: '2' }],
  ])('%s at %s level is refused at the place', (text, level, facts) => {
    expect(factsOf(() => typeOf(text, level))).toMatchObject(facts)
  })

  it('never knows a field whose name reaches into objects, even when it is listed', () => {
    const listed = JSON.parse('{"__proto__":"number","constructor":"number"}') as FieldTypes
    for (const name of Object.keys(listed)) {
      const facts = factsOf(() => checkFormula(parseFormula(name), { fields: listed, level: 'record' }))
      expect(facts).toMatchObject({ expected: 'known-name', near: [] })
    }
  })
})

describe('the value of a formula', () => {
  const values = {
    people: '3',
    heads: '0',
    income: '1000000',
    'last.income': '800000',
    name: '张三（样例）',
    kind: '低保',
    born: '2018-01-01',
    poor: true,
    rows: [{ amount: '150', area: '0.1' }, { amount: '50' }, { amount: null, area: '0.2' }],
  }

  it.each<[string, Value]>([
    ['people + 1', '4'],
    ['0.1 + 0.2', '0.3'],
    ['1 / 3', '0.33333333333333333333'],
    ['people / heads', null],
    ['income / people', '333333.33333333333333333333'],
    ['round(income / people)', '333333'],
    ['round(2.345, 2)', '2.35'],
    ['round(-2.5)', '-3'],
    ['(income - last.income) / last.income', '0.25'],
    ['income >= 1万元', true],
    ['income > 1万元', false],
    ['missing + 1', null],
    ['missing > 1', null],
    ['missing = missing', null],
    ['-heads', '0'],
    ['poor and missing', null],
    ['poor or missing', true],
    ['missing or poor', true],
    ['not poor and missing', false],
    ['missing and not poor', false],
    ['not missing', null],
    ['if(missing, 1, 2)', null],
    ['if(poor, 1, 2 / 0)', '1'],
    ['coalesce(missing, people)', '3'],
    ['coalesce(missing, missing)', null],
    ['min(people, 2, 7)', '2'],
    ['max(people, missing)', null],
    ['abs(-people)', '3'],
    ['sum(rows.amount)', '200'],
    ['sum(rows.area)', '0.3'],
    ['sum(none.amount)', null],
    ['count(rows)', '3'],
    ['filled(name)', true],
    ['filled(missing)', false],
    ['length(name)', '6'],
    ["daysBetween(born, '2018-03-01')", '59'],
    ["born < '2018-01-02'", true],
    ["kind = '低保'", true],
    ["kind <> '低保'", false],
    ['poor = true', true],
    ['constructor', null],
    ['__proto__', null],
  ])('%s is %s', (text, value) => {
    expect(evaluate(parseFormula(text), values)).toBe(value)
  })

  it('finds a value of the last period in a nested record as well', () => {
    expect(evaluate(parseFormula('last.income * 2'), { last: { income: '10' } })).toBe('20')
    const last = { rows: [{ amount: '1' }, { amount: '2' }] }
    expect(evaluate(parseFormula('sum(last.rows.amount)'), { last })).toBe('3')
  })

  it('compares two texts that look like numbers as texts where the fields are known', () => {
    const ast = parseFormula('a = b')
    expect(evaluate(ast, { a: '1.10', b: '1.1' }, { a: 'text', b: 'text' })).toBe(false)
    expect(evaluate(ast, { a: '1.10', b: '1.1' }, { a: 'number', b: 'number' })).toBe(true)
  })

  it('takes a value that is not of the type of its field as missing', () => {
    expect(evaluate(parseFormula('filled(people)'), { people: 'many' }, fields)).toBe(false)
    expect(evaluate(parseFormula('sum(rows.amount)'), { rows: [{ amount: 'much' }] }, fields)).toBeNull()
  })

  it('gives no sum for a table whose cells are all empty, and 0 for a table without rows', () => {
    const ast = parseFormula('sum(rows.amount)')
    expect(evaluate(ast, { rows: [{ amount: '' }] })).toBeNull()
    expect(evaluate(ast, { rows: [] })).toBe('0')
  })

  it('stays quick when a formula multiplies again and again', () => {
    const ast = parseFormula(Array.from({ length: 490 }, () => 'x').join('*'))
    const start = performance.now()
    expect(evaluate(ast, { x: '9'.repeat(60) })).toBeNull()
    expect(evaluate(ast, { x: `1.${'9'.repeat(40)}` })).toBeNull()
    expect(performance.now() - start).toBeLessThan(500)
  })
})

describe('aggregates', () => {
  const textsOf = (text: string) => aggregatesOf(parseFormula(text)).map((each) => `${each.kind}: ${each.text}`)

  it.each([
    ['sum(people)/count()', ['sum: sum(people)', 'count: count()']],
    ['mean(people) + sum( people )', ['sum: sum(people)', 'count: count(filled(people))']],
    ['weightedMean(people, heads)', ['sum: sum(people * heads)', 'sum: sum(heads * if(filled(people), 1, 0))']],
    ['weightedMean(a + b, c)', ['sum: sum((a + b) * c)', 'sum: sum(c * if(filled(a + b), 1, 0))']],
    [
      'if(count(poor) > 5万, max(people), latest(heads))',
      ['count: count(poor)', 'max: max(people)', 'latest: latest(heads)'],
    ],
    ['sum(sum(rows.amount))', ['sum: sum(sum(rows.amount))']],
  ])('%s needs its primitives once', (text, primitives) => {
    expect(textsOf(text)).toEqual(primitives)
  })

  it('keeps sum and count in slots, and the others not', () => {
    const kinds = aggregatesOf(parseFormula('sum(a) + count(b) + min(a) + max(a) + latest(a)'))
    expect(kinds.map(isAdditive)).toEqual([true, true, false, false, false])
    expect(() => leafContribution(kinds[2]!, {})).toThrow('not additive')
    expect(() => leafOffer(kinds[0]!, {})).toThrow('is additive')
    expect(leafOffer(kinds[2]!, { a: '7' })).toBe('7')
    expect(leafOffer(kinds[2]!, {})).toBeNull()
  })

  it.each([
    ['sum(people)', { people: '3' }, '3'],
    ['sum(people)', {}, '0'],
    ['sum(people)', { people: 'many' }, '0'],
    ['sum(sum(rows.amount))', { rows: [{ amount: '5' }, { amount: '6' }] }, '11'],
    ['count()', {}, '1'],
    ['count(people > 2)', { people: '3' }, '1'],
    ['count(people > 2)', { people: '2' }, '0'],
    ['count(people > 2)', {}, '0'],
  ])('a record adds to %s what it has', (text, values, added) => {
    expect(leafContribution(aggregatesOf(parseFormula(text))[0]!, values)).toBe(added)
  })

  it.each<[string, Record<string, string | null>, string | null]>([
    ['sum(a) / count()', { 'sum(a)': '10', 'count()': '4' }, '2.5'],
    ['sum(a) / count()', { 'sum(a)': '0', 'count()': '0' }, null],
    ['mean(a)', { 'sum(a)': '9', 'count(filled(a))': '2' }, '4.5'],
    ['mean(a)', { 'sum(a)': '0', 'count(filled(a))': '0' }, null],
    ['weightedMean(a, b)', { 'sum(a * b)': '9', 'sum(b * if(filled(a), 1, 0))': '3' }, '3'],
    ['coalesce(max(a), 0)', { 'max(a)': null }, '0'],
    ['round(sum(a) / 3, 1)', { 'sum(a)': '1' }, '0.3'],
    ['if(count() > 2, sum(a), -sum(a))', { 'count()': '2', 'sum(a)': '5' }, '-5'],
    ['latest(name)', { 'latest(name)': '样例' }, '样例'],
  ])('%s has a value from its aggregates', (text, aggregates, value) => {
    expect(evaluateAggregates(parseFormula(text), (key) => aggregates[key] ?? null)).toBe(value)
  })
})

describe('what an editor offers', () => {
  const offered = (marked: string, level: FormulaLevel = 'record') => {
    const offset = marked.indexOf('|')
    return completionsAt(marked.replace('|', ''), offset, fields, level)
  }
  const textsOf = (marked: string, level?: FormulaLevel) => offered(marked, level).items.map(({ text }) => text)

  it('offers names and functions that begin with the typed letters first', () => {
    expect(offered('1 + inc|')).toEqual({
      from: 4,
      to: 7,
      items: [
        { text: 'income', insert: 'income', kind: 'name', type: 'money' },
        { text: 'last.income', insert: 'last.income', kind: 'name', type: 'money' },
      ],
    })
    expect(offered('coa|lx + 1')).toMatchObject({ from: 0, to: 5, items: [{ insert: 'coalesce(' }] })
    expect(textsOf('年|')).toEqual(['年收入'])
  })

  it('offers columns in a sum, tables in a count, and only single values in latest', () => {
    expect(textsOf('sum(|')).toEqual(['rows.amount', 'rows.area'])
    expect(textsOf('count(|')).toEqual(['rows'])
    expect(textsOf('latest(ro|', 'aggregate')).toEqual([])
    expect(textsOf('latest(na|', 'aggregate')).toEqual(['name'])
    expect(textsOf('sum(sum(|', 'aggregate')).toEqual(['rows.amount', 'rows.area'])
  })

  it('offers aggregates between aggregates and fields inside them', () => {
    expect(textsOf('wei|', 'aggregate')).toEqual(['weightedMean'])
    expect(textsOf('peo|', 'aggregate')).toEqual([])
    expect(textsOf('sum(peo|', 'aggregate')).toEqual(['people'])
    expect(textsOf('sum(wei|', 'aggregate')).toEqual([])
    expect(textsOf('sum(people) / cou|', 'aggregate')).toEqual(['count'])
  })

  it('offers words after a value, and nothing inside a text or a number', () => {
    expect(textsOf('people |')).toEqual(['and', 'or'])
    expect(textsOf("kind = 'na|")).toEqual([])
    expect(textsOf('12|')).toEqual([])
  })
})
