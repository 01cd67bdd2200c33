import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { leastPersons, suppressCell, suppressRow, type Cell } from './suppress.ts'

const row = (...members: number[]): Cell[] =>
  members.map((each) => ({ members: String(each), value: String(each * 10) }))
const hidden = (members: number[], totalShown = true) =>
  suppressRow(row(...members), { totalShown }).cells.flatMap(({ suppressed }, at) => (suppressed ? [members[at]] : []))

describe('suppress', () => {
  it('shows an aggregate from three members on, and results of persons from five on', () => {
    expect(suppressCell({ members: '2', value: '80' })).toEqual({ suppressed: true })
    expect(suppressCell({ members: '3', value: '80' })).toEqual({ suppressed: false, members: '3', value: '80' })
    expect(suppressCell({ members: '4', value: '80' }, leastPersons)).toEqual({ suppressed: true })
    expect(suppressCell({ members: '5', value: '80' }, leastPersons).suppressed).toBe(false)
  })

  it('hides the next smallest as well when a total would give a single cell away', () => {
    expect(hidden([9, 2, 4, 7])).toEqual([2, 4])
    expect(hidden([9, 2, 4, 7], false)).toEqual([2])
    expect(hidden([9, 1, 2, 7])).toEqual([1, 2])
    expect(hidden([9, 4, 7])).toEqual([])
  })

  it('does not count an empty cell as a place to hide', () => {
    expect(hidden([9, 2, 0, 7])).toEqual([2, 0, 7])
  })

  it('takes the total away when nothing is left to hide behind', () => {
    expect(suppressRow(row(2), { totalShown: true })).toEqual({ cells: [{ suppressed: true }], totalShown: false })
    expect(suppressRow(row(1, 1), { totalShown: true }).totalShown).toBe(false)
    expect(suppressRow(row(9, 2), { totalShown: true }).totalShown).toBe(true)
  })

  it('never lets fewer than three members be found by subtraction', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(8)), (members) => {
        const shown = suppressRow(row(...members), { totalShown: true })
        const away = members.filter((_, at) => shown.cells[at]!.suppressed)
        for (const cell of shown.cells) if (!cell.suppressed) expect(Number(cell.members)).toBeGreaterThanOrEqual(3)
        if (shown.totalShown && away.length > 0) {
          expect(away.length).toBeGreaterThan(1)
          expect(away.reduce((total, each) => total + each, 0)).toBeGreaterThanOrEqual(3)
        }
      }),
    )
  })
})
