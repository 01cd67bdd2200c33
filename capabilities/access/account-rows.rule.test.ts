import fc from 'fast-check'
import { expect, test } from 'vitest'
import { accountColumns, columnOf, findTwice, readRow, type AccountColumn, type TypedCell } from './account-rows.ts'

const row = (typed: Partial<Record<AccountColumn, string | TypedCell>>, hidden = false, at = 5) => {
  const cells = Object.fromEntries(accountColumns.map((column) => [column, typeof typed[column] === 'object' ? typed[column] : { text: typed[column] ?? '' }])) as Record<AccountColumn, TypedCell>
  return readRow({ row: at, hidden, cells })
}
const faults = (...given: Parameters<typeof row>) => row(...given).findings.map(({ column, fault }) => `${column}: ${fault}`)
const good = { username: 'zhangsan', name: '张三', unit: '990121100201' }

test.each<[string, Parameters<typeof row>[0], string[]]>([
  ['a whole row', good, []],
  ['full-width letters and digits, and spaces', { username: ' ＺｈａｎｇＳａｎ ', name: '张　三', unit: '９９０１２１１００２０１' }, []],
  ['a department’s code of letters', { ...good, unit: 'qh-ny' }, []],
  ['nothing typed', {}, ['username: needed', 'name: needed', 'unit: needed']],
  ['a code that lost its leading zero', { ...good, unit: '90121100201' }, ['unit: unit-code-short']],
  ['a code kept as 9.9E+11', { ...good, unit: '9.90121E+11' }, ['unit: unit-code-short']],
  ['a user name with a sign', { ...good, username: 'zhang@san' }, ['username: username-invalid']],
  ['a formula', { ...good, name: { text: '', fault: 'formula' } }, ['name: formula']],
  ['a merged cell', { ...good, unit: { text: '', fault: 'merged' } }, ['unit: merged']],
])('%s', (_what, typed, expected) => {
  expect(faults(typed)).toEqual(expected)
})

test('a hidden row is named instead of being taken unseen', () => {
  expect(faults(good, true)).toEqual(['username: row-hidden'])
})

test('heads are found with stars, spaces and brackets around them, in both languages', () => {
  expect(['用户名*', ' 姓 名 ', '单位代码（必填）', 'User name *', '岗位'].map(columnOf)).toEqual(['username', 'name', undefined, 'username', 'post'])
})

test('of rows with one user name the first counts, and every later one names it', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a1', 'b2', 'C3', 'c3'), { maxLength: 12 }), (names) => {
      const rows = names.map((username, at) => row({ ...good, username }, false, at + 2))
      findTwice(rows)
      const clean = rows.filter(({ findings }) => findings.length === 0)
      expect(new Set(clean.map(({ username }) => username)).size).toBe(clean.length)
      expect(clean.length).toBe(new Set(names.map((name) => name.toLowerCase())).size)
      for (const { row: at, findings } of rows) for (const { facts } of findings) expect(facts.row as number).toBeLessThan(at)
    }),
  )
})
