import { addDays } from '../../rules/civil-date.ts'
import { one, sql, type Database } from '../../server/db.ts'
import { asPerson } from './as-person.ts'
import * as queries from './load.sql.ts'

/**
 * Commitments of every standing, a joint meeting whose resolutions are under way and one that waits for its yes, matters
 * reported and answered, a pairing with its three lists. All is invented.
 */
export async function loadPromises(database: Database, today: string): Promise<void> {
  const at = (daysAgo: number) => new Date(`${addDays(today, -daysAgo)}T02:00:00Z`)
  const person = async (username: string, daysAgo: number) => {
    const actor = await queries.personOf(database.db, username)
    return { unit: actor.grants[0]!.unit, api: asPerson(database, actor, at(daysAgo)).promises, all: asPerson(database, actor, at(daysAgo)) }
  }
  const village = await person('cun', 30)
  const commit = async (who: typeof village, text: string, measure: string, by: number) => (await who.api.commit({ unit: who.unit, text, measure, by: addDays(today, by) })).id
  const bridge = await commit(village, '修好村东便民桥', '车辆可通行', -6)
  await (await person('zhen', 5)).api.keep({ id: bridge, version: 1, on: addDays(today, -8), result: '提前两天完工，面包车可通行' })
  await commit(village, '便民服务厅周六上午开门', '每个周六 8:30 至 11:30 有人值守', 20)
  const township = await person('zhen', 25)
  await commit(township, '各村月报审核不超过 3 个工作日', '以平台记录的审核时间为准', -3)
  const community = await person('shequ', 28)
  await commit(community, '装好 12 号楼前路灯', '夜间照明正常', 5)

  const city = await person('shi', 20)
  const [body] = await city.api.bodies({})
  if (!body) throw new Error('the sample city has no coordinating body')
  const members = body.members.map((unit) => unit.id)
  const convene = (who: typeof city, subject: string, on: number) => who.api.convene({ body: body.id, subject, agenda: '通报进展；议定分工', on: addDays(today, on), minutes: 60, members })
  const past = await convene(city, '三基建设第三次联席会议', -12)
  const { asking } = await one<{ asking: number }>(database.db, sql`select asking_id as asking from joint_meeting where id = ${past.id}`)
  await (await person('jianfu', 19)).all.burden.decide({ id: asking, version: 1, approve: true, reason: '' })
  const held = await person('shi', 12)
  let { version } = await held.api.hold({ id: past.id, version: past.version })
  let list = 0
  for (const [at, [title, deliverable, measure, due]] of ([['理顺村级报表，合并重复字段', '合并清单', '重复字段减少三成', 15], ['下放审批系统查询账号', '账号开通单', '乡镇全部开通', -2]] as const).entries()) {
    const resolved = await held.api.resolve({ id: past.id, version, title, lead: members[at]!, coUnits: members.slice(0, 2), deliverable, measure, due: addDays(today, due) })
    version = resolved.version
    list = resolved.list
  }
  await held.all.lists.issue({ list, version: (await held.all.lists.list({ id: list })).version })
  await convene(await person('shi', 1), '三基建设第四次联席会议', 8)

  const report = (who: typeof village, kind: string, title: string, what: string, asked: string) => who.api.reportMatter({ unit: who.unit, kind, title, happenedOn: addDays(today, -4), what, asked })
  const answered = await report(await person('cun', 4), 'water-power-road', '村口供水管断裂', '施工挖断主管，全村停水。', '请协调水厂抢修。')
  const above = (await person('zhen', 3)).api
  await above.acknowledgeMatter({ id: answered.id, version: 1 })
  await above.instructMatter({ id: answered.id, version: 2, text: '水厂今晚接通临时管；村里先用送水车。' })
  await report(await person('cun', 0), 'facility', '活动室屋面渗水停用', '雨后渗水，暂停使用。', '请派人查看屋面。')

  const county = await person('xian', 22)
  const paired = await county.api.pair({ helper: community.unit, helped: village.unit, purpose: '城乡共建：社区与村互帮', from: addDays(today, -22), until: addDays(today, 120) })
  const [helper, helped] = [(await person('shequ', 15)).api, (await person('cun', 15)).api]
  const add = async (who: typeof helper, kind: 'resource' | 'need', text: string) => (await who.addEntry({ id: paired.id, kind, text })).entry
  const hall = await add(helper, 'resource', '社区大厅可设农产品展台（每周六）')
  await add(helper, 'resource', '会用电脑的志愿者 3 名')
  const stall = await add(helped, 'need', '苹果的销路')
  await add(helped, 'need', '教村民用手机缴费')
  await (await person('cun', 6)).api.match({ id: paired.id, resource: hall, need: stall, on: addDays(today, -7), result: '设展台一次，卖出 600 斤' })
}
