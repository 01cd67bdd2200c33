import { Problem } from '../../rules/problem.ts'
import type { Answers } from '../../server/answer.ts'
import type { Tx } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import type { PackPart } from '../../server/pack.ts'
import { PackHead, readPackFiles } from '../../tools/pack/read-pack.ts'
import { appliedPacks } from '../../tools/pack/write-pack.ts'
import { accountNames, signedNames } from '../access/access.reads.ts'
import { grantFor, mustBeAble, scopeOf, type Actor, type Grant } from '../access/permission.ts'
import type { Verb } from '../access/verbs.ts'
import type { MoveNow } from '../endpoint.ts'
import { notify } from '../inbox/inbox.reads.ts'
import { writtenForm } from '../ledgers/definitions.reads.ts'
import { activeUnitOf, inScope, pathOf, pathOfUnit } from '../units/units.reads.ts'
import { asDesigned, designLife, type Content, type Designable, type DesignMove, type Head } from './design.ts'
import type { Design, DesignRow, designsContract } from './designs.contract.ts'
import * as queries from './designs.sql.ts'
import type { DesignLine, DesignShort } from './designs.sql.ts'
import { objectionAnswers } from './objections.server.ts'
import { unzipPack } from './pack-file.ts'
import { emptyHead, fromForm, mustBeWhole, mustKeepPack, registerDesign } from './registering.server.ts'
import { checked, differenceOf, layOver, resolved } from './review.server.ts'
import { holdingsOf } from './uses.server.ts'

const bearer = (actor: Actor, grant: Grant) => ({ account: actor.account, post: grant.post || undefined })
const subjectOf = (id: number) => `design:${id}`

async function designMust(tx: Tx, id: number): Promise<DesignLine> {
  const design = await queries.designOf(tx, id)
  if (!design) throw new Problem('not-found', { facts: { what: 'design', id } })
  return design
}

/** Those who design at the unit or above it, and the burden officers there. */
export async function readableDesign(tx: Tx, actor: Actor, id: number): Promise<DesignLine> {
  const design = await designMust(tx, id)
  const path = await pathOf(tx, design.unit)
  if (!grantFor(actor, 'burden.approve', path)) mustBeAble(actor, 'form.register', path)
  return design
}

async function designToChange(tx: Tx, actor: Actor, input: { id: number; version: number }, move: DesignMove, reason?: string): Promise<{ design: DesignLine; grant: Grant }> {
  const design = await queries.designToChange(tx, input.id)
  if (!design) throw new Problem('not-found', { facts: { what: 'design', id: input.id } })
  const grant = mustBeAble(actor, designLife.table[move].verb as Verb, await pathOf(tx, design.unit))
  if (design.version !== input.version) {
    const names = await accountNames(tx, [design.savedBy])
    throw new Problem('stale-version', {
      facts: { mine: input.version, theirs: design.version, state: design.state, content: design.content, reasons: design.reasons, savedBy: names.get(design.savedBy) ?? design.savedBy, savedAt: design.savedAt },
    })
  }
  designLife.next(design.state, move, reason)
  return { design, grant }
}

function isAuthor(actor: Actor, design: Pick<DesignLine, 'createdBy' | 'savedBy' | 'submittedBy'>): boolean {
  return [design.createdBy, design.savedBy, design.submittedBy].includes(actor.account)
}

async function movesFor(tx: Tx, actor: Actor, design: DesignLine): Promise<MoveNow[]> {
  const path = await pathOf(tx, design.unit)
  return designLife.may(design.state).map(({ move, possible, from }) => {
    if (!possible) return { move, possible, from, why: 'move-not-possible' }
    if (!grantFor(actor, designLife.table[move].verb as Verb, path)) return { move, possible: false, from, why: 'not-allowed' }
    if ((move === 'approve' || move === 'sendBack') && isAuthor(actor, design)) return { move, possible: false, from, why: 'same-person' }
    return { move, possible, from }
  })
}

const savedAct = (design: Pick<DesignShort, 'id' | 'savedBy'>) => ({ account: design.savedBy, subject: subjectOf(design.id) })

function rowOf(design: DesignShort, savedBy: string): DesignRow {
  const { id, unit, unitName, pack, state, version, forms, indicators, lists, savedAt } = design
  return { id, unit, unitName, title: { zh: design.titleZh, en: design.titleEn }, pack, state, version, forms, indicators, lists, savedBy, savedAt }
}

// ---- what a design starts from

async function fromPack(tx: Tx, code: string): Promise<{ content: Content; bases: Record<string, number> }> {
  const [pack] = await appliedPacks(tx, code)
  if (!pack) throw new Problem('not-found', { facts: { what: 'pack', code } })
  const sections = asDesigned(pack.content.sections)
  return { content: { head: pack.content.head as Head, sections }, bases: await basesOf(tx, sections) }
}

async function fromFile(tx: Tx, zip: string, parts: readonly PackPart<any>[]): Promise<{ content: Content; bases: Record<string, number> }> {
  const unzipped = unzipPack(Buffer.from(zip, 'base64'))
  if ('fault' in unzipped) throw new Problem(unzipped.fault === 'too-large' ? 'too-large' : 'not-a-pack-file', { field: 'from.zip', facts: { fault: unzipped.fault } })
  const read = await readPackFiles(unzipped.files, parts)
  if (read.findings.length > 0) {
    throw new Problem('not-a-pack-file', {
      field: 'from.zip',
      findings: read.findings.map(({ file, line, column, code, facts }) => ({ code: 'pack-file-place', path: `${file}:${line}:${column}`, facts: { file, line, column, says: String(facts['says'] ?? code) } })),
    })
  }
  const head = PackHead.safeParse(read.head)
  if (!head.success) throw new Problem('not-a-pack-file', { field: 'from.zip', facts: { fault: 'no-pack' } })
  const { requires, ...rest } = head.data
  const sections = asDesigned(read.sections)
  return { content: { head: { ...rest, ...(requires.length > 0 ? { requires } : {}) }, sections }, bases: await basesOf(tx, sections) }
}

/** The versions in force of the forms that a design starts from. */
async function basesOf(tx: Tx, sections: Content['sections']): Promise<Record<string, number>> {
  const bases: Record<string, number> = {}
  for (const form of sections.forms ?? []) {
    const written = typeof form['code'] === 'string' ? await writtenForm(tx, form['code']) : undefined
    if (written) bases[written.form.code] = written.version
  }
  return bases
}

/** The answers of the room; the parts of a pack are known to the one place where all rooms meet. */
export function designsAnswers(packParts: () => readonly PackPart<any>[]): Answers<typeof designsContract> {
  return {
    async list({ tx, input, actor }) {
      const scope = [...new Set([...scopeOf(actor, 'form.register'), ...scopeOf(actor, 'burden.approve')])]
      const { rows, total } = await queries.findDesigns(tx, await inScope(tx, 'u', scope), input)
      const nameOf = await signedNames(tx, rows.map(savedAct), actor.locale)
      return { rows: rows.map((row) => rowOf(row, nameOf(savedAct(row)))), total }
    },

    async packs({ tx }) {
      const packs = await appliedPacks(tx)
      return {
        rows: packs.map(({ code, version, content }) => ({
          code,
          version,
          title: (content.head as Head).title,
          sections: Object.fromEntries(Object.entries(asDesigned(content.sections)).map(([name, members]) => [name, members.length])),
        })).filter((pack) => Object.keys(pack.sections).length > 0),
      }
    },

    async create({ tx, input, actor, now }) {
      const unit = await activeUnitOf(tx, input.unit)
      const grant = mustBeAble(actor, 'form.register', pathOfUnit(unit))
      const { from } = input
      const { content, bases } =
        from.kind === 'empty' ? { content: { head: emptyHead(from.code, from.title), sections: {} }, bases: {} }
        : from.kind === 'form' ? await fromForm(tx, from.form)
        : from.kind === 'pack' ? await fromPack(tx, from.pack)
        : await fromFile(tx, from.zip, packParts())
      await mustKeepPack(tx, content.head.code, unit.id)
      const id = await queries.addDesign(tx, { unit: unit.id, content, bases, by: actor.account, at: now })
      await record(tx, 'design.created', { by: bearer(actor, grant), unit: unit.id, subject: subjectOf(id), facts: { pack: content.head.code, from: from.kind } })
      return { id }
    },

    async open({ tx, input, actor }): Promise<Design> {
      const design = await readableDesign(tx, actor, input.id)
      const names = await accountNames(tx, [design.createdBy, design.savedBy, design.submittedBy, design.decidedBy].filter((id) => id !== null), { subject: subjectOf(design.id), locale: actor.locale })
      const nameOf = (id: string | null) => (id === null ? null : (names.get(id) ?? id))
      const count = (section: Designable) => design.content.sections[section]?.length ?? 0
      const { content, reasons, submittedAt, note, decidedAt, reason } = design
      return {
        ...rowOf({ ...design, forms: count('forms'), indicators: count('indicators'), lists: count('listTemplates') }, nameOf(design.savedBy)!),
        content, reasons, createdBy: nameOf(design.createdBy)!, submittedBy: nameOf(design.submittedBy), submittedAt, note, decidedBy: nameOf(design.decidedBy), decidedAt, reason,
        moves: await movesFor(tx, actor, design),
      }
    },

    // Like a clerk's draft, a save while typing is kept and leaves no line in the trail; what is done with it does.
    async save({ tx, input, actor, now }) {
      const { design } = await designToChange(tx, actor, input, 'save')
      const { head, sections, removed } = input.content
      const content: Content = { head, sections, ...(removed && Object.values(removed).some((ids) => ids.length > 0) ? { removed } : {}) }
      return queries.saveDesign(tx, design.id, { content, reasons: input.reasons, by: actor.account, at: now })
    },

    check: async ({ tx, input, actor, today }) => checked(tx, await readableDesign(tx, actor, input.id), packParts(), today),

    async difference({ tx, input, actor, today }) {
      const design = await readableDesign(tx, actor, input.id)
      return differenceOf(tx, design, packParts(), design.unit, today)
    },

    async preview({ tx, input, actor }) {
      const design = await readableDesign(tx, actor, input.id)
      const member = (design.content.sections.forms ?? []).find((form) => form['code'] === input.form)
      const definition = member && (await resolved(tx, member, (await layOver(tx, design.content, packParts())).merged))
      if (!definition) throw new Problem('not-found', { facts: { what: 'form', code: input.form } })
      return { definition }
    },

    async holdings({ tx, input, actor }) {
      const { content } = await readableDesign(tx, actor, input.id)
      return holdingsOf(tx, content, input.section, packParts())
    },

    async submit({ tx, input, actor, now, today }) {
      const { design, grant } = await designToChange(tx, actor, input, 'submit')
      await mustKeepPack(tx, design.content.head.code, design.unit)
      await mustBeWhole(tx, design, packParts(), today)
      const { version } = await queries.submitDesign(tx, design.id, { by: actor.account, at: now, note: input.note.trim() || null })
      const path = await pathOf(tx, design.unit)
      await notify(tx, { units: [...path], verb: 'burden.approve', kind: 'designSubmitted', subject: subjectOf(design.id), facts: { title: design.titleZh, design: design.id }, by: actor.name })
      await record(tx, 'design.submitted', { by: bearer(actor, grant), unit: design.unit, subject: subjectOf(design.id), reason: input.note.trim() || undefined, facts: { pack: design.pack } })
      return { state: 'review', version }
    },

    async takeBack({ tx, input, actor }) {
      const { design, grant } = await designToChange(tx, actor, input, 'takeBack')
      const { version } = await queries.returnToDraft(tx, design.id)
      await record(tx, 'design.takenBack', { by: bearer(actor, grant), unit: design.unit, subject: subjectOf(design.id) })
      return { state: 'draft', version }
    },

    async remove({ tx, input, actor }) {
      const { design, grant } = await designToChange(tx, actor, input, 'remove')
      await queries.removeDesign(tx, design.id)
      await record(tx, 'design.removed', { by: bearer(actor, grant), unit: design.unit, subject: subjectOf(design.id), facts: { title: design.titleZh, pack: design.pack } })
      return { removed: true }
    },

    async sendBack({ tx, input, actor, now }) {
      const { design, grant } = await designToChange(tx, actor, input, 'sendBack', input.reason)
      if (isAuthor(actor, design)) throw new Problem('same-person')
      const { version } = await queries.decideDesign(tx, design.id, { state: 'draft', by: actor.account, at: now, reason: input.reason.trim() })
      await notify(tx, { units: [design.unit], verb: 'form.register', kind: 'designSentBack', subject: subjectOf(design.id), facts: { title: design.titleZh, design: design.id }, by: actor.name })
      await record(tx, 'design.sentBack', { by: bearer(actor, grant), unit: design.unit, subject: subjectOf(design.id), reason: input.reason.trim() })
      return { state: 'draft', version }
    },

    async approve({ tx, input, actor, now, today }) {
      const { design, grant } = await designToChange(tx, actor, input, 'approve')
      if (isAuthor(actor, design)) throw new Problem('same-person')
      await mustKeepPack(tx, design.content.head.code, design.unit)
      const { forms, ...registered } = await registerDesign(tx, design, { by: bearer(actor, grant), name: actor.name, today, now, number: input.number.trim(), parts: packParts() })
      await queries.ownForms(tx, forms.map((one) => one.form), design.unit)
      await notify(tx, { units: [design.unit], verb: 'form.register', kind: 'designApproved', subject: subjectOf(design.id), facts: { title: design.titleZh, design: design.id }, by: actor.name })
      return { state: 'registered', ...registered, forms }
    },

    ...objectionAnswers(packParts),
  }
}
