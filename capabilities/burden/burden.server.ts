import type { InferContractRouterOutputs } from '@orpc/contract'
import { periodText } from '../../rules/period.ts'
import { Problem } from '../../rules/problem.ts'
import { leastMembers } from '../../rules/suppress.ts'
import type { Answers } from '../../server/answer.ts'
import { mustBeAble } from '../access/permission.ts'
import { formNames } from '../ledgers/ledgers.reads.ts'
import { listToRegister } from '../lists/lists.reads.ts'
import { pathOf, pathOfUnit, unitOf } from '../units/units.reads.ts'
import type { burdenContract, Sums, UnitBurden } from './burden.contract.ts'
import { burdenRulesOf, capsFor, documentCapOf, limitFrom, type Asking } from './burden.reads.ts'
import type { BurdenRules } from './burden-definition.ts'
import { bandEdges, bandsOf, burdenFigure, capStateOf, monthSpan } from './meter.ts'
import * as queries from './meter.sql.ts'
import { registerAnswers } from './register.server.ts'
import { visitsOfUnitNear } from './register.sql.ts'
import { voicesAnswers } from './voices.server.ts'

type Names = 'rules' | 'unit' | 'below' | 'caused' | 'before'
const shownMonths = 12
const columnOf = { meeting: 'meetings', visit: 'visits', document: 'documents' } as const

/** One line per asker, the largest number of fields first; whoever asks only for time comes after. */
function byIssuer(forms: UnitBurden['forms'], events: UnitBurden['events']): UnitBurden['byIssuer'] {
  const lines = new Map<number | null, UnitBurden['byIssuer'][number]>()
  const lineOf = (issuer: number | null, issuerName: string | null) => {
    const line = lines.get(issuer) ?? { issuer, issuerName, forms: 0, asked: 0, typed: 0, meetings: 0, visits: 0, documents: 0, minutes: 0 }
    lines.set(issuer, line)
    return line
  }
  for (const one of forms) {
    const line = lineOf(one.issuer, one.issuerName)
    line.forms++
    line.asked += one.asked
    line.typed += one.typed ?? 0
    line.minutes += one.minutes
  }
  for (const one of events) {
    const line = lineOf(one.issuer, one.issuerName)
    line[columnOf[one.kind]]++
    line.minutes += one.minutes
  }
  return [...lines.values()].sort((a, b) => b.asked - a.asked || b.minutes - a.minutes)
}

function sumsOf(forms: UnitBurden['forms'], events: UnitBurden['events'], rules: BurdenRules): Sums {
  const total = (of: (one: UnitBurden['forms'][number]) => number) => forms.reduce((sum, one) => sum + of(one), 0)
  const bare = {
    forms: forms.length,
    answered: forms.filter((one) => one.typed !== null).length,
    asked: total((one) => one.asked),
    shown: total((one) => one.shown),
    typed: total((one) => one.typed ?? 0),
    carried: total((one) => one.carried ?? 0),
    ahead: total((one) => (one.typed === null ? one.asked : 0)),
    minutes: total((one) => one.minutes) + events.reduce((sum, one) => sum + one.minutes, 0),
    meetings: events.filter((one) => one.kind === 'meeting').length,
    visits: events.filter((one) => one.kind === 'visit').length,
    documents: events.filter((one) => one.kind === 'document').length,
  }
  return { ...bare, burden: burdenFigure(bare, rules) }
}

const withBurden = (row: queries.SumRow, rules: BurdenRules): Sums => ({
  forms: row.forms, answered: row.answered, asked: row.asked, shown: row.shown, typed: row.typed, carried: row.carried, ahead: row.ahead, minutes: row.minutes, meetings: row.meetings, visits: row.visits, documents: row.documents,
  burden: burdenFigure(row, rules),
})

const meterAnswers: Pick<Answers<typeof burdenContract>, Names> = {
  rules: ({ tx }) => burdenRulesOf(tx),

  async unit({ tx, input, actor }) {
    const unit = await unitOf(tx, input.unit)
    mustBeAble(actor, 'list.read', pathOfUnit(unit))
    const rules = await burdenRulesOf(tx)
    const span = monthSpan(input.month)
    const forms = (await queries.askedOf(tx, unit.id, span)).map(({ zh, en, period, ...one }) => ({ ...one, formName: { zh, en }, period: periodText(period) }))
    const events = await queries.eventsOf(tx, unit.id, span)
    const items = await queries.itemsOf(tx, unit.id, span)
    const sums = sumsOf(forms, events, rules)
    const most = rules.fieldsMonth[unit.class] ?? null
    const months = await queries.monthsOf(tx, unit.id, input.month, shownMonths)
    return {
      unit: unit.id, unitName: unit.name, month: input.month, rules, sums, forms, events, items,
      tasks: items.length,
      duplicate: { num: sums.shown, den: sums.shown + sums.asked },
      cap: { most, asked: sums.asked, state: most === null ? 'none' : capStateOf(sums.asked, most, rules.warnPercent) },
      byIssuer: byIssuer(forms, events),
      months: months.map((one) => ({ ...one, burden: burdenFigure(one, rules) })),
      visits: { days: rules.visitsWithinDays, ...(await visitsOfUnitNear(tx, unit.id, span, rules.visitsWithinDays)) },
    }
  },

  async below({ tx, input, actor }) {
    const unit = await unitOf(tx, input.unit)
    mustBeAble(actor, 'list.read', pathOfUnit(unit))
    const rules = await burdenRulesOf(tx)
    const span = monthSpan(input.month)
    const classes = await queries.classesBelow(tx, unit)
    const cls = input.class ?? classes[0]?.code ?? unit.class
    const cap = rules.fieldsMonth[cls] ?? null
    const { units, bands, least, median, ninety, most, aboveCap, ...sums } = await queries.spreadOf(tx, unit, cls, span, rules, bandEdges, cap)
    const suppressed = units < leastMembers
    const children = await queries.childrenBurden(tx, unit, cls, span, rules)
    const head = { unit: unit.id, unitName: unit.name, month: input.month, class: cls, classes, edges: [...bandEdges], capMost: cap }
    if (suppressed) {
      return { ...head, units, suppressed, bands: bandsOf([]), least: null, median: null, ninety: null, most: null, sums: withBurden({ forms: 0, answered: 0, asked: 0, shown: 0, typed: 0, carried: 0, ahead: 0, minutes: 0, meetings: 0, visits: 0, documents: 0 }, rules), aboveCap: 0, children: [] }
    }
    return {
      ...head, units, suppressed, bands, least, median, ninety, most, aboveCap,
      sums: withBurden(sums, rules),
      children: children.map(({ unit: child, name, units: of, ...row }) => ({ unit: child, name, units: of, suppressed: of < leastMembers, sums: of < leastMembers ? null : withBurden(row, rules) })),
    }
  },

  async caused({ tx, input, actor }) {
    const unit = await unitOf(tx, input.unit)
    mustBeAble(actor, 'list.read', pathOfUnit(unit))
    const rules = await burdenRulesOf(tx)
    const { rows, total, entries, typed, minutes } = await queries.causedBy(tx, unit.id, input.year, input)
    const [now, last] = [await queries.formsAsked(tx, unit.id, input.year, ''), await queries.formsAsked(tx, unit.id, input.year - 1, '')]
    const forms = now?.forms ?? 0
    return {
      unitName: unit.name, total, entries, typed, minutes, forms, formsLastYear: last?.forms ?? null, documents: await documentCapOf(tx, unit.id, input.year),
      cap: last && rules.formsNotAboveLastYear ? capStateOf(forms, last.forms, rules.warnPercent) : 'none',
      rows: rows.map(({ zh, en, period, ...row }) => ({ ...row, title: { zh, en }, period: period === null ? null : periodText(period), entries: row.fields * row.units })),
    }
  },

  async before({ tx, input, actor, today }) {
    const list = await listToRegister(tx, input.list)
    if (!list) throw new Problem('not-found', { facts: { what: 'list', id: input.list } })
    mustBeAble(actor, 'list.issue', await pathOf(tx, list.issuer))
    const names = await formNames(tx, list.items.flatMap((item) => item.form ?? []))
    const caps: InferContractRouterOutputs<typeof burdenContract>['before']['caps'] = []
    const asked: Asking[] = []
    for (const { form, audience, due, dueFrom, dueWorkingDays, title } of list.items) {
      const until = due ?? (dueWorkingDays === null ? null : await limitFrom(tx, dueFrom ?? today, dueWorkingDays))
      if (form === null || until === null) continue
      const asking = { form, audience, issuer: list.issuer, due: until, today }
      for (const cap of await capsFor(tx, asking, asked)) caps.push({ ...cap, form, formName: names.get(form)!, item: title })
      asked.push(asking)
    }
    return { caps }
  },
}

export const burdenAnswers: Answers<typeof burdenContract> = { ...meterAnswers, ...registerAnswers, ...voicesAnswers }
