import { describe, expect, it } from 'vitest'
import { mayAdd, sameUnit } from './count-units.ts'

describe('count units', () => {
  it('does not take attendances for people', () => {
    expect(sameUnit('人数', '人次')).toBe(false)
    expect(mayAdd('人', '人次')).toBe(false)
    expect(mayAdd('户', '户次')).toBe(false)
    expect(mayAdd('人次', '人次')).toBe(true)
  })

  it('knows the names of one unit', () => {
    expect(sameUnit('人', '名')).toBe(true)
    expect(sameUnit('％', '%')).toBe(true)
    expect(sameUnit(' 场 ', '场')).toBe(true)
    expect(sameUnit('元', '万元')).toBe(false)
  })

  it('never adds percentages', () => {
    expect(sameUnit('%', '百分比')).toBe(true)
    expect(mayAdd('%', '%')).toBe(false)
    expect(mayAdd('‰', '‰')).toBe(false)
    expect(mayAdd('件', '件数')).toBe(true)
  })
})
