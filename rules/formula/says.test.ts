import { describe, expect, test } from 'vitest'
import { isProblem } from '../problem.ts'
import { formulaExpectations, type FieldTypes, type FormulaLevel } from './ast.ts'
import { checkFormula } from './check.ts'
import { parseFormula } from './parse.ts'
import { formulaSays, type FormulaFacts } from './says.ts'

const fields: FieldTypes = { income: 'money', people: 'number', kind: 'choice', born: 'date', poor: 'yesNo', rows: 'table', 'rows.amount': 'money' }
function said(formula: string, level: FormulaLevel = 'record') {
  try {
    checkFormula(parseFormula(formula), { fields, level })
  } catch (error) {
    if (isProblem(error, 'formula-invalid')) return formulaSays(error.facts as FormulaFacts)
    throw error
  }
  throw new Error('nothing is wrong with it')
}

describe('what is wrong is said in plain words', () => {
  test.each([
    ['incom > 5', '没有字段“incom”，是不是 income', 'there is no field “incom”; perhaps income'],
    ['income > 5', '两边要是同一类：一边是金额，一边是数', 'both sides must be of one kind: here money and a number'],
    ['income + 5', '金额只能和金额相加减、比较（写成 5000元），这里是数', 'money goes only with money (write 5000元), this is a number'],
    ['people +', '这里缺一个字段、数、文字或函数', 'a field, a number, a text or a function is missing here'],
    ['(people', '缺逗号或右括号', 'a comma or a closing bracket is missing'],
    ['people people', '“people”前面缺运算符（+ - * / = and …）', 'an operator (+ - * / = and …) is missing before “people”'],
    ['if(poor, 1)', '参数个数不对：应有 3，现有 2 个', 'it takes 3 values, and has 2'],
    ['rows.amount > 5元', '表格的列要放在合计里：sum(rows.amount)', 'a column stands in a sum: sum(rows.amount)'],
    ['mean(people)', '“mean”是对许多份填报的汇总，一份填报里不能用', '“mean” is for many records and cannot stand in the formula of one'],
  ])('%s', (formula, zh, en) => {
    expect(said(formula)).toEqual({ zh, en })
  })

  test('over many records a field stands inside of an aggregate', () => {
    expect(said('income', 'aggregate').zh).toContain('sum(…)')
  })

  test('every expectation has its words in both languages', () => {
    for (const expected of formulaExpectations) {
      const { zh, en } = formulaSays({ at: 0, length: 1, expected, found: 'x', least: 1, most: 2, type: 'number' })
      expect([expected, zh.length > 3 && zh !== expected, en.length > 3 && en !== expected]).toEqual([expected, true, true])
    }
  })
})
