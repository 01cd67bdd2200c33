import type { Content } from '../capabilities/designs/design.ts'

const both = (zh: string, en: string) => ({ zh, en })

/** A made-up word of two signs for each number, so that designs of one test do not look alike. */
const wordOf = (n: number) => String.fromCodePoint(0x6100 + ((n * 37) % 0x300), 0x7200 + ((n * 53) % 0x300))

/**
 * Sample design of the tests: lamps of a village, which nobody asks yet, beside the households that are held.
 * @param n another number gives another kind of lamp, which is no twin of the first
 */
export function lampDesign(code = 'lamps', n = 0): Content {
  const [lamp, broken] = n === 0 ? ['路灯盏数', '坏灯盏数'] : [wordOf(n), wordOf(n + 400)]
  const unit = n === 0 ? '盏' : lamp
  return {
    head: { code, version: '1.0.0', title: both('村路灯', 'Street lamps') },
    sections: {
      dataItems: [
        { code: `${code}Lamps`, name: both(lamp, 'Street lamps'), type: 'number', unit, cycle: 'month', definition: both(`${lamp}亮`, 'Lamps that burn at the end of the month') },
        { code: `${code}Broken`, name: both(broken, 'Broken lamps'), type: 'number', unit, cycle: 'month', definition: both(`${broken}坏`, 'Lamps that do not burn') },
      ],
      forms: [
        {
          code: `${code}-month`, name: both('路灯月报', 'Lamps'), audience: ['village'], cycle: 'month', minutes: 2, expires: '2019-12-31',
          sections: [{ name: both('路灯', 'Lamps'), fields: [{ code: 'lamps', asks: `${code}Lamps`, min: '0' }, { code: 'broken', asks: `${code}Broken`, min: '0' }, { code: 'households', shows: 'households' }] }],
          checks: [{ code: 'broken-in-lamps', holds: 'broken <= 1000', message: both('坏灯太多', 'Too many broken lamps') }],
        },
      ],
      indicators: [{ code: `${code}-share`, name: both('完好率', 'Share that burns'), pillar: 'foundation', form: `${code}-month`, num: 'sum(lamps)', den: 'sum(lamps) + sum(broken)', shown: 'percent', population: both('已报的村', 'Villages that reported') }],
    },
  }
}
