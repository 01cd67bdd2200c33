import { addDays } from '../../rules/civil-date.ts'
import type { Database } from '../../server/db.ts'
import { asPerson } from './as-person.ts'
import * as queries from './load.sql.ts'

/**
 * Meetings, visits and documents that have a yes or wait for one, objections and suggestions open and answered: the burden officer
 * has work, the village sees where its time goes. All titles are invented.
 */
export async function loadBurden(database: Database, today: string): Promise<void> {
  const at = (daysAgo: number) => new Date(`${addDays(today, -daysAgo)}T02:00:00Z`)
  const person = async (username: string, daysAgo: number) => {
    const actor = await queries.personOf(database.db, username)
    return { unit: actor.grants[0]!.unit, api: asPerson(database, actor, at(daysAgo)) }
  }
  const event = async (username: string, kind: 'meeting' | 'visit', title: string, on: string, minutes: number, classes = ['village', 'community']) => {
    const { unit, api } = await person(username, 18)
    return api.burden.registerEvent({ kind, issuer: unit, title, audience: { classes, within: [unit] }, on, minutes })
  }
  const officer = await person('jianfu', 17)
  const approved = [
    await event('xian', 'meeting', '三基建设推进会（视频）', addDays(today, -8), 60),
    await event('xian', 'visit', '基础台账走访', addDays(today, -5), 45, ['village']),
    await event('shi', 'visit', '群众诉求办理情况走访', addDays(today, 2), 40, ['village']),
  ]
  const paper = async (username: string, title: string, on: string, characters: number, special = false) => {
    const { unit, api } = await person(username, 18)
    return api.burden.registerEvent({ kind: 'document', issuer: unit, title, audience: { classes: ['village', 'community'], within: [unit] }, on, characters, special, expires: addDays(today, 200) })
  }
  approved.push(await paper('xian', '关于规范基础台账的通知', addDays(today, -10), 2800))
  await paper('shi', '三基建设专项工作方案', addDays(today, 3), 4600, true)
  for (const { id, version } of approved) await officer.api.burden.decide({ id, version, approve: true, reason: '' })
  await event('shi', 'meeting', '四季度工作会（视频）', addDays(today, 9), 50)

  const answers = await person('jianfu', 1)
  const first = await person('cun', 12)
  const dropped = await first.api.burden.object({ unit: first.unit, form: 'village-month', field: 'households', ground: 'alreadyReported', text: '户籍户数每月变化不大，年报里也能带出' })
  await answers.api.burden.decideObjection({ id: dropped.id, version: dropped.version, uphold: false, answer: '本表是户数的唯一来源，其他表一律自动带出；数没有变时不用重打。' })
  const now = await person('cun', 2)
  await now.api.burden.object({ unit: now.unit, form: 'village-year', field: 'postsRequired', ground: 'cannotKnow', text: '应配职数由县里核定，村里不掌握' })
  const rooms = await now.api.burden.object({ unit: now.unit, form: 'village-year', field: 'premisesRooms', ground: 'alreadyReported', text: '建成验收时已报过县里，房间数不变' })
  await answers.api.burden.decideObjection({ id: rooms.id, version: rooms.version, uphold: true, outcome: 'fieldDropped', answer: '属实，验收资料里有，年报不再要。' })
  await now.api.burden.object({ unit: now.unit, asking: approved[2]!.id, ground: 'alreadyReported', text: '县里上周刚走访过，资料都已提供' })
  const { id, version } = await now.api.burden.suggest({ unit: now.unit, kind: 'suggestion', title: '月报能不能早几天打开', text: '月底事多，希望 20 日就能先填。' })
  await answers.api.burden.answerSuggestion({ id, version, answer: '下月起 20 日打开，截止日不变。' })
  const neighbour = await person('shequ', 3)
  await neighbour.api.burden.suggest({ unit: neighbour.unit, kind: 'fault', title: '打印时表格右边缺一列', text: '用办公室的打印机，纵向打印。' })
}
