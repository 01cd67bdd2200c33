import { createAccount } from '../../capabilities/access/accounts.server.ts'
import { verbs } from '../../capabilities/access/verbs.ts'
import { registerForm } from '../../capabilities/ledgers/forms.server.ts'
import { keepMeasures } from '../../capabilities/ledgers/ledgers.reads.ts'
import { saveUnits } from '../../capabilities/units/units.sql.ts'
import { run, sql, type Database } from '../../server/db.ts'
import { asPerson } from '../../tools/sample-city/as-person.ts'
import { villageItems, villageMonth } from '../forms.ts'
import { holder, smallWorld, type SmallWorld } from '../world.ts'

export const period = '2018-06'
export const password = 'Qinghe-2018-ceshi'

/**
 * The small world with 3,000 villages more, each with a return of June 2018 that waits for checking, and an account
 * `checker` that may do everything in the province. For tests that break things while many people work.
 */
export async function manyVillages(database: Database): Promise<SmallWorld> {
  const world = await database.transaction(async (tx) => {
    const made = await smallWorld(tx)
    await run(tx, sql`insert into pack (code, version, title_zh, title_en, hash, content) values ('p', '1', 'p', 'p', '', '{}')`)
    const villages = Array.from({ length: 3_000 }, (_, n) => ({ code: `K${n}`, name: `第${n}村`, initials: 'k', kind: 'selfGovernment', class: 'village', areaParent: n % 2 === 0 ? '990121101000' : '990122102000', management: 'area', validFrom: '2017-01-01' }))
    await saveUnits(tx, villages, 'p')
    await registerForm(tx, villageMonth, villageItems, { state: 'registered', by: 'test', pack: null })
    await keepMeasures(tx, villageMonth.code, ['sum(covered) / sum(households)'])
    const account = await createAccount(tx, { username: 'checker', name: '测试审核员', unit: made.province, password, mustChangePassword: false })
    await run(tx, sql`insert into post_kind (code, name_zh, name_en, verbs) values ('tester', '测试岗', 'Tester', ${Object.keys(verbs)}::text[])`)
    await run(tx, sql`with p as (insert into post (unit_id, kind, title, valid_from) values (${made.province}, 'tester', '测试岗', '2017-01-01') returning id)
                      insert into holding (post_id, account, valid_from) select id, ${account}, '2017-01-01' from p`)
    return made
  })
  const province = asPerson(database, holder(world.province), new Date('2018-07-02T02:00:00Z'))
  await province.ledgers.openPeriod({ form: villageMonth.code, period, audience: { classes: ['village'], within: [world.province] }, due: '2018-07-10' })
  await run(
    database.db,
    sql`insert into record (period, county_id, unit_id, form, state, form_version, vals, submitted_by, submitted_at)
        select 201806, coalesce(l3, l2, l1), id, ${villageMonth.code}, 'submitted', 1, '{"households": "10", "covered": "3"}', 'the clerk', now() from unit where class = 'village' and code like 'K%'`,
  )
  return world
}
