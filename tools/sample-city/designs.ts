import type { Content } from '../../capabilities/designs/design.ts'
import type { Database } from '../../server/db.ts'
import { asPerson } from './as-person.ts'
import { personOf } from './load.sql.ts'

const both = (zh: string, en: string) => ({ zh, en })

/** Street lamps of villages: invented, and asked by nobody else. Households are held already and only shown. */
const lamps: Content = {
  head: { code: 'sample-street-lamps', version: '1.0.0', title: both('村路灯（示例）', 'Street lamps (sample)'), sample: true },
  sections: {
    dataItems: [
      { code: 'streetLamps', name: both('路灯盏数', 'Street lamps'), type: 'number', unit: '盏', cycle: 'quarter', definition: both('季末村里主要道路旁的路灯，不论能否亮', 'Lamps along the main roads at the end of the quarter, burning or not') },
      { code: 'streetLampsBroken', name: both('坏灯盏数', 'Broken lamps'), type: 'number', unit: '盏', cycle: 'quarter', definition: both('上述路灯中季末不亮的', 'Of those, the ones that do not burn') },
    ],
    forms: [
      {
        code: 'sample-street-lamps', name: both('村路灯季报（示例）', 'Street lamps, quarterly (sample)'), purpose: both('安排维修，不作考核', 'To plan repairs; nobody is judged by it'), audience: ['village'], cycle: 'quarter', minutes: 2, expires: '2027-12-31',
        sections: [{ name: both('路灯', 'Lamps'), fields: [{ code: 'households', shows: 'households' }, { code: 'lamps', asks: 'streetLamps', min: '0' }, { code: 'broken', asks: 'streetLampsBroken', min: '0' }, { code: 'burning', computed: 'lamps - broken', name: both('能亮的', 'Burning'), type: 'number', unit: '盏' }] }],
        checks: [{ code: 'broken-in-lamps', holds: 'broken <= lamps', fields: ['broken'], message: both('坏灯多于路灯总数。请核对', 'More broken lamps than there are. Check both figures') }],
      },
    ],
    indicators: [{ code: 'sample-lamps-burning', name: both('路灯完好率（示例）', 'Lamps that burn (sample)'), pillar: 'foundation', form: 'sample-street-lamps', num: 'sum(burning)', den: 'sum(lamps)', population: both('已报季报的村的全部路灯', 'All lamps of the villages that reported'), shown: 'percent' }],
  },
}

/** One design that waits for the burden officer, and one that is still being drawn from a registered form. */
export async function loadDesigns(database: Database, now: Date): Promise<void> {
  const coordinator = await personOf(database.db, 'shengxietiao')
  const { designs } = asPerson(database, coordinator, now)
  const unit = coordinator.grants[0]!.unit
  const { id } = await designs.create({ unit, from: { kind: 'empty', code: lamps.head.code, title: lamps.head.title } })
  const { version } = await designs.save({ id, version: 1, content: lamps })
  await designs.submit({ id, version, note: '替代各县自行发的路灯统计表' })
  await designs.create({ unit, from: { kind: 'form', form: 'township-quarter' } })
}
