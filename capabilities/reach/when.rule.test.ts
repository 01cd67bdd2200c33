import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isQuiet, sendAt, tryAgainAt, type Wish } from './when.ts'

const wish: Wish = { mode: 'each', quietFrom: 20, quietTo: 8, digestHour: 8 }
const shanghai = (text: string) => new Date(`${text}:00+08:00`)

describe('when a notice is sent', () => {
  test.each([
    ['in the day at once', wish, '2018-07-02T15:30', '2018-07-02T15:30'],
    ['in the evening when the night is over', wish, '2018-07-02T20:00', '2018-07-03T08:00'],
    ['after midnight the same morning', wish, '2018-07-03T07:59', '2018-07-03T08:00'],
    ['at the end of the quiet hours at once', wish, '2018-07-03T08:00', '2018-07-03T08:00'],
    ['without quiet hours at night too', { ...wish, quietTo: 20 }, '2018-07-02T23:10', '2018-07-02T23:10'],
    ['quiet over noon', { ...wish, quietFrom: 12, quietTo: 14 }, '2018-07-02T12:30', '2018-07-02T14:00'],
    ['in a digest with the next one', { ...wish, mode: 'digest' }, '2018-07-02T08:00', '2018-07-03T08:00'],
    ['in the digest of the same day', { ...wish, mode: 'digest', digestHour: 17 }, '2018-07-02T08:00', '2018-07-02T17:00'],
    ['over the end of a month', { ...wish, mode: 'digest' }, '2018-07-31T09:00', '2018-08-01T08:00'],
  ] as const)('%s', (_name, how, at, then) => {
    expect(sendAt(how as Wish, shanghai(at)).toISOString()).toBe(shanghai(then).toISOString())
  })

  const wishes = fc.record({ mode: fc.constantFrom('each' as const, 'digest' as const), quietFrom: fc.nat(23), quietTo: fc.nat(23), digestHour: fc.nat(23) })
  const moments = fc.integer({ min: 1_500_000_000, max: 1_900_000_000 }).map((seconds) => new Date(seconds * 1000))
  test('never before it was said, never more than a day later, never in the quiet hours', () => {
    fc.assert(fc.property(wishes, moments, (how, at) => {
      const then = sendAt(how, at)
      const later = then.getTime() - at.getTime()
      expect(later).toBeGreaterThanOrEqual(0)
      expect(later).toBeLessThanOrEqual(86_400_000)
      const hour = (then.getUTCHours() + 8) % 24
      if (how.mode === 'each') expect(isQuiet(how, hour)).toBe(false)
      else expect([hour, then.getUTCMinutes()]).toEqual([how.digestHour, 0])
    }))
  })
})

test('what fails is tried again after longer and longer pauses, and given up in the end', () => {
  const now = shanghai('2018-07-02T09:00')
  const pauses = Array.from({ length: 8 }, (_, n) => tryAgainAt(n + 1, now)).map((at) => at && (at.getTime() - now.getTime()) / 60_000)
  expect(pauses).toEqual([1, 5, 15, 60, 240, 720, undefined, undefined])
})
