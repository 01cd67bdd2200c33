import type { Writable } from 'node:stream'
import { todayIn } from '../../rules/civil-date.ts'
import { coverageLine } from '../../rules/coverage-line.ts'
import { formatPeriod } from '../../rules/period.ts'
import { Problem } from '../../rules/problem.ts'
import type { Tx } from '../../server/db.ts'
import type { RawCall, RawRoute } from '../../server/raw.ts'
import { bookInto, sendsBook, taken } from '../../server/xlsx.ts'
import { scopeOf, type Actor } from '../access/permission.ts'
import { inScope } from '../units/units.reads.ts'
import { readableList } from './lists.server.ts'
import * as taskRows from './tasks.sql.ts'
import type { ListLine } from './lists.sql.ts'
import { clockOf, taskRow } from './shown.server.ts'

type Words = { zh: string; en: string }
type Locale = 'zh-CN' | 'en'
const heads: (Words & { width: number })[] = [
  { zh: '序号', en: 'No.', width: 7 }, { zh: '事项', en: 'Item', width: 36 }, { zh: '单位代码', en: 'Unit code', width: 18 }, { zh: '单位', en: 'Unit', width: 24 },
  { zh: '所属', en: 'Belongs to', width: 20 }, { zh: '状态', en: 'State', width: 10 }, { zh: '进度', en: 'Progress', width: 9 }, { zh: '期限', en: 'Due', width: 12 },
  { zh: '剩余工作日', en: 'Working days left', width: 12 }, { zh: '亮灯', en: 'Light', width: 8 }, { zh: '延期次数', en: 'Deferrals', width: 10 }, { zh: '表单', en: 'Form', width: 20 },
  { zh: '报送期', en: 'Period', width: 14 }, { zh: '签收时间', en: 'Signed', width: 18 }, { zh: '上报时间', en: 'Reported', width: 18 }, { zh: '办结时间', en: 'Closed', width: 18 },
  { zh: '办理结果', en: 'Result', width: 40 }, { zh: '上报人', en: 'Reported by', width: 12 }, { zh: '核验人', en: 'Checked by', width: 12 },
]
const states: Record<string, Words> = {
  issued: { zh: '待签收', en: 'To sign for' }, accepted: { zh: '已签收', en: 'Signed for' }, running: { zh: '办理中', en: 'Under way' }, submitted: { zh: '待核验', en: 'To check' },
  verified: { zh: '已核验', en: 'Checked' }, closed: { zh: '已办结', en: 'Closed' }, returned: { zh: '已退回', en: 'Sent back' }, cancelled: { zh: '已取消', en: 'Cancelled' },
}
const lights: Record<string, Words> = { green: { zh: '绿', en: 'Green' }, yellow: { zh: '黄', en: 'Yellow' }, red: { zh: '红', en: 'Red' }, done: { zh: '完成', en: 'Done' } }
/** Tasks are read in slices of this many: neither they nor the book are held in memory whole. */
const slice = 2_000

/** Writes the tasks of a list that the actor may read, in the order of items and unit codes, row by row. */
export async function writeTasks(tx: Tx, stream: Writable, { actor, list, today }: { actor: Actor; list: ListLine; today: string }): Promise<void> {
  const { locale } = actor
  const say = (words: Words) => (locale === 'en' ? words.en : words.zh)
  const clock = await clockOf(tx, today)
  const scope = await inScope(tx, 'u', scopeOf(actor, 'list.read'))
  const book = bookInto(stream)
  const sheet = book.addWorksheet(locale === 'en' ? 'Tasks' : '任务', { views: [{ state: 'frozen', ySplit: 3 }] })
  sheet.columns = heads.map(({ width }) => ({ width }))
  // A code is not a number: as one it would lose its leading zeros and, past 15 digits, its end.
  for (const column of [3, 8, 14, 15, 16]) sheet.getColumn(column).numFmt = '@'
  sheet.getColumn(7).numFmt = '0%'
  sheet.addRow([list.title]).commit()
  const coverage = await taskRows.listCoverage(tx, list.id, scope)
  sheet.addRow([`${list.issuerName} · ${locale === 'en' ? 'as of' : '截至'} ${today} · ${coverageLine(coverage, locale)}${moreOf(coverage, locale)}`]).commit()
  sheet.addRow(heads.map(say)).commit()
  let after = { ordinal: 0, unitCode: '', id: 0 }
  for (;;) {
    const lines = await taskRows.taskSlice(tx, list.id, scope, after, slice, locale)
    for (const line of lines) {
      const { light, workingDaysLeft } = taskRow(line, clock)
      sheet
        .addRow([
          line.ordinal, line.title, line.unitCode, line.formerName === null ? line.unitName : `${line.unitName}（${locale === 'en' ? 'formerly' : '原'}${locale === 'en' ? ' ' : ''}${line.formerName}）`, line.parentName, say(states[line.state]!), line.progress / 100, line.due, workingDaysLeft, say(lights[light]!),
          line.deferrals, line.form, line.period === null ? null : formatPeriod(line.period, locale), timeOf(line.signedAt), timeOf(line.reportedAt), timeOf(line.doneAt),
          line.result, line.submittedBy, line.verifiedBy,
        ])
        .commit()
    }
    await taken(sheet, stream)
    if (stream.destroyed) return
    const last = lines.at(-1)
    if (!last || lines.length < slice) break
    after = { ordinal: last.ordinal, unitCode: last.unitCode, id: last.id }
  }
  sheet.commit()
  await book.commit()
}

/** What else the reader of a file must know: what is open still, and that the list is longer than what he may see. */
function moreOf({ expected, closed, beyond }: { expected: number; closed: number; beyond: boolean }, locale: Locale): string {
  const en = locale === 'en'
  const open = expected - closed
  return `${open > 0 ? (en ? `; ${open} not closed yet` : `；未办结 ${open} 项`) : ''}${beyond ? (en ? '; only the units that you may see' : '；只含您能查看的单位') : ''}`
}

/** An instant as people in Asia/Shanghai write it, to the minute. */
function timeOf(instant: string | null): string | null {
  return instant === null ? null : new Date(Date.parse(instant) + 8 * 3_600_000).toISOString().slice(0, 16).replace('T', ' ')
}

export const tasksWorkbookRoute: RawRoute = {
  method: 'GET',
  path: '/lists/{id}/workbook',
  needs: 'list.read',
  summary: 'How all tasks of a list stand, as a workbook',
  async handle({ params, actor, database, response, now }: RawCall) {
    const list = await readableList(database.db, actor, idOf(params.id))
    const today = todayIn(now.getTime())
    sendsBook(response, `${list.title}-${today}`)
    await writeTasks(database.db, response, { actor, list, today })
  },
}

function idOf(text: string | undefined): number {
  if (!text || !/^\d{1,9}$/.test(text)) throw new Problem('not-found', { facts: { what: 'list', id: text } })
  return Number(text)
}
