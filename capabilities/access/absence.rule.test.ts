import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addDays } from '../../rules/civil-date.ts'
import { absenceState, firstDayBack, spanFault } from './absence.ts'

test.each([
  ['2018-07-02', '2018-07-02', undefined],
  ['2018-07-01', '2018-07-05', 'past'],
  ['2018-07-05', '2018-07-04', 'backwards'],
  ['2018-07-02', '2019-07-02', undefined],
  ['2018-07-02', '2019-07-03', 'too-long'],
])('an absence from %s to %s, set on 2 July 2018: %s', (from, to, fault) => {
  expect(spanFault({ from, to }, '2018-07-02')).toBe(fault)
})

const span = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 30 })).map(([start, days]) => ({ from: addDays('2018-07-01', start), to: addDays('2018-07-01', start + days) }))

test('an absence runs on each of its days and on no other', () => {
  fc.assert(
    fc.property(span, fc.integer({ min: -5, max: 100 }), (one, at) => {
      const today = addDays('2018-07-01', at)
      expect(absenceState(one, false, today) === 'running').toBe(today >= one.from && today < firstDayBack(one))
      expect(absenceState(one, true, today)).toBe('over')
    }),
  )
})
