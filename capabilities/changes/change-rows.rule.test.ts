import { describe, expect, test } from 'vitest'
import { cellFor, cellName, columns, dateOf, readChanges, type KnownUnits, type Line } from './change-rows.ts'

const unit = (id: number, name: string) => ({ id, name, areaParent: 90, lineParent: null, management: 'area' as const })
const units: KnownUnits = new Map([['01', unit(1, '甲村')], ['02', unit(2, '乙村')], ['03', unit(3, '丙村')], ['90', unit(90, '某镇')]])
const line = (row: number, cells: Partial<Line>): Line => ({ ...(Object.fromEntries(columns.map(({ key }) => [key, ''])) as Omit<Line, 'row'>), ...cells, row })

describe('lines of a workbook become changes', () => {
  test('lines of one group are one change; a code that nobody has, with a name, is a new unit', () => {
    const { changes, rows, wrong } = readChanges(
      [
        line(2, { group: '1', kind: '合并', on: '2018.7.1', fromCode: '01', fromName: '甲村', toCode: '99', toName: '新村' }),
        line(3, { group: '1', fromCode: '02' }),
        line(4, { group: '2', kind: '拆分', on: '2018年7月1日', fromCode: '03', toCode: '97', toName: '上村', share: '0.4' }),
        line(5, { group: '2', toCode: '98', toName: '下村', share: '0.6', main: '是' }),
        line(6, { kind: '更名', on: '43282', fromCode: '90', toName: '新镇' }),
      ],
      units,
    )
    expect(wrong).toEqual([])
    expect(changes).toEqual([
      { kind: 'merge', on: '2018-07-01', units: [1, 2], into: { create: { code: '99', name: '新村' } } },
      { kind: 'split', on: '2018-07-01', unit: 3, main: 1, into: [{ create: { code: '97', name: '上村' }, share: '0.4' }, { create: { code: '98', name: '下村' }, share: '0.6' }] },
      { kind: 'rename', on: '2018-07-01', unit: 90, name: '新镇' },
    ])
    expect(rows.map((group) => group.map((one) => one.row))).toEqual([[2, 3], [4, 5], [6]])
  })

  test('every wrong cell is named, and its change is left out', () => {
    const { changes, wrong } = readChanges(
      [
        line(2, { group: '1', kind: '合拼', on: '七月', fromCode: '77', toCode: '99', toName: '新村' }),
        line(3, { group: '2', kind: '合并', on: '2018-07-01', fromCode: '01', fromName: '乙村', toCode: '02' }),
        line(4, { group: '2', fromCode: '02', toCode: '03' }),
        line(5, { kind: '撤销', on: '2018-13-01', fromCode: '01' }),
      ],
      units,
    )
    expect(changes).toEqual([])
    expect(wrong.map((one) => [cellName(one), one.code])).toEqual([
      ['B2', 'sheet-kind'], ['C2', 'sheet-date'], ['F4', 'sheet-to-differs'], ['E3', 'sheet-name'], ['C5', 'sheet-date'], ['F5', 'sheet-missing'],
    ])
  })

  test('what the structure refuses is shown at its cell', () => {
    const group = [line(7, {}), line(8, {})]
    expect([cellName(cellFor('units.1', group)), cellName(cellFor('on', group)), cellName(cellFor('into.create.code', group)), cellName(cellFor('', group))]).toEqual(['D8', 'C7', 'F7', 'D7'])
  })

  test('dates as offices write them', () => {
    expect(['2018-06-29', '2018.6.29', '2018/06/29', '2018年6月29日', '43280', '6月29日', '2018-02-30'].map(dateOf)).toEqual(['2018-06-29', '2018-06-29', '2018-06-29', '2018-06-29', '2018-06-29', undefined, undefined])
  })
})
