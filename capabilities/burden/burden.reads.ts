import { addDays } from '../../rules/civil-date.ts'
import { isProblem, Problem } from '../../rules/problem.ts'
import { addWorkingDays } from '../../rules/working-days.ts'
import { many, maybe, sql, type Tx } from '../../server/db.ts'
import { formOf } from '../ledgers/ledgers.reads.ts'
import { fieldsOf } from '../ledgers/form-fields.ts'
import { workCalendarOf } from '../lists/calendar.reads.ts'
import type { Audience } from '../units/audience.ts'
import { unitsByAudience } from '../units/units.reads.ts'
import { BurdenRules } from './burden-definition.ts'
import type { Cap, DesignCap, DocumentCap } from './burden.contract.ts'
import { capStateOf, monthSpan } from './meter.ts'
import { documentsSent, exceptionFor, fieldsWith, formsAsked } from './meter.sql.ts'
import { addAsking, askingOfList, countUnits } from './register.sql.ts'

/** @returns the rules that a pack has brought, with defaults where it says nothing */
export async function burdenRulesOf(tx: Tx): Promise<BurdenRules> {
  const found = await maybe<{ definition: unknown }>(tx, sql`select definition from burden_rules`)
  return BurdenRules.parse(found?.definition ?? {})
}

export type Asking = { form: string; audience: Audience; issuer: number; due: string; today: string }

/**
 * How the caps stand with this asking counted in (F-14): different forms of the issuer this year against last year, and
 * fields asked of one unit in the month of the deadline. Throws Problem `not-found` for a form that is not there.
 * @param before askings that will be issued together with this one, before it
 */
export async function capsFor(tx: Tx, { form, audience, issuer, due, today }: Asking, before: readonly Asking[] = []): Promise<Cap[]> {
  const rules = await burdenRulesOf(tx)
  const year = Number(today.slice(0, 4))
  const exceptionOf = async (cap: string) => (await exceptionFor(tx, issuer, form, cap, today)) ?? null
  const caps: Cap[] = []
  const [now, last] = [await formsAsked(tx, issuer, year, form), await formsAsked(tx, issuer, year - 1, form)]
  const others = await Promise.all([...new Set(before.map((one) => one.form))].filter((one) => one !== form).map((one) => formsAsked(tx, issuer, year, one)))
  const forms = (now?.forms ?? 0) + (now?.has ? 0 : 1) + others.filter((one) => !one?.has).length
  // A form that was asked this year already is no new form: asking it for the next period is never stopped by the year's cap.
  const counts = rules.formsNotAboveLastYear && last !== undefined
  caps.push({
    cap: 'formsYear', now: forms, most: counts ? last.forms : null, units: 0, first: null,
    state: !counts ? 'none' : now?.has && forms > last.forms ? 'near' : capStateOf(forms, last.forms, rules.warnPercent),
    exception: await exceptionOf('formsYear'),
  })
  let fields = fieldsOf(await formOf(tx, form)).asked.length
  for (const one of before) if (one.form !== form && one.due.slice(0, 7) === due.slice(0, 7)) fields += fieldsOf(await formOf(tx, one.form)).asked.length
  const perClass = await fieldsWith(tx, await unitsByAudience(tx, 'u', audience), form, fields, monthSpan(due.slice(0, 7)), rules.fieldsMonth)
  const worst = perClass.toSorted((a, b) => b.units - a.units || b.most / rules.fieldsMonth[b.class]! - a.most / rules.fieldsMonth[a.class]!)[0]
  caps.push({
    cap: 'fieldsMonth', now: worst?.most ?? 0, most: worst ? rules.fieldsMonth[worst.class]! : null,
    units: perClass.reduce((sum, one) => sum + one.units, 0), first: worst?.first ?? null,
    state: worst ? capStateOf(worst.most, rules.fieldsMonth[worst.class]!, rules.warnPercent) : 'none',
    exception: await exceptionOf('fieldsMonth'),
  })
  return caps
}

/** How the number of an issuer's documents stands (F-14: not above last year): those with a yes and those that wait for one. */
export async function documentCapOf(tx: Tx, issuer: number, year: number): Promise<DocumentCap> {
  const rules = await burdenRulesOf(tx)
  const now = (await documentsSent(tx, issuer, year)) ?? 0
  const last = await documentsSent(tx, issuer, year - 1)
  if (!rules.documentsNotAboveLastYear || last === undefined) return { now, most: null, state: 'none' }
  return { now, most: last, state: capStateOf(now, last, rules.warnPercent) }
}

/**
 * How the caps would stand if a unit issued a form below it this month, before the form is registered (F-14). `alone`: the
 * form by itself asks more of such a unit than a month may, so it could never be issued.
 * @param fields that the form asks
 */
export async function capsOfDesign(tx: Tx, of: { form: string; fields: number; classes: readonly string[]; unit: number; today: string }): Promise<DesignCap[]> {
  const rules = await burdenRulesOf(tx)
  const year = Number(of.today.slice(0, 4))
  const [now, last] = [await formsAsked(tx, of.unit, year, of.form), await formsAsked(tx, of.unit, year - 1, of.form)]
  const forms = (now?.forms ?? 0) + (now?.has ? 0 : 1)
  const yearly = rules.formsNotAboveLastYear && last !== undefined
  const caps: DesignCap[] = [{ cap: 'formsYear', class: null, now: forms, most: yearly ? last.forms : null, units: 0, first: null, alone: false, state: !yearly ? 'none' : now?.has && forms > last.forms ? 'near' : capStateOf(forms, last.forms, rules.warnPercent) }]
  const capped = Object.fromEntries(Object.entries(rules.fieldsMonth).filter(([cls]) => of.classes.includes(cls)))
  const excepted = (await exceptionFor(tx, of.unit, of.form, 'fieldsMonth', of.today)) !== undefined
  const asked = new Map((await fieldsWith(tx, await unitsByAudience(tx, 'u', { classes: [...of.classes], within: [of.unit] }), of.form, of.fields, monthSpan(of.today.slice(0, 7)), capped)).map((one) => [one.class, one]))
  for (const [cls, most] of Object.entries(capped)) {
    const month = asked.get(cls)
    const fields = Math.max(month?.most ?? 0, of.fields)
    caps.push({ cap: 'fieldsMonth', class: cls, now: fields, most, units: month?.units ?? 0, first: month?.first ?? null, alone: of.fields > most && !excepted, state: capStateOf(fields, most, rules.warnPercent) })
  }
  return caps
}

/** Throws Problem `burden-cap-passed` when a cap would be passed and the burden officer has granted no exception. */
export async function mustBeWithinCaps(tx: Tx, asking: Asking): Promise<void> {
  for (const { cap, state, now, most, units, first, exception } of await capsFor(tx, asking)) {
    if (state === 'passed' && !exception) throw new Problem('burden-cap-passed', { field: 'form', facts: { cap, form: asking.form, issuer: asking.issuer, now, most, units, first } })
  }
}

/**
 * The register's entry of a list that is being issued (C2). Where lists need the burden officer's yes it must be there and
 * hold; otherwise issuing registers the list, for its forms have the yes already.
 * Throws Problem `asking-not-registered` or `asking-expired`.
 */
export async function registerIssuedList(
  tx: Tx,
  of: { list: number; title: string; issuer: number; items: readonly { audience: Audience; due: string }[]; year: number; by: string; today: string; now: Date },
): Promise<void> {
  const before = await askingOfList(tx, of.list)
  if ((await burdenRulesOf(tx)).listsNeedApproval) {
    if (before?.state !== 'registered') throw new Problem('asking-not-registered', { facts: { title: of.title, state: before?.state ?? 'none' } })
    if (before.expires < of.today) throw new Problem('asking-expired', { facts: { title: of.title, expires: before.expires } })
    return
  }
  if (before?.state === 'registered') return
  await addAsking(tx, { kind: 'list', list: of.list, title: of.title, issuer: of.issuer, on: null, minutes: null, state: 'registered', by: of.by, at: of.now, ...(await extentOf(tx, of.items, of.year)) })
}

/** Whom a list addresses and until when it lives: its last deadline, or the end of its year. */
export async function extentOf(tx: Tx, items: readonly { audience: Audience; due: string | null }[], year: number): Promise<{ audience: Audience; expires: string; units: number }> {
  const audience: Audience = { classes: [...new Set(items.flatMap((item) => item.audience.classes))], within: [...new Set(items.flatMap((item) => item.audience.within))] }
  const expires = items.reduce((latest, { due }) => (due && due > latest ? due : latest), `${year}-12-31`)
  const { units } = await countUnits(tx, await unitsByAudience(tx, 'u', audience), sql`true`)
  return { audience, expires, units }
}

/** @returns the last day of a limit in working days from `from`; null when the notice of a year on the way is missing (F-09b) */
export async function limitFrom(tx: Tx, from: string, days: number): Promise<string | null> {
  try {
    return addWorkingDays(await workCalendarOf(tx), from, days)
  } catch (error) {
    if (isProblem(error, 'calendar-missing')) return null
    throw error
  }
}

// ---- what waits (for the inbox); asked with units on which the post of a burden officer is held

export type WaitingVoice = { kind: 'objection' | 'suggestion' | 'approve'; title: string; titleEn: string; unit: number; unitName: string; due: string | null; count: number }

/**
 * @returns objections (one line per form), suggestions (one line), and askings and exceptions that wait for a yes (one
 *   line), at the units of a burden officer
 */
export async function waitingForOfficer(tx: Tx, units: readonly number[], today: string): Promise<WaitingVoice[]> {
  if (units.length === 0) return []
  const objections = many<WaitingVoice>(
    tx,
    sql`select 'objection' as kind, coalesce(f.name_zh, a.title, t.title) as title, coalesce(f.name_en, a.title, t.title) as "titleEn", o.officer_unit as unit, u.name as "unitName", min(o.due) as due, count(*)::int as count
        from objection o left join form f on f.code = o.form left join asking a on a.id = o.asking_id left join item t on t.id = o.item_id join unit u on u.id = o.officer_unit
        where o.state = 'open' and o.officer_unit = any(${units}::int[]) group by 2, 3, o.form, o.asking_id, o.item_id, o.officer_unit, u.name`,
  )
  const suggestions = many<WaitingVoice>(
    tx,
    sql`select 'suggestion' as kind, '意见箱' as title, 'Suggestion box' as "titleEn", s.officer_unit as unit, u.name as "unitName", min(s.due) as due, count(*)::int as count
        from suggestion s join unit u on u.id = s.officer_unit where s.state = 'open' and s.officer_unit = any(${units}::int[]) group by s.officer_unit, u.name`,
  )
  // Meetings, visits and documents are decided before their day.
  const asked = many<WaitingVoice>(
    tx,
    sql`select 'approve' as kind, '减负审核' as title, 'Burden approval' as "titleEn", u.id as unit, u.name as "unitName", min(x.due) as due, sum(x.n)::int as count from unit u join (
          select i.id as issuer, min(greatest(a.on_date - 1, ${addDays(today, 1)}::date)) as due, count(*) as n from asking a join unit i on i.id = a.issuer_unit where a.state = 'review' group by i.id
          union all select f.owner_unit, null, count(*) from form f where f.state = 'review' and f.owner_unit is not null group by f.owner_unit
          union all select b.issuer_unit, null, count(*) from burden_exception b where b.state = 'asked' group by b.issuer_unit
        ) x on true join unit i on i.id = x.issuer and u.id in (i.id, i.l1, i.l2, i.l3, i.l4) where u.id = any(${units}::int[]) group by u.id, u.name`,
  )
  return (await Promise.all([objections, suggestions, asked])).flat()
}
