import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bandEdges, bandsOf, burdenFigure, capStateOf, monthSpan, readingMinutes } from './meter.ts'

const weights = { meetingWeight: 10, visitWeight: 15, documentWeight: 5 }

describe('the meter', () => {
  test('adds fields, and meetings, visits and documents by their weight (C2, E63)', () => {
    expect(burdenFigure({ typed: 12, meetings: 2, visits: 1, documents: 3 }, weights)).toBe(62)
  })

  test('the burden of two halves is the burden of the whole', () => {
    const load = fc.record({ typed: fc.nat(1000), meetings: fc.nat(50), visits: fc.nat(50), documents: fc.nat(50) })
    fc.assert(fc.property(load, load, (a, b) => {
      const both = { typed: a.typed + b.typed, meetings: a.meetings + b.meetings, visits: a.visits + b.visits, documents: a.documents + b.documents }
      expect(burdenFigure(both, weights)).toBe(burdenFigure(a, weights) + burdenFigure(b, weights))
    }))
  })

  test.each([
    [31, 40, 'free'],
    [32, 40, 'near'],
    [40, 40, 'near'],
    [41, 40, 'passed'],
  ])('%i of a cap of %i is %s: the cap itself is still within it (F-28)', (now, most, state) => {
    expect(capStateOf(now, most, 80)).toBe(state)
  })

  test.each([[5000, 17], [1, 1], [300, 1], [301, 2]])('a document of %i characters takes %i minutes to read at 300 a minute', (characters, minutes) => {
    expect(readingMinutes(characters, 300)).toBe(minutes)
  })

  test('every unit lies in exactly one band', () => {
    fc.assert(fc.property(fc.array(fc.nat(300)), (figures) => {
      const bands = bandsOf(figures)
      expect(bands).toHaveLength(bandEdges.length + 1)
      expect(bands.reduce((a, b) => a + b, 0)).toBe(figures.length)
    }))
    expect(bandsOf([0, 9, 10, 39, 40, 100])).toEqual([2, 1, 0, 1, 1, 0, 1])
  })

  test('a month ends on its last day', () => {
    expect(monthSpan('2018-02')).toEqual({ from: '2018-02-01', to: '2018-02-28' })
    expect(monthSpan('2020-02').to).toBe('2020-02-29')
    expect(monthSpan('2018-12').to).toBe('2018-12-31')
  })
})
