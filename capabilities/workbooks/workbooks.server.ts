import { periodText } from '../../rules/period.ts'
import { Problem } from '../../rules/problem.ts'
import type { Answers } from '../../server/answer.ts'
import type { Tx } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import { later } from '../../server/queue.ts'
import { signedNames } from '../access/access.reads.ts'
import { mustBeAble, mustHold, type Actor } from '../access/permission.ts'
import type { ResolvedForm } from '../ledgers/form-definition.ts'
import { formOf } from '../ledgers/ledgers.reads.ts'
import { askedPeriods, mustBeAsked } from '../ledgers/many.reads.ts'
import { pathOf } from '../units/units.reads.ts'
import { fillGrants } from './bring.server.ts'
import { importLife } from './import-life.ts'
import { judgeStaged } from './work.server.ts'
import type { ImportLine, workbooksContract } from './workbooks.contract.ts'
import * as queries from './workbooks.sql.ts'
import type { Counts, ImportFull } from './workbooks.sql.ts'

/** @returns the import, if the person may fill in at the unit where it was brought. Throws Problem `not-found`, `not-allowed`. */
export async function readableImport(tx: Tx, actor: Actor, id: number): Promise<ImportFull> {
  return mustBeMine(tx, actor, await queries.findImport(tx, id), id)
}

async function mustBeMine(tx: Tx, actor: Actor, found: ImportFull | undefined, id: number): Promise<ImportFull> {
  if (!found) throw new Problem('not-found', { facts: { what: 'workbook', id } })
  mustBeAble(actor, 'record.fill', await pathOf(tx, found.unit))
  return found
}

const bearerOf = async (tx: Tx, actor: Actor, unit: number) => ({ account: actor.account, post: mustBeAble(actor, 'record.fill', await pathOf(tx, unit)).post || undefined })

function lineOf(found: ImportFull, counts: Counts, name: string | undefined): ImportLine {
  const { good, bad, conflict, refused } = counts
  return {
    id: found.id, unit: found.unit, unitName: found.unitName, form: found.form, formName: { zh: found.zh, en: found.en }, period: periodText(found.period), name: found.name, bytes: found.bytes,
    state: found.state, rowsTotal: found.rowsTotal, rowsRead: found.rowsRead, broughtBy: name ?? found.broughtBy, broughtAt: found.broughtAt,
    counts: { same: found.rowsSame, good, bad, conflict, refused, in: counts.in },
  }
}

/** Names of the fields, for what people read about them. */
const namesIn = (form: ResolvedForm) => new Map(form.fields.map((field) => [field.code, field.name]))

const broughtAct = ({ id, broughtBy }: { id: number; broughtBy: string }) => ({ account: broughtBy, subject: `workbook:${id}` })

export const workbooksAnswers: Answers<typeof workbooksContract> = {
  async offers({ tx, input, actor }) {
    const { rows, total } = await askedPeriods(tx, mustHold(actor, 'record.fill'), input)
    return { rows: rows.map(({ form, zh, en, period, due, expected, open }) => ({ form, formName: { zh, en }, period: periodText(period), due, expected, open })), total }
  },

  async imports({ tx, input, actor }) {
    const { rows, total } = await queries.importsIn(tx, mustHold(actor, 'record.fill'), { unit: input.unit, limit: input.limit, offset: input.offset })
    const counts = await queries.countsOf(tx, rows.map(({ id }) => id))
    const nameOf = await signedNames(tx, rows.map(broughtAct), actor.locale)
    return { rows: rows.map((row) => lineOf(row, counts.get(row.id) ?? queries.noRows, nameOf(broughtAct(row)))), total }
  },

  async import({ tx, input, actor }) {
    const found = await readableImport(tx, actor, input.id)
    const counts = (await queries.countsOf(tx, [found.id])).get(found.id) ?? queries.noRows
    const nameOf = await signedNames(tx, [broughtAct(found)], actor.locale)
    const { versionNow = found.formVersion, added = [], removed = [], strangeColumns = [], hiddenRows = 0 } = found.about
    const waits = counts.good > 0
    return {
      ...lineOf(found, counts, nameOf(broughtAct(found))),
      layout: found.layout,
      noted: counts.noted,
      corrections: counts.corrections,
      about: { formVersion: found.formVersion, versionNow, added, removed, strangeColumns, hiddenRows },
      problem: found.problem,
      moves: importLife.may(found.state).map(({ move, possible, from }) => ({ move, from, possible: possible && (move !== 'putIn' || waits) && (move !== 'choose' || counts.conflict > 0) })),
    }
  },

  async rows({ tx, input, actor }) {
    const found = await readableImport(tx, actor, input.id)
    const form = await formOf(tx, found.form)
    const names = namesIn(form)
    const { rows, total } = await queries.rowsPage(tx, found.id, { state: input.state, noted: input.noted, limit: input.limit, offset: input.offset })
    return {
      total,
      rows: rows.map(({ n, unit, code, name, state, findings, conflicts, choices, wanted, correction, doneAs }) => ({
        n, unit, code, name, state, correction, doneAs,
        changes: Object.keys(wanted.changes).length,
        findings: findings.map((finding) => ({ ...finding, ...(finding.field && names.has(finding.field) ? { fieldName: names.get(finding.field)! } : {}) })),
        conflicts: conflicts.map(({ field, mine, theirs }) => ({ field, name: names.get(field) ?? { zh: field, en: field }, mine, theirs, chosen: choices[field] ?? null })),
      })),
    }
  },

  async choose({ tx, input, actor }) {
    const found = await mustBeMine(tx, actor, await queries.importForUpdate(tx, input.id), input.id)
    importLife.next(found.state, 'choose')
    const form = await formOf(tx, found.form)
    const wanted = Map.groupBy(input.choices, ({ n }) => n)
    let chosen = 0
    for (let after = -1; ; ) {
      const rows = await queries.rowsAfter(tx, found.id, ['conflict'], after, 500)
      if (rows.length === 0) break
      after = rows.at(-1)!.n
      const touched = rows.flatMap((row) => {
        const named = new Map(wanted.get(row.n)?.map(({ field, take }) => [field, take]))
        const choices = { ...row.choices }
        for (const { field } of row.conflicts) {
          const take = named.get(field) ?? input.all
          if (!take) continue
          choices[field] = take
          chosen++
        }
        return Object.keys(choices).length > Object.keys(row.choices).length || named.size > 0 ? [{ ...row, choices }] : []
      })
      const judged = await judgeStaged(tx, found, form, touched, found.grants)
      await queries.judgeAgain(
        tx, found.id,
        // Where the other side was taken everywhere, nothing is left to put in: the row is done with.
        judged.map(({ row, judged: one }) => ({ n: row.n, choices: row.choices, judged: { ...one, state: one.state === 'same' ? 'in' : one.state } })),
      )
    }
    await record(tx, 'workbook.chosen', { by: await bearerOf(tx, actor, found.unit), unit: found.unit, subject: `workbook:${found.id}`, facts: { cells: chosen } })
    return { chosen }
  },

  async putIn({ tx, input, actor }) {
    const found = await mustBeMine(tx, actor, await queries.importForUpdate(tx, input.id), input.id)
    const to = importLife.next(found.state, 'putIn')
    await mustBeAsked(tx, found.form)
    const note = input.note?.trim() || null
    await queries.setState(tx, found.id, to, { as: input.as, confirmed: input.confirmed, note, by: actor.account, grants: fillGrants(actor) })
    await later(tx, 'workbooks:putIn', { id: found.id }, { key: `workbook:${found.id}` })
    await record(tx, 'workbook.putIn', { by: await bearerOf(tx, actor, found.unit), unit: found.unit, subject: `workbook:${found.id}`, reason: note ?? undefined, facts: { as: input.as, confirmed: input.confirmed } })
    return { state: to }
  },

  async drop({ tx, input, actor }) {
    const found = await mustBeMine(tx, actor, await queries.importForUpdate(tx, input.id), input.id)
    const to = importLife.next(found.state, 'drop')
    await queries.setState(tx, found.id, to)
    await record(tx, 'workbook.dropped', { by: await bearerOf(tx, actor, found.unit), unit: found.unit, subject: `workbook:${found.id}` })
    return { state: to }
  },
}
