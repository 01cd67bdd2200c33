import { Big } from 'big.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isProblem } from '../problem.ts'
import { aggregatesOf, evaluateAggregates, isAdditive, leafContribution } from './aggregates.ts'
import type { Ast, BinaryOperator, FieldTypes } from './ast.ts'
import { checkFormula } from './check.ts'
import { completionsAt } from './completions.ts'
import { evaluate } from './evaluate.ts'
import { formatFormula } from './format.ts'
import { parseFormula } from './parse.ts'

const nowhere = { at: 0, length: 0 }

function withoutPlaces(ast: Ast): unknown {
  return JSON.parse(JSON.stringify(ast, (key, value) => (key === 'at' || key === 'length' ? undefined : value)))
}

const fields: FieldTypes = {
  a: 'number', b: 'number', 收入: 'money', 'last.收入': 'money', t: 'text', c: 'choice', d: 'date', y: 'yesNo',
  r: 'table', 'r.n': 'number', 'r.m': 'money',
}

const digits = fc.tuple(fc.nat(99_999), fc.nat(99)).map(([whole, part]) => new Big(`${whole}.${part}`).toFixed())
const leaf: fc.Arbitrary<Ast> = fc.oneof(
  digits.map((value) => ({ kind: 'number' as const, value, ...nowhere })),
  fc.nat(999_999).map((fen) => ({ kind: 'money' as const, value: String(fen), ...nowhere })),
  fc.string({ maxLength: 8 }).map((value) => ({ kind: 'text' as const, value, ...nowhere })),
  fc.boolean().map((value) => ({ kind: 'yesNo' as const, value, ...nowhere })),
  fc.constantFrom('a', 'x_1', '收入', 'last.收入', 'sum', 'if', '_')
    .map((name) => ({ kind: 'name' as const, name, ...nowhere })),
)
const operators: BinaryOperator[] = ['or', 'and', '=', '<>', '<', '<=', '>', '>=', '+', '-', '*', '/']

const anyAst = fc.letrec<{ ast: Ast }>((tie) => ({
  ast: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    leaf,
    fc.record({ op: fc.constantFrom(...operators), left: tie('ast'), right: tie('ast') })
      .map(({ op, left, right }) => ({ kind: 'binary' as const, op, left, right, ...nowhere })),
    tie('ast').map((of) => ({ kind: 'negate' as const, of, ...nowhere })),
    tie('ast').map((of) => ({ kind: 'not' as const, of, ...nowhere })),
    fc.record({ name: fc.constantFrom('if', 'max', '合计', 'f.g'), args: fc.array(tie('ast'), { maxLength: 3 }) })
      .map(({ name, args }) => ({ kind: 'call' as const, name, args, ...nowhere })),
  ),
})).ast

/** Texts of record-level formulas that pass the check, by type. */
const typed = fc.letrec<{ number: string; money: string; truth: string; words: string; date: string }>((tie) => {
  const some = { maxDepth: 4 }
  const [n, m, y, w, d] = [tie('number'), tie('money'), tie('truth'), tie('words'), tie('date')]
  const build = (pattern: string, ...parts: fc.Arbitrary<string>[]) =>
    fc.tuple(...parts).map((texts) => texts.reduce((text, part) => text.replace('#', () => part), pattern))
  return {
    number: fc.oneof(
      some, fc.constantFrom('a', 'b', '2', '0', '80%', '3万'),
      build('(# + #)', n, n), build('# * (#)', n, n), build('(#) / (#)', n, n), build('(#) / (#)', m, m),
      build('-(#)', n),
      build('if(#, #, #)', y, n, n), build('round(#, 2)', n), build('min(#, #)', n, n), build('coalesce(#, #)', n, n),
      build('length(#)', w), build('daysBetween(#, #)', d, d), build('abs(#)', n),
      fc.constantFrom('sum(r.n)', 'count(r)'),
    ),
    money: fc.oneof(
      some, fc.constantFrom('收入', 'last.收入', '12.5元', 'sum(r.m)'),
      build('(# - #)', m, m), build('(#) * (#)', m, n), build('(#) / (#)', m, n), build('max(#, #)', m, m),
      build('round(#)', m),
    ),
    truth: fc.oneof(
      some, fc.constantFrom('y', 'true', 'false', 'filled(r)'),
      build('(# and #)', y, y), build('(# or #)', y, y), build('(not #)', y), build('((#) >= (#))', n, n),
      build('((#) = (#))', m, m), build('(# = #)', y, y),
      build('(# <> #)', w, w), build('(# < #)', d, d), build('(# = #)', d, d), build('filled(#)', n),
    ),
    words: fc.oneof(
      some, fc.constantFrom('t', 'c', "'低保'"),
      build('coalesce(#, #)', w, w), build('if(#, #, #)', y, w, w),
    ),
    date: fc.oneof(some, fc.constantFrom('d', 'd'), build('coalesce(#, #)', d, d)),
  }
})
const checked = fc
  .oneof(typed.number, typed.money, typed.truth, typed.words, typed.date)
  .filter((text) => text.length < 1500)

const anyValues = fc.dictionary(
  fc.constantFrom('a', 'b', '收入', 'last.收入', 'last', 't', 'c', 'd', 'y', 'r'),
  fc.oneof(
    fc.anything(), digits, fc.boolean(), fc.constantFrom('2018-02-29', '2018-06-29', '0', '-0.000', '9'.repeat(60)),
    fc.array(fc.oneof(fc.anything(), fc.dictionary(fc.constantFrom('n', 'm'), fc.oneof(digits, fc.anything())))),
  ),
)

describe('formulas of every kind', () => {
  it('the canonical text of a formula reads as the same formula', () => {
    fc.assert(
      fc.property(anyAst, (ast) => {
        const text = formatFormula(ast)
        fc.pre(text.length <= 2000)
        const read = parseFormula(text)
        expect(withoutPlaces(read)).toEqual(withoutPlaces(ast))
        expect(formatFormula(read)).toBe(text)
      }),
      { numRuns: 1000 },
    )
  })

  it('a text of any kind is read or refused with a Problem inside the text, and never fails otherwise', () => {
    const piece = fc.constantFrom(
      'a', '收入', 'last.', '1', '5万', '80%', '3元', '(', ')', '（', '）', ',', '，', '+', '-', '*', '/', '<', '>', '=', '≥',
      '且', ' 或 ', ' not ', ' and ', "'", '“', 'if(', 'sum(', '.', '__proto__', 'constructor(', '😀', '\ud800', '\n', ' ',
    )
    const soup = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(fc.oneof(soup, fc.string({ unit: 'binary', maxLength: 2100 })), fc.nat(100), (text, offset) => {
        for (const level of ['record', 'aggregate'] as const) {
          try {
            checkFormula(parseFormula(text), { fields, level })
          } catch (error) {
            if (!isProblem(error, 'formula-invalid')) throw error
            const { at, length } = error.facts as { at: number; length: number }
            expect(at + length).toBeLessThanOrEqual(text.length)
            expect(at).toBeGreaterThanOrEqual(0)
          }
          const { from, to } = completionsAt(text, offset, fields, level)
          expect(from).toBeLessThanOrEqual(Math.min(offset, text.length))
          expect(to).toBeGreaterThanOrEqual(from)
        }
      }),
      { numRuns: 1500 },
    )
  })

  it('a checked formula has a value of its type or none, whatever the record holds', () => {
    fc.assert(
      fc.property(checked, anyValues, (text, values) => {
        const ast = parseFormula(text)
        const type = checkFormula(ast, { fields, level: 'record' })
        expect(() => evaluate(ast, values)).not.toThrow()
        const value = evaluate(ast, values, fields)
        if (value === null) return
        expect(value).toBeTypeOf(type === 'yesNo' ? 'boolean' : 'string')
        if (type === 'number' || type === 'money') expect(value).toMatch(/^-?\d+(\.\d+)?$/)
      }),
      { numRuns: 1500 },
    )
  })
})

describe('aggregates of every split', () => {
  const optional = fc.option(fc.integer({ min: -5000, max: 5000 }).map((cents) => new Big(cents).div(100).toFixed()))
  const record = fc.record({ a: optional, b: optional, y: fc.option(fc.boolean()) })
  const groups = fc.array(fc.array(record, { maxLength: 6 }), { maxLength: 5 })
  type Row = { a: string | null; b: string | null; y: boolean | null }

  const total = (numbers: Big[]) => numbers.reduce((sum, each) => sum.plus(each), new Big(0))
  const quotient = (num: Big, den: Big) => (den.eq(0) ? null : num.div(den))
  const both = (rows: Row[]) =>
    rows.flatMap(({ a, b }) => (a === null || b === null ? [] : [{ a: new Big(a), b: new Big(b) }]))
  const product = (rows: Row[]) => total(both(rows).map(({ a, b }) => a.times(b)))
  const column = (rows: Row[], name: 'a' | 'b') =>
    rows.flatMap((row) => (row[name] === null ? [] : [new Big(row[name])]))

  // What each formula means, said once more over all records at once and without the language.
  const meanings: Record<string, (rows: Row[]) => Big | null> = {
    'sum(a)': (rows) => total(column(rows, 'a')),
    'sum(a * b) - 2 * sum(b)': (rows) => product(rows).minus(total(column(rows, 'b')).times(2)),
    'count(y) * 100 + count()': (rows) => new Big(rows.filter(({ y }) => y).length * 100 + rows.length),
    'count(a > b)': (rows) => new Big(both(rows).filter(({ a, b }) => a.gt(b)).length),
    'mean(b)': (rows) => quotient(total(column(rows, 'b')), new Big(column(rows, 'b').length)),
    'weightedMean(a, b)': (rows) => quotient(product(rows), total(both(rows).map(({ b }) => b))),
    'count(y or a > 1) / count()': (rows) =>
      quotient(new Big(rows.filter(({ y, a }) => y || (a !== null && new Big(a).gt(1))).length), new Big(rows.length)),
  }

  it.each(Object.keys(meanings))('%s over any split of the records is its value over the whole', (text) => {
    const ast = parseFormula(text)
    checkFormula(ast, { fields, level: 'aggregate' })
    const aggregates = aggregatesOf(ast)
    expect(aggregates.every(isAdditive)).toBe(true)
    fc.assert(
      fc.property(groups, (split) => {
        const slots = new Map<string, string>()
        for (const aggregate of aggregates) {
          const bySplit = split.map((rows) => total(rows.map((row) => new Big(leafContribution(aggregate, row)))))
          slots.set(aggregate.text, total(bySplit).toFixed())
        }
        const value = evaluateAggregates(ast, (key) => slots.get(key) ?? null)
        const meant = meanings[text]!(split.flat())
        expect(value === null).toBe(meant === null)
        if (value !== null && meant !== null) expect(new Big(value).minus(meant).abs().lt('1e-18')).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})
