import { isProblem, Problem } from '../../rules/problem.ts'
import type { Answers } from '../../server/answer.ts'
import type { Tx } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import type { PackPart } from '../../server/pack.ts'
import { canonicalValue } from '../../tools/pack/canonical.ts'
import { grantFor, mustBeAble, type Actor, type Grant } from '../access/permission.ts'
import { carriedOutBy, objectionToForm, type FormObjection } from '../burden/objections.reads.ts'
import type { MoveNow } from '../endpoint.ts'
import { notify } from '../inbox/inbox.reads.ts'
import { FormDefinition, type DataItemDefinition } from '../ledgers/form-definition.ts'
import { dataItemsOf, formAskers, formOf } from '../ledgers/ledgers.reads.ts'
import { askingOf, twinsAmongHeld } from '../ledgers/similar.reads.ts'
import { pathOf } from '../units/units.reads.ts'
import type { Content, Member } from './design.ts'
import type { designsContract } from './designs.contract.ts'
import * as queries from './designs.sql.ts'
import { lightened, type Lighter } from './lighten.ts'
import { fromForm, mustKeepPack, registerDesign } from './registering.server.ts'
import { checked, formChangeOf } from './review.server.ts'

type Names = 'objection' | 'carryOut'
const candidatesShown = 6

/** The design that carries an objection out: the form as it is, with one field less to type. */
async function lighterDesign(tx: Tx, objection: FormObjection, { shows, alongIndicators }: { shows: string | undefined; alongIndicators: boolean }, parts: readonly PackPart<any>[], today: string): Promise<{ content: Content; bases: Record<string, number> }> {
  const { content, bases } = await fromForm(tx, objection.form)
  const form = FormDefinition.parse(content.sections.forms![0])
  const lighter: Lighter = { field: objection.field!, shows }
  const gone = form.sections.flatMap((section) => section.fields).find((field) => field.code === objection.field)?.asks
  const items = (content.sections.dataItems ?? []).filter((item) => item['code'] !== gone)
  const forms = [canonicalValue(FormDefinition, lightened(form, lighter)) as Member]
  const lighterContent: Content = { ...content, sections: { ...(items.length > 0 ? { dataItems: items } : {}), forms } }
  if (!alongIndicators) return { content: lighterContent, bases }
  // Indicators that can no longer be worked out go with the field.
  const { findings } = await checked(tx, queries.asLine({ unit: objection.place[0]!, content: lighterContent, bases }), parts, today)
  const indicators = findings.filter((finding) => finding.code === 'indicator-breaks').map((finding) => String(finding.facts['indicator']))
  return { content: indicators.length > 0 ? { ...lighterContent, removed: { indicators } } : lighterContent, bases }
}

/** Whoever stands where the objection is decided, above everybody who asks the form, and keeps its pack. */
async function mustCarryOut(tx: Tx, actor: Actor, objection: FormObjection, pack: string): Promise<Grant> {
  const grant = mustBeAble(actor, 'burden.approve', objection.place)
  for (const asker of await formAskers(tx, objection.form)) mustBeAble(actor, 'burden.approve', await pathOf(tx, asker))
  await mustKeepPack(tx, pack, grant.unit)
  return grant
}

/** Throws Problem `move-not-possible` unless the objection is upheld, to a field, and not carried out yet. */
function mustBeToDo(objection: FormObjection): void {
  const { state, outcome, carriedOut } = objection
  const fits = outcome === 'fieldDropped' || outcome === 'prefilled'
  if (state !== 'upheld' || !fits || carriedOut) throw new Problem('move-not-possible', { facts: { life: 'objection', move: 'carryOut', state, from: ['upheld'] } })
}

/** Items that hold what the field asks, the surest first; an item that nobody asks can fill nothing. */
async function candidatesFor(tx: Tx, objection: FormObjection, item: DataItemDefinition | undefined) {
  if (!item) return []
  const form = await formOf(tx, objection.form)
  const find = await twinsAmongHeld(tx, { own: [objection.form] })
  return find(askingOf(item, form.audience), candidatesShown)
    .filter((twin) => twin.ownerForm !== null)
    .map((twin) => ({ item: twin.item.code, name: twin.item.name, ownerForm: twin.ownerForm!, ownerName: twin.ownerName!, sure: twin.sure }))
}

export function objectionAnswers(packParts: () => readonly PackPart<any>[]): Pick<Answers<typeof designsContract>, Names> {
  return {
    async objection({ tx, input, actor, today }) {
      const objection = await objectionToForm(tx, input.id)
      mustBeAble(actor, 'burden.approve', objection.place)
      const form = await formOf(tx, objection.form)
      const field = form.fields.find((one) => one.code === objection.field)
      const item = field?.item ? (await dataItemsOf(tx, [field.item])).get(field.item) : undefined
      const candidates = await candidatesFor(tx, objection, field?.kind === 'asks' ? item : undefined)
      const bare = { id: objection.id, version: objection.version, form: form.code, name: form.name, field: objection.field, fieldName: field?.name ?? null, candidates }
      const nothing = { ...bare, change: null, findings: [], gone: [] }
      if (objection.carriedOut) return { ...nothing, move: refused('move-not-possible') }
      if (field?.kind !== 'asks') return { ...nothing, move: refused('field-not-asked') }
      if (input.outcome === 'prefilled' && input.shows === undefined) return { ...nothing, move: refused('choose-owner') }
      const { content, bases } = await lighterDesign(tx, objection, { shows: input.outcome === 'prefilled' ? input.shows : undefined, alongIndicators: input.alongIndicators }, packParts(), today)
      const design = queries.asLine({ unit: objection.place[0]!, content, bases })
      const { findings } = await checked(tx, design, packParts(), today)
      const change = (await formChangeOf(tx, design, packParts(), objection.place[0]!, today)) ?? null
      return { ...bare, change, findings, gone: content.removed?.indicators ?? [], move: await moveFor(tx, actor, objection, content.head.code, findings.length) }
    },

    async carryOut({ tx, input, actor, today, now }) {
      const objection = await objectionToForm(tx, input.id)
      if (objection.version !== input.version) throw new Problem('stale-version', { facts: { mine: input.version, theirs: objection.version, state: objection.state } })
      mustBeToDo(objection)
      if (objection.outcome === 'prefilled' && input.shows === undefined) throw new Problem('invalid-input', { field: 'shows', findings: [{ code: 'choose-owner', path: 'shows' }] })
      const { content, bases } = await lighterDesign(tx, objection, { shows: objection.outcome === 'prefilled' ? input.shows : undefined, alongIndicators: input.alongIndicators }, packParts(), today)
      const grant = await mustCarryOut(tx, actor, objection, content.head.code)
      // Whoever objected does not make the version himself: two pairs of eyes, the village's and the officer's.
      if (objection.raisedBy === actor.account) throw new Problem('same-person')
      const by = { account: actor.account, post: grant.post || undefined }
      const id = await queries.addDesign(tx, { unit: grant.unit, content, bases, by: actor.account, at: now })
      const design = (await queries.designToChange(tx, id))!
      const { forms, pack, packVersion } = await registerDesign(tx, design, { by, name: actor.name, today, now, parts: packParts() })
      const formVersion = forms.find((one) => one.form === objection.form)!.version
      await carriedOutBy(tx, objection.id, { formVersion, on: today })
      const form = await formOf(tx, objection.form)
      await notify(tx, { units: [objection.unit], verb: 'record.fill', kind: 'objectionCarriedOut', subject: `objection:${objection.id}`, facts: { title: form.name.zh, version: formVersion }, by: actor.name })
      await record(tx, 'objection.carriedOut', { by, unit: objection.unit, subject: `objection:${objection.id}`, facts: { form: objection.form, field: objection.field, outcome: objection.outcome, version: formVersion, design: id, ...(input.shows ? { shows: input.shows } : {}) } })
      return { id: objection.id, design: id, form: objection.form, formVersion, pack, packVersion }
    },
  }
}

const refused = (why: string): MoveNow => ({ move: 'carryOut', possible: false, from: ['upheld'], why })

async function moveFor(tx: Tx, actor: Actor, objection: FormObjection, pack: string, findings: number): Promise<MoveNow> {
  if (!grantFor(actor, 'burden.approve', objection.place)) return refused('not-allowed')
  if (objection.raisedBy === actor.account) return refused('same-person')
  if (findings > 0) return refused('form-invalid')
  try {
    await mustCarryOut(tx, actor, objection, pack)
  } catch (error) {
    if (isProblem(error, 'not-allowed') || isProblem(error, 'pack-of-another-unit')) return refused(error.code)
    throw error
  }
  return { move: 'carryOut', possible: true, from: ['upheld'] }
}
