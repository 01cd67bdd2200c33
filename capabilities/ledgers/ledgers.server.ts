import { daysBetween } from '../../rules/civil-date.ts'
import { formatPeriod, parsePeriod, periodText } from '../../rules/period.ts'
import { Problem } from '../../rules/problem.ts'
import type { Answers, Call } from '../../server/answer.ts'
import type { Tx } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import { accountNames, signedNames } from '../access/access.reads.ts'
import { grantFor, mustBeAble, mustHold, scopeOf, type Actor } from '../access/permission.ts'
import type { Verb } from '../access/verbs.ts'
import type { MoveNow } from '../endpoint.ts'
import { mustBeWithinCaps } from '../burden/burden.reads.ts'
import { keepTyping } from '../burden/typing.reads.ts'
import { activeUnitOf, countyIdOf, hasSuccessor, inScope, namesOf, pathOf, pathOfUnit, stateShared, unitOf, unitsOf, withPredecessors, type Unit } from '../units/units.reads.ts'
import { burdenOf } from './burden.ts'
import { checkRecord, percentChange } from './check-record.ts'
import { contributionsOf } from './contributions.ts'
import { abovePath, decidingAnswers } from './deciding.server.ts'
import type { ResolvedForm } from './form-definition.ts'
import { fieldsOf } from './form-fields.ts'
import { filesOfUnit } from './files.sql.ts'
import { registerForm } from './forms.server.ts'
import type { Change, FormRow, ledgersContract, Origin, QueueRow, Values } from './ledgers.contract.ts'
import { askForm, countAudience, mustBeIssuable } from './ledgers.reads.ts'
import * as queries from './ledgers.sql.ts'
import type { FormNow, RecordRow } from './ledgers.sql.ts'
import { bearer, subjectOf } from './place.ts'
import { recordLife, type RecordState } from './record.ts'
import { twinsAmongHeld } from './similar.reads.ts'

type Place = { unit: Unit; county: number; form: string; period: number }

async function placeOf(tx: Tx, { unit: id, form, period }: { unit: number; form: string; period: string }): Promise<Place> {
  const unit = await unitOf(tx, id)
  return { unit, county: countyIdOf(unit), form, period: parsePeriod(period) }
}

/** An ended unit reports no more, but what it left open is finished under its name by those who came after it (C1). */
async function mayReport(tx: Tx, unit: Unit): Promise<void> {
  if ((await stateShared(tx, unit.id)) !== 'active' && !(await hasSuccessor(tx, unit.id))) await activeUnitOf(tx, unit.id)
}

async function formMustBe(tx: Tx, code: string): Promise<FormNow> {
  const form = await queries.formNow(tx, code)
  if (!form) throw new Problem('not-found', { facts: { what: 'form', code } })
  return form
}

const keyOf = ({ unit, county, form, period }: Place) => ({ unit: unit.id, county, form, period })

// ---- what is known already

/** Values that other forms hold for `shows` fields, with where they come from. */
async function heldFor(tx: Tx, unit: number, form: ResolvedForm, period: number): Promise<{ values: Values; origins: Record<string, Origin> }> {
  const shows = form.fields.filter((field) => field.kind === 'shows')
  const values: Values = {}
  const origins: Record<string, Origin> = {}
  if (shows.length === 0) return { values, origins }
  const holders = await queries.holdersOfItems(tx, shows.map((field) => field.item!))
  const newest = new Map<string, { period: number; values: Values } | undefined>()
  for (const field of shows) {
    const holder = holders.find((one) => one.item === field.item)
    if (!holder) continue
    if (!newest.has(holder.form)) newest.set(holder.form, await queries.newestValues(tx, unit, holder.form, period))
    const from = newest.get(holder.form)
    const value = from?.values[holder.field]
    if (!from || value === undefined) continue
    values[field.code] = value
    origins[field.code] = { from: 'held', form: holder.form, formName: { zh: holder.nameZh, en: holder.nameEn }, period: periodText(from.period) }
  }
  return { values, origins }
}

// ---- moves

function movesFor(actor: Actor, unit: Unit, row: RecordRow | undefined): MoveNow[] {
  const state: RecordState = row?.state ?? 'none'
  return recordLife.may(state).map(({ move, possible, from }) => {
    if (!possible) return { move, possible, from, why: 'move-not-possible' }
    const verb = recordLife.table[move].verb as Verb
    const path = verb === 'record.check' ? abovePath(unit) : pathOfUnit(unit)
    if (!grantFor(actor, verb, path)) return { move, possible: false, from, why: 'not-allowed' }
    if (verb === 'record.check' && row?.submittedBy === actor.account) return { move, possible: false, from, why: 'same-person' }
    return { move, possible: true, from }
  })
}

/** Throws Problem `file-unknown` when a return names a file that did not come whole, or that another unit gave. */
async function filesMustBeWhole(tx: Tx, unit: number, form: ResolvedForm, values: Values): Promise<void> {
  const fields = form.fields.filter((field) => field.type === 'file' && Array.isArray(values[field.code]))
  const named = fields.flatMap((field) => (values[field.code] as { id: string; name: string }[]).map((file) => ({ field: field.code, ...file })))
  if (named.length === 0) return
  const whole = await filesOfUnit(tx, unit, named.map((file) => file.id))
  const missing = named.filter((file) => !whole.has(file.id))
  if (missing.length === 0) return
  throw new Problem('file-unknown', {
    field: `values.${missing[0]!.field}`,
    facts: { names: missing.map((file) => file.name) },
    findings: missing.map(({ field, name }) => ({ code: 'file-unknown', path: `values.${field}`, facts: { names: [name] } })),
  })
}

// ---- rows for pages

function formRow(form: FormNow): FormRow {
  const { asked, shown } = fieldsOf(form.definition)
  return {
    code: form.code,
    name: { zh: form.nameZh, en: form.nameEn },
    audience: form.definition.audience,
    cycle: form.definition.cycle,
    state: form.state,
    version: form.version,
    fieldsAsked: asked.length,
    fieldsShown: shown.length,
    minutes: form.minutes,
    expires: form.expires,
    pack: form.pack,
    askedLast: form.askedLast === null ? null : periodText(form.askedLast),
  }
}

/** @returns what changed against the former period, field by field; unchanged fields are left out */
function changesOf(form: ResolvedForm, values: Values, last: Values | null): Change[] {
  if (!last) return []
  return form.fields
    .filter((field) => field.kind !== 'shows' && JSON.stringify(values[field.code] ?? null) !== JSON.stringify(last[field.code] ?? null))
    .map((field) => {
      const [from, to] = [last[field.code] ?? null, values[field.code] ?? null]
      const numbers = (field.type === 'number' || field.type === 'money') && typeof from === 'string' && typeof to === 'string'
      return { field: field.code, name: field.name, type: field.type, unit: field.unit, from, to, percent: numbers ? percentChange(from as string, to as string) : null }
    })
}

async function inUnitScope({ tx, actor }: Pick<Call<unknown>, 'tx' | 'actor'>, verb: Verb, alias: string, unit: number | undefined) {
  if (unit === undefined) return inScope(tx, alias, mustHold(actor, verb))
  const one = await unitOf(tx, unit)
  mustBeAble(actor, verb, pathOfUnit(one))
  return inScope(tx, alias, [unit])
}

export const ledgersAnswers: Answers<typeof ledgersContract> = {
  items: ({ tx, input }) => queries.findItems(tx, input),

  async forms({ tx, input }) {
    const { rows, total } = await queries.findForms(tx, { ...input, unitClass: input.class })
    return { rows: rows.map(formRow), total }
  },

  async form({ tx, input }) {
    const form = await formMustBe(tx, input.code)
    return {
      row: formRow(form),
      definition: form.definition,
      versions: await queries.versionsOf(tx, form.code),
      measures: await queries.measuresOf(tx, form.code),
    }
  },

  async similar({ tx, input }) {
    const { classes, limit, ...asking } = input
    return { twins: (await twinsAmongHeld(tx))({ ...asking, audience: classes }, limit) }
  },

  async registerForm({ tx, input, actor }) {
    const [unit] = mustHold(actor, 'form.register')
    const { form } = await registerForm(tx, input.definition, input.items, { state: 'review', by: actor.account, pack: null, unit })
    await record(tx, 'form.registered', { by: { account: actor.account }, subject: `form:${form.code}`, facts: { version: form.version } })
    return formRow(await formMustBe(tx, form.code))
  },

  async approveForm({ tx, input, actor, today }) {
    mustHold(actor, 'burden.approve')
    const form = await formMustBe(tx, input.code)
    // The officer stands at the unit that registered the form, or above it.
    if (form.owner !== null) mustBeAble(actor, 'burden.approve', await pathOf(tx, form.owner))
    if (form.state !== 'review') throw new Problem('move-not-possible', { facts: { life: 'form', move: 'approve', state: form.state, from: ['review'] } })
    if (form.registeredBy === actor.account) throw new Problem('same-person')
    if (!input.approve && !input.reason.trim()) throw new Problem('reason-needed', { field: 'reason' })
    if (input.approve) await queries.approveForm(tx, form.code, { by: actor.name, on: today })
    else await queries.setFormState(tx, form.code, 'draft')
    await record(tx, input.approve ? 'form.approved' : 'form.refused', {
      by: { account: actor.account },
      subject: `form:${form.code}`,
      reason: input.reason || undefined,
    })
    return formRow(await formMustBe(tx, form.code))
  },

  async burden({ tx, input }) {
    const form = await formMustBe(tx, input.form)
    const unit = await unitOf(tx, input.unit)
    return burdenOf(form.definition, await countAudience(tx, { classes: form.definition.audience, within: [unit.id] }))
  },

  async openPeriod({ tx, input, actor, today }) {
    await mustBeIssuable(tx, input.form, today)
    const units = await unitsOf(tx, input.audience.within)
    const [grant] = [...units.values()].map((unit) => mustBeAble(actor, 'list.issue', pathOfUnit(unit)))
    if (!grant) throw new Problem('invalid-input', { field: 'audience.within' })
    const asked = { form: input.form, audience: input.audience, issuer: grant.unit, due: input.due, today }
    await mustBeWithinCaps(tx, asked)
    const { issue: _issue, ...opened } = await askForm(tx, input.form, parsePeriod(input.period), input.audience, { ...asked, by: actor.account })
    await record(tx, 'form.asked', { by: bearer(actor, grant), unit: grant.unit, subject: `form:${input.form}`, facts: { period: input.period, due: input.due, ...opened } })
    return opened
  },

  async mine({ tx, input, actor, today }) {
    const own = await withPredecessors(tx, scopeOf(actor, 'record.fill'))
    const { rows, total } = await queries.returnsOf(tx, own, input.state, today, input)
    return {
      total,
      rows: rows.map(({ nameZh, nameEn, period, state, ...row }) => ({
        ...row,
        period: periodText(period),
        formName: { zh: nameZh, en: nameEn },
        state: state as RecordState,
      })),
    }
  },

  async open({ tx, input, actor, today }) {
    const place = await placeOf(tx, input)
    mustBeAble(actor, 'record.read', pathOfUnit(place.unit))
    const now = await formMustBe(tx, place.form)
    const row = await queries.recordOf(tx, keyOf(place))
    const draft = await queries.draftOf(tx, place.unit.id, place.form, place.period)
    // What is being filled is filled in the newest version; what waits or is accepted is read in its own.
    const filling = !row || row.state === 'sentBack' || draft !== undefined
    const definition = filling ? now.definition : ((await queries.formVersion(tx, place.form, row.formVersion))?.definition ?? now.definition)
    const last = await queries.newestValues(tx, place.unit.id, place.form, place.period, { before: true })
    const held = await heldFor(tx, place.unit.id, definition, place.period)
    const expected = await queries.expectedOf(tx, place.unit.id, place.form, place.period)
    const formers = await queries.formersOf(tx, keyOf(place))
    const names = await accountNames(tx, [row, ...formers, draft && { submittedBy: draft.savedBy, decidedBy: null }].flatMap((one) => [one?.submittedBy, one?.decidedBy]).filter((id) => typeof id === 'string'), { subject: subjectOf(keyOf(place)), locale: actor.locale })
    const nameOf = (id: string | null) => (id === null ? null : (names.get(id) ?? id))
    const origins: Record<string, Origin> = { ...held.origins }
    let values: Values = draft?.values ?? row?.values ?? {}
    if (!draft && !row && last) {
      for (const field of definition.fields) {
        if (field.kind !== 'asks' || last.values[field.code] === undefined || field.type === 'file') continue
        values = { ...values, [field.code]: last.values[field.code] }
        origins[field.code] = { from: 'last', form: place.form, formName: definition.name, period: periodText(last.period) }
      }
    }
    if (filling) values = { ...values, ...held.values }
    const path = await namesOf(tx, pathOfUnit(place.unit))
    const submission = (one: queries.Former) => ({ ...one, submittedBy: nameOf(one.submittedBy)!, decidedBy: nameOf(one.decidedBy) })
    return {
      unit: place.unit.id,
      unitName: place.unit.name,
      path: [place.unit.l1, place.unit.l2, place.unit.l3, place.unit.l4, place.unit.l5].filter((id) => id !== null).map((id) => path.get(id) ?? ''),
      form: place.form,
      period: input.period,
      definition,
      due: expected?.due ?? null,
      state: row?.state ?? 'none',
      version: row?.version ?? 0,
      submission: row?.submission ?? 0,
      values,
      origins,
      draft: draft ? { version: draft.version, savedAt: draft.savedAt, savedBy: nameOf(draft.savedBy)! } : null,
      last: last ? { period: periodText(last.period), values: last.values } : null,
      reasons: row?.state === 'sentBack' ? row.reasons : null,
      history: [...(row ? [submission(row)] : []), ...formers.map(submission)],
      countedSubmission: row?.countedSubmission ?? null,
      late: row?.late ?? (expected !== undefined && expected.due < today),
      moves: movesFor(actor, place.unit, row),
    }
  },

  async saveDraft({ tx, input, actor, now }) {
    const place = await placeOf(tx, input)
    mustBeAble(actor, 'record.fill', pathOfUnit(place.unit))
    if (!(await queries.expectedOf(tx, place.unit.id, place.form, place.period))) throw new Problem('period-not-open', { facts: { period: input.period } })
    const saved = await queries.saveDraft(tx, keyOf(place), { values: input.values, formVersion: input.formVersion, version: input.version, by: actor.account, at: now })
    if (saved) return saved
    const theirs = await queries.draftOf(tx, place.unit.id, place.form, place.period)
    throw new Problem('stale-version', { facts: { mine: input.version, theirs: theirs?.version ?? 0, values: theirs?.values ?? {}, savedAt: theirs?.savedAt } })
  },

  async dropDraft({ tx, input, actor }) {
    const place = await placeOf(tx, input)
    mustBeAble(actor, 'record.fill', pathOfUnit(place.unit))
    return { dropped: (await queries.dropDraft(tx, place.unit.id, place.form, place.period)) > 0 }
  },

  async submit({ tx, input, actor, now, today }) {
    const place = await placeOf(tx, input)
    const grant = mustBeAble(actor, 'record.fill', pathOfUnit(place.unit))
    await mayReport(tx, place.unit)
    const expected = await queries.expectedOf(tx, place.unit.id, place.form, place.period)
    if (!expected) throw new Problem('period-not-open', { facts: { period: input.period } })
    const form = await formMustBe(tx, place.form)
    if (form.state === 'withdrawn') throw new Problem('form-withdrawn', { facts: { form: form.code, name: form.nameZh } })
    if (form.version !== input.formVersion) throw new Problem('stale-version', { facts: { what: 'form', mine: input.formVersion, theirs: form.version } })
    const row = await queries.recordOf(tx, keyOf(place))
    const stale = () => new Problem('stale-version', { facts: { mine: input.version, theirs: row?.version ?? 1, state: row?.state, values: row?.values ?? {} } })
    if ((row?.version ?? 0) !== input.version) throw stale()

    recordLife.next(row?.state ?? 'none', row?.state === 'accepted' ? 'correct' : 'submit', input.note)
    const last = await queries.newestValues(tx, place.unit.id, place.form, place.period, { before: true })
    const held = await heldFor(tx, place.unit.id, form.definition, place.period)
    const { values, findings } = checkRecord(form.definition, input.values, { last: last?.values ?? null, held: held.values })
    const errors = findings.filter((finding) => finding.level === 'error')
    if (errors.length > 0) {
      throw new Problem('checks-failed', {
        field: `values.${errors[0]!.field}`,
        facts: { errors: errors.length },
        findings: errors.map(({ field, row: at, column, code, message, facts }) => ({
          code,
          path: ['values', field, at, column].filter((part) => part !== undefined).join('.'),
          facts: { ...facts, message },
        })),
      })
    }

    await filesMustBeWhole(tx, place.unit.id, form.definition, values)

    const saved = await queries.saveSubmission(tx, keyOf(place), {
      formVersion: form.version,
      values,
      offered: contributionsOf(await queries.measuresOf(tx, place.form), values, place.unit.class),
      late: daysBetween(expected.due, today) > 0,
      by: actor.account,
      at: now,
      note: input.note?.trim() || null,
      version: input.version,
    })
    if (!saved) throw stale()
    await queries.dropSubmittedDraft(tx, place.unit.id, place.form, place.period)
    await keepTyping(tx, { form: place.form, formVersion: form.version, period: place.period, units: [{ unit: place.unit.id, county: place.county }] })
    await record(tx, row?.state === 'accepted' ? 'record.corrected' : 'record.submitted', {
      by: bearer(actor, grant),
      unit: place.unit.id,
      subject: subjectOf({ unit: place.unit.id, form: place.form, period: place.period }),
      reason: input.note || undefined,
      facts: { from: row?.state ?? 'none', to: 'submitted', submission: saved.submission },
    })
    return { state: 'submitted', ...saved, warnings: findings }
  },

  async queue({ tx, input, actor }) {
    const scope = await inUnitScope({ tx, actor }, 'record.check', 'u', input.unit)
    const filter = { form: input.form, period: input.period ? parsePeriod(input.period) : undefined }
    // Oddness is judged by the form's own checks, so a filter by it looks through the queue instead of counting in SQL.
    const wide = input.only !== 'all'
    const { rows, total } = await queries.queueOf(tx, scope, scopeOf(actor, 'record.check'), { ...filter, ...(wide ? { limit: 5_000, offset: 0 } : { limit: input.limit, offset: input.offset }) })
    const signed = (row: { submittedBy: string; unit: number; form: string; period: number }) => ({ account: row.submittedBy, subject: subjectOf({ unit: row.unit, form: row.form, period: row.period }) })
    const nameOf = await signedNames(tx, rows.map(signed), actor.locale)
    const seen = rows.map((row): QueueRow => {
      const odd = checkRecord(row.definition, row.values, { last: row.lastValues, held: row.values }).findings
      return {
        unit: row.unit,
        unitName: row.unitName,
        parentName: row.parentName,
        form: row.form,
        formName: row.definition.name,
        period: periodText(row.period),
        state: row.state,
        version: row.version,
        submission: row.submission,
        submittedBy: nameOf(signed(row)),
        submittedAt: row.submittedAt,
        late: row.late,
        changes: changesOf(row.definition, row.values, row.lastValues),
        first: row.lastValues === null,
        odd,
        note: row.note,
        own: row.submittedBy === actor.account,
      }
    })
    if (!wide) return { rows: seen, total }
    const wanted = seen.filter((row) => row.odd.length > 0 === (input.only === 'odd'))
    return { rows: wanted.slice(input.offset, input.offset + input.limit), total: wanted.length }
  },

  ...decidingAnswers,

  async coverage({ tx, input, actor, today }) {
    const place = await placeOf(tx, input)
    mustBeAble(actor, 'record.read', pathOfUnit(place.unit))
    const rows = await queries.coverageOf(tx, place.unit, place.form, place.period, today)
    const total = { unit: place.unit.id, name: place.unit.name, level: place.unit.level as number, expected: 0, accepted: 0, submitted: 0, sentBack: 0, missing: 0, late: 0 }
    for (const row of rows) for (const key of ['expected', 'accepted', 'submitted', 'sentBack', 'missing', 'late'] as const) total[key] += row[key]
    return { total, rows }
  },

  async missing({ tx, input, actor, today }) {
    const place = await placeOf(tx, input)
    mustBeAble(actor, 'record.read', pathOfUnit(place.unit))
    const { rows, total } = await queries.missingOf(tx, place.unit, place.form, place.period, today, input)
    return { rows: rows.map((row) => ({ ...row, state: row.state as RecordState })), total }
  },

  async remind({ tx, input, actor, now }) {
    const place = await placeOf(tx, input)
    const grant = mustBeAble(actor, 'record.check', pathOfUnit(place.unit))
    const form = await formMustBe(tx, place.form)
    const title = `${form.nameZh} · ${formatPeriod(place.period, 'zh-CN')}`
    const { missing, told } = await queries.remindMissing(tx, place.unit, { form: place.form, period: place.period, chosen: input.units, title, text: input.text, by: actor.name, at: now })
    if (told.length > 0) {
      await record(tx, 'record.reminded', {
        by: bearer(actor, grant),
        unit: place.unit.id,
        subject: `figure:${place.unit.id}:${place.form}:${input.period}`,
        reason: input.text || undefined,
        facts: { missing, reminded: told.length, units: told.slice(0, 500) },
      })
    }
    return { missing, reminded: told.length, alreadyToday: missing - told.length }
  },

  async take({ tx, input, actor, now }) {
    const place = await placeOf(tx, input)
    const grant = mustBeAble(actor, 'record.check', pathOfUnit(place.unit))
    const rows = await queries.uncountedOf(tx, place.unit, place.form, place.period)
    const coverage = await queries.coverageOf(tx, place.unit, place.form, place.period, '0001-01-01')
    const expected = coverage.reduce((sum, row) => sum + row.expected, 0)
    if (expected === 0) throw new Problem('period-not-open', { facts: { period: input.period } })
    const taken = { form: place.form, period: place.period, unit: place.unit.id, expected, reported: expected - rows.length, missing: rows.map((row) => row.unit), by: actor.account, at: now, note: input.note }
    await queries.saveTaken(tx, taken)
    await record(tx, 'figure.taken', {
      by: bearer(actor, grant),
      unit: place.unit.id,
      subject: `figure:${place.unit.id}:${place.form}:${input.period}`,
      reason: input.note || undefined,
      facts: { expected, reported: taken.reported, missing: taken.missing },
    })
    return { expected, reported: taken.reported, missing: rows, takenAt: now.toISOString() }
  },
}
