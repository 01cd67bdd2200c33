import { expect, test } from 'vitest'
import { coverageLine } from './coverage-line.ts'

const villages = Array.from({ length: 12 }, (_, n) => `${n + 1}村`)

test.each([
  [{ reported: 12, expected: 12, missing: [] }, '已报 12，应报 12', 'Reported 12 of 12'],
  [{ reported: 3, expected: 12 }, '已报 3，应报 12（部分数据）', 'Reported 3 of 12 — PARTIAL DATA'],
  [{ reported: 10, expected: 12, missing: villages.slice(0, 2) }, '已报 10，应报 12（部分数据）；缺：1村、2村', 'Reported 10 of 12 — PARTIAL DATA; missing: 1村, 2村'],
  [{ reported: 0, expected: 12, missing: villages }, '已报 0，应报 12（部分数据）；缺：1村、2村、3村、4村、5村、6村、7村、8村、9村、10村 等 12 份', 'Reported 0 of 12 — PARTIAL DATA; missing: 1村, 2村, 3村, 4村, 5村, 6村, 7村, 8村, 9村, 10村 and others, 12 in all'],
])('an export says how much of it is there, and who is missing', (coverage, zh, en) => {
  expect([coverageLine(coverage, 'zh-CN'), coverageLine(coverage, 'en')]).toEqual([zh, en])
})
