import { beforeAll, describe, expect, test } from 'vitest'
import { answer } from '../../server/answer.ts'
import { run, sql } from '../../server/db.ts'
import { villageItems, villageMonth } from '../../tests/forms.ts'
import { asking, holder, ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { registerForm } from './forms.server.ts'
import { ledgersContract, type TwinShown } from './ledgers.contract.ts'
import { ledgersAnswers } from './ledgers.server.ts'
import { synonymGroups } from './similar.sql.ts'
import { synonymsPart } from './synonyms.pack.ts'

const own = ownDatabase()
const router = { ledgers: answer(ledgersContract, ledgersAnswers) }
let world: SmallWorld
beforeAll(async () => {
  world = await smallWorld(own.db)
  await registerForm(own.db, villageMonth, villageItems, { state: 'registered', by: 'test', pack: null })
})
const twins = async (input: object): Promise<TwinShown[]> => (await asking(router, own.database)(holder(world.city), 'ledgers.similar', input)).twins

describe('similar askings are found before they are issued', () => {
  test('a field in other words names the held item, its owner and why', async () => {
    const [twin] = await twins({ name: '全村户数合计', definition: '月末户籍户', type: 'number', unit: '户', classes: ['village'] })
    expect(twin).toMatchObject({ item: { code: 'households' }, ownerForm: 'village-month', ownerName: { zh: '村月报' } })
    expect(twin!.reasons).toContain('sameUnit')
    expect(twin!.band).not.toBe('maybe')
  })

  test('what nobody holds has no twin', async () => {
    expect(await twins({ name: '路灯盏数', type: 'number', unit: '盏', classes: ['village'] })).toEqual([])
  })

  test('a dictionary of a pack brings other words together; a new version without a group takes it back', async () => {
    const asked = { name: '住户', type: 'number', unit: '户', classes: ['village'] }
    expect((await twins(asked))[0]?.band ?? 'none').not.toBe('likely')
    await run(own.db, sql`insert into pack (code, version, title_zh, title_en, hash, content) values ('words', '1', '', '', '', '{}')`)
    const context = { pack: 'words', by: undefined }
    await synonymsPart.apply(own.db, [{ code: 'household', words: ['户', '住户'] }, { code: 'income', words: ['收入', '收益'] }], context)
    expect((await twins(asked))[0]).toMatchObject({ item: { code: 'households' } })
    expect(['same', 'likely']).toContain((await twins(asked))[0]!.band)
    expect(await synonymsPart.apply(own.db, [{ code: 'household', words: ['户', '住户'] }], context)).toMatchObject({ same: 1, removed: ['income'] })
    expect((await synonymGroups(own.db)).map((group) => group.code)).toEqual(['household'])
  })
})
