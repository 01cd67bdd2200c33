import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isExpired, passwordFaults, passwordRules, type PasswordFault, type PasswordRules } from './password.ts'

const li = { username: 'lixiaoyu', pinyin: 'lixiaoyu' }

test.each<[string, PasswordFault[], Partial<PasswordRules>?]>([
  ['Green-River-2018', []],
  ['short-1', ['too-short']],
  ['onlyletterssss', ['too-simple']],
  ['1234567890', ['too-simple', 'too-common']],
  ['Password-123', ['too-common']],
  ['Password-123', [], { notCommon: false }],
  ['my-LiXiaoYu-9', ['has-user-name', 'has-name']],
  ['li-xiao.yu-2020', ['has-name']],
  ['green-river-2018', ['no-mixed-case'], { mixedCase: true }],
  ['GreenRiver2018', ['too-simple'], { classes: 3 }],
  ['Green-River-2018', ['too-short'], { least: 20 }],
])('%s is refused for %j', (password, faults, rules = {}) => {
  expect(passwordFaults(password, li, { ...passwordRules, ...rules })).toEqual(faults)
})

test('a stricter rule never lets a password through that a milder one refuses', () => {
  const rules = fc.record({ least: fc.integer({ min: 8, max: 30 }), classes: fc.integer({ min: 1, max: 3 }), mixedCase: fc.boolean(), notCommon: fc.boolean(), history: fc.constant(0), maxAgeDays: fc.constant(0) })
  fc.assert(
    fc.property(fc.string({ maxLength: 40 }), rules, fc.integer({ min: 0, max: 10 }), (password, mild, more) => {
      const strict = { ...mild, least: mild.least + more, classes: Math.min(3, mild.classes + 1), mixedCase: true, notCommon: true }
      const [few, many] = [passwordFaults(password, li, mild), passwordFaults(password, li, strict)]
      expect(few.every((fault) => many.includes(fault))).toBe(true)
    }),
  )
})

test('a password grows old by days, and never when no age is set', () => {
  const day = 86_400_000
  expect(isExpired(0, 90 * day, { ...passwordRules, maxAgeDays: 90 })).toBe(false)
  expect(isExpired(0, 90 * day + 1, { ...passwordRules, maxAgeDays: 90 })).toBe(true)
  expect(isExpired(0, 9_000 * day, passwordRules)).toBe(false)
})
