import { beforeAll, describe, expect, test } from 'vitest'
import { answer } from '../../server/answer.ts'
import { many, one, sql } from '../../server/db.ts'
import { add } from '../../rules/decimal.ts'
import { villageItems, villageMonth } from '../../tests/forms.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { changesContract, type ChangeInput } from '../changes/changes.contract.ts'
import { changesAnswers } from '../changes/changes.server.ts'
import { registerForm } from '../ledgers/forms.server.ts'
import { ledgersContract } from '../ledgers/ledgers.contract.ts'
import { ledgersAnswers } from '../ledgers/ledgers.server.ts'
import { IndicatorDefinition } from './indicator-definition.ts'
import { indicatorsContract } from './indicators.contract.ts'
import { indicatorsPart } from './indicators.pack.ts'
import { indicatorsAnswers } from './indicators.server.ts'

// Figures of 2018-05, after villages have merged, split and moved in July.
const own = ownDatabase()
const form = villageMonth.code
let world: SmallWorld
let ask: ReturnType<typeof asking>
const me = () => holder(world.province)
const words = (text: string) => ({ zh: text, en: text })
const code = { households: 'households', share: 'covered-share', most: 'most' }

beforeAll(async () => {
  ask = asking({ ledgers: answer(ledgersContract, ledgersAnswers), changes: answer(changesContract, changesAnswers), indicators: answer(indicatorsContract, indicatorsAnswers) }, own.database)
  world = await smallWorld(own.db)
  await registerForm(own.db, villageMonth, villageItems, { state: 'registered', by: 'test', pack: null })
  const common = { pillar: 'foundation' as const, form, population: words('全部村') }
  await indicatorsPart.apply(
    own.db,
    [
      IndicatorDefinition.parse({ ...common, code: code.households, name: words('户数'), num: 'sum(households)', bands: { edges: ['150', '320'], includes: 'upper', names: [words('少'), words('中'), words('多')] } }),
      IndicatorDefinition.parse({ ...common, code: code.share, name: words('覆盖率'), shown: 'percent', num: 'sum(covered)', den: 'sum(households)' }),
      IndicatorDefinition.parse({ ...common, code: code.most, name: words('最多'), num: 'max(households)' }),
    ],
    { pack: null as never, by: undefined },
  )
  await ask(me(), 'ledgers.openPeriod', { form, period: '2018-05', audience: { classes: ['village'], within: [world.province] }, due: '2018-07-10' })
  const villages = await many<{ id: number; l4: number }>(own.db, sql`select id, l4 from unit where class = 'village' order by code`)
  for (const [at, { id, l4 }] of villages.entries()) {
    await ask(holder(id), 'ledgers.submit', { unit: id, form, period: '2018-05', formVersion: 1, values: { households: String(100 + at), covered: String(10 * at) }, version: 0 })
    await ask(holder(l4, undefined, '审核'), 'ledgers.accept', { unit: id, form, period: '2018-05', version: 1 })
  }
})

async function make(change: ChangeInput) {
  const { fingerprint } = await ask(me(), 'changes.preview', { changes: [change] })
  await ask(me(), 'changes.make', { changes: [change], fingerprint, reason: '调整', document: '测1号' })
}
const beside = (unit: number, of: string = code.households) => ask(me(), 'indicators.beside', { code: of, unit, period: '2018-05' })
const byCode = async (text: string) => (await one<{ id: number }>(own.db, sql`select id from unit where code = ${text}`)).id
/** What the bridge says is what lies between the two figures. */
function bridges(found: { was: { num: string } | null; now: { num: string }; bridge: { num: string }[] }) {
  expect(found.bridge.reduce((all, row) => add(all, row.num), found.was?.num ?? '0')).toBe(found.now.num)
}

describe('a figure on the tree of its period and on today’s', () => {
  test('of a merged village: 2018-05 is that of its predecessors, and the bridge names them', async () => {
    // 100 + 101 + 102 households.
    await make({ kind: 'merge', on: '2018-07-01', units: [world.eastTown1Village1, world.eastTown1Village2, world.eastTown1Village3], into: { create: { code: 'M1', name: '三合村' } } })
    const found = await beside(await byCode('M1'))
    expect(found).toMatchObject({ was: null, bornOn: '2018-07-01', now: { value: '303', reported: 3, expected: 3 }, bridge: [{ kind: 'merge', more: 3, fewer: 0, num: '303', document: '测1号' }] })
    bridges(found)
    // Each of them is in the lowest band; the band of the successor is that of the sum, never the mean of bands.
    expect([(await beside(world.eastTown1Village1)).was.band.zh, found.now.band.zh]).toEqual(['少', '中'])
    // A share is Σ over the predecessors, never a mean of their shares.
    expect((await beside(await byCode('M1'), code.share)).now).toMatchObject({ num: '30', den: '303' })
    expect((await beside(await byCode('M1'), code.most)).now).toMatchObject({ value: '102' })
    expect(await beside(world.eastTown1Village1)).toMatchObject({ was: { value: '100' }, now: null, successors: [{ name: '三合村' }] })
    // Where all of them hung before, nothing differs.
    expect(await beside(world.eastTown1)).toMatchObject({ was: { value: '303' }, now: { value: '303' }, bridge: [] })
  })

  test('of townships that a village has left and come to: −1 and +1, and the county stays', async () => {
    // eastTown2 has 103, 104, 105.
    await make({ kind: 'transfer', on: '2018-07-01', units: [world.eastTown2Village1], areaParent: world.eastTown1, lineParent: null, management: 'area' })
    const [from, to] = [await beside(world.eastTown2), await beside(world.eastTown1)]
    expect(from).toMatchObject({ was: { value: '312' }, now: { value: '209' }, bridge: [{ kind: 'transfer', more: 0, fewer: 1, num: '-103', units: [{ name: '东川2镇第1村' }] }] })
    expect(to).toMatchObject({ was: { value: '303' }, now: { value: '406' }, bridge: [{ more: 1, fewer: 0, num: '103' }] })
    bridges(from)
    bridges(to)
    expect(await beside(world.east)).toMatchObject({ was: { value: '615' }, now: { value: '615' }, bridge: [] })
    expect((await beside(world.eastTown2, code.share)).bridge).toMatchObject([{ num: '-30', den: '-103' }])
  })

  test('of a split village with shares: each successor has its part, also in another township', async () => {
    // westTown1 has 106, 107, 108; the village of 106 households is divided, one part then goes to westTown2 (109, 110, 111).
    await make({ kind: 'split', on: '2018-07-01', unit: world.westTown1Village1, main: 0, into: [{ create: { code: 'S1', name: '上村' }, share: '0.75' }, { create: { code: 'S2', name: '下村' }, share: '0.25' }] })
    await make({ kind: 'transfer', on: '2018-07-02', units: [await byCode('S2')], areaParent: world.westTown2, lineParent: null, management: 'area' })
    expect((await beside(await byCode('S1'))).now.value).toBe('79.5')
    expect((await beside(await byCode('S2'))).now.value).toBe('26.5')
    const [one_, two] = [await beside(world.westTown1), await beside(world.westTown2)]
    expect([one_.was.value, one_.now.value, two.was.value, two.now.value]).toEqual(['321', '294.5', '330', '356.5'])
    expect(two.bridge).toMatchObject([{ kind: 'split', num: '26.5' }])
    bridges(one_)
    bridges(two)
    expect(await beside(world.west)).toMatchObject({ was: { value: '651' }, now: { value: '651' }, bridge: [] })
  })

  test('of a split village without shares: not divisible, it stays the predecessor’s and is named', async () => {
    await make({ kind: 'split', on: '2018-07-01', unit: world.westTown2Village3, main: 0, into: [{ create: { code: 'U1', name: '东村' } }, { create: { code: 'U2', name: '西村' } }] })
    const found = await beside(await byCode('U2'))
    expect(found).toMatchObject({ now: { value: null, why: 'none-reported' }, undivided: [{ unit: world.westTown2Village3, figure: { value: '111' } }] })
    expect((await beside(world.westTown2)).now.value).toBe('356.5')
  })

  test('siblings make their parent, on both trees', async () => {
    for (const [parent, children] of [[world.city, [world.east, world.west]], [world.east, [world.eastTown1, world.eastTown2]], [world.west, [world.westTown1, world.westTown2]]] as const) {
      const whole = await beside(parent)
      const parts = await Promise.all(children.map((child) => beside(child)))
      for (const which of ['was', 'now'] as const) expect(parts.reduce((all, part) => add(all, part[which].num), '0')).toBe(whole[which].num)
    }
  })
})
