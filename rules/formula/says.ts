/** What is wrong with a formula, in plain words: for the editor, the pack tool and the API alike. */
import type { FormulaExpected } from './ast.ts'

/** The facts of a Problem `formula-invalid`. */
export type FormulaFacts = {
  at: number
  length: number
  expected: FormulaExpected
  found: string
  near?: readonly string[]
  least?: number
  most?: number
  type?: string
}

type Words = { zh: string; en: string }

const typeNames: Record<string, Words> = {
  number: { zh: '数', en: 'a number' },
  money: { zh: '金额', en: 'money' },
  text: { zh: '文字', en: 'text' },
  date: { zh: '日期', en: 'a date' },
  yesNo: { zh: '是否', en: 'yes or no' },
  choice: { zh: '选项', en: 'a choice' },
  table: { zh: '表格', en: 'a table' },
}

/** @returns a type of the formula language as people say it */
export function typeName(type: string): Words {
  return typeNames[type] ?? { zh: type, en: type }
}

type Say = (facts: FormulaFacts & { foundZh: string; foundEn: string }) => Words

const it = (zh: string, en: string): Say => ({ foundZh, foundEn }) => ({ zh: `${zh}，这里是${foundZh}`, en: `${en}, this is ${foundEn}` })
const only = (zh: string, en: string): Say => () => ({ zh, en })

const sentences: Record<FormulaExpected, Say> = {
  value: only('这里缺一个字段、数、文字或函数', 'a field, a number, a text or a function is missing here'),
  'operator-or-end': ({ found }) => ({ zh: `“${found}”前面缺运算符（+ - * / = and …）`, en: `an operator (+ - * / = and …) is missing before “${found}”` }),
  'closing-bracket': only('缺逗号或右括号', 'a comma or a closing bracket is missing'),
  'closing-quote': only('文字缺右引号', 'the closing quote of the text is missing'),
  'known-character': ({ found }) => ({ zh: `公式里不能用“${found}”`, en: `“${found}” cannot stand in a formula` }),
  'shorter-formula': ({ most }) => ({ zh: `公式太长，最多 ${most} 个字符`, en: `the formula is too long: at most ${most} characters` }),
  'less-nesting': ({ most }) => ({ zh: `括号套得太深，最多 ${most} 层`, en: `brackets are nested too deeply: at most ${most} levels` }),
  'shorter-number': only('数太长：整数最多 30 位，小数最多 20 位', 'the number is too long: at most 30 digits before the point and 20 after it'),
  'whole-fen': only('金额最多两位小数', 'an amount of money has at most two decimals'),
  'known-name': ({ found, near }) => ({
    zh: `没有字段“${found}”${near?.length ? `，是不是 ${near.join('、')}` : ''}`,
    en: `there is no field “${found}”${near?.length ? `; perhaps ${near.join(', ')}` : ''}`,
  }),
  'known-function': ({ found, near }) => ({
    zh: `没有函数“${found}”${near?.length ? `，是不是 ${near.join('、')}` : ''}`,
    en: `there is no function “${found}”${near?.length ? `; perhaps ${near.join(', ')}` : ''}`,
  }),
  arguments: ({ least, most, found }) => {
    const many = (most ?? 0) > 1000
    return {
      zh: `参数个数不对：应有 ${least === most ? least : many ? `${least} 个以上` : `${least} 到 ${most} 个`}，现有 ${found} 个`,
      en: `it takes ${least === most ? least : many ? `${least} or more` : `${least} to ${most}`} values, and has ${found}`,
    }
  },
  number: it('这里要数或金额', 'a number or money is needed'),
  'plain-number': it('这里要普通的数，金额不行', 'a plain number is needed, not money'),
  money: it('金额只能和金额相加减、比较（写成 5000元）', 'money goes only with money (write 5000元)'),
  text: it('这里要文字', 'a text is needed'),
  date: it('这里要日期', 'a date is needed'),
  'yes-no': it('这里要一个条件（结果为是或否）', 'a condition is needed (yes or no)'),
  table: it('这里要表格字段', 'a table is needed'),
  column: it('这里要表格中的数字列，如 rows.amount', 'a column of numbers of a table is needed, such as rows.amount'),
  'column-in-sum': ({ found }) => ({ zh: `表格的列要放在合计里：sum(${found})`, en: `a column stands in a sum: sum(${found})` }),
  name: only('这里只能写一个字段名', 'only the name of a field can stand here'),
  'same-type': ({ type, foundZh, foundEn }) => ({ zh: `两边要是同一类：一边是${typeName(type ?? '').zh}，一边是${foundZh}`, en: `both sides must be of one kind: here ${typeName(type ?? '').en} and ${foundEn}` }),
  ordered: it('只有数、金额和日期能比大小', 'only numbers, money and dates are larger or smaller'),
  'one-value': only('整张表格不是一个值，请用 sum(…) 或 count(…)', 'a whole table is no value: use sum(…) or count(…)'),
  places: ({ most }) => ({ zh: `小数位数要写 0 到 ${most} 的整数`, en: `decimals are a whole number from 0 to ${most}` }),
  aggregate: ({ found }) => ({ zh: `汇总公式里“${found}”要放在合计、计数等里面，如 sum(…)、count(…)`, en: `over many records “${found}” stands inside of a sum, count …` }),
  'record-function': ({ found }) => ({ zh: `“${found}”是对许多份填报的汇总，一份填报里不能用`, en: `“${found}” is for many records and cannot stand in the formula of one` }),
  'no-aggregate-inside': only('汇总里面不能再放汇总', 'an aggregate cannot hold another aggregate'),
}

/** @returns what is wrong and what would be right, without the place */
export function formulaSays(facts: FormulaFacts): Words {
  const named = typeName(facts.found)
  const isType = facts.found in typeNames
  const say = sentences[facts.expected] as Say | undefined
  return say?.({ ...facts, foundZh: isType ? named.zh : `“${facts.found}”`, foundEn: isType ? named.en : `“${facts.found}”` }) ?? { zh: facts.expected, en: facts.expected }
}
