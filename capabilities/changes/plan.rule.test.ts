import fc from 'fast-check'
import { expect, test } from 'vitest'
import { aheadOf, misfitsOf, type Basis } from './plan.ts'

const basis: Basis = {
  places: [
    { code: 'V1', name: '东村', class: 'village', area: 'T1', line: '', management: 'area', under: '甲镇' },
    { code: 'V2', name: '西村', class: 'village', area: 'T1', line: '', management: 'area', under: '甲镇' },
  ],
  becomes: [{ code: 'V1', name: '东村', becomes: 'ended', note: '合村' }, { code: 'V3', name: '合村', becomes: 'created', note: '' }],
  below: ['B1', 'B2'],
  bodies: ['专班：东村 → 合村'],
}

test('what holds today or before is made; what lies ahead is prepared, all of it for one day and not for another century', () => {
  expect(aheadOf([{ on: '2018-07-02' }, { on: '2018-01-01' }], '2018-07-02')).toEqual({ on: undefined, wrong: [] })
  expect(aheadOf([{ on: '2019-01-01' }, { on: '2019-01-01' }], '2018-07-02')).toEqual({ on: '2019-01-01', wrong: [] })
  expect(aheadOf([{ on: '2018-07-01' }, { on: '2019-01-01' }], '2018-07-02').wrong).toMatchObject([{ code: 'change-dates-differ', path: 'changes.0.on' }])
  expect(aheadOf([{ on: '2109-01-01' }], '2018-07-02').wrong).toMatchObject([{ code: 'change-too-far', path: 'changes.0.on' }])
})

test('a plan fits the structure it was confirmed on, and every difference is named', () => {
  expect(misfitsOf(basis, structuredClone(basis))).toEqual([])
  const renamed = { ...basis, places: basis.places.map((one) => (one.code === 'V2' ? { ...one, name: '新西村' } : one)) }
  expect(misfitsOf(basis, renamed)).toEqual([{ what: 'place', code: 'V2', was: '西村 · 甲镇', now: '新西村 · 甲镇' }])
  const moved = { ...basis, places: basis.places.map((one) => (one.code === 'V1' ? { ...one, area: 'T2', under: '乙镇' } : one)) }
  expect(misfitsOf(basis, moved)).toEqual([{ what: 'place', code: 'V1', was: '东村 · 甲镇', now: '东村 · 乙镇' }])
  expect(misfitsOf(basis, { ...basis, places: basis.places.slice(1), below: ['B2', 'B3'], bodies: [] })).toEqual([
    { what: 'place', code: 'V1', was: '东村 · 甲镇', now: '东村' },
    { what: 'below', gone: ['B1'], come: ['B3'] },
    { what: 'bodies', gone: ['专班：东村 → 合村'], come: [] },
  ])
  // The unit above was renamed: nothing of the change is another.
  expect(misfitsOf(basis, { ...basis, places: basis.places.map((one) => ({ ...one, under: '新甲镇' })) })).toEqual([])
})

test('it never matters in which order units are found', () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(basis.places, { minLength: 2 }), fc.shuffledSubarray(basis.below, { minLength: 2 }), (places, below) => {
      expect(misfitsOf(basis, { ...basis, places, below })).toEqual([])
    }),
  )
})
