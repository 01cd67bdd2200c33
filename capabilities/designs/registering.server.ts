import { Problem } from '../../rules/problem.ts'
import type { Tx } from '../../server/db.ts'
import { record, type Doer } from '../../server/events.ts'
import type { PackPart } from '../../server/pack.ts'
import { applyIn } from '../../tools/pack/apply-in.ts'
import { canonicalValue } from '../../tools/pack/canonical.ts'
import { packOfValues } from '../../tools/pack/read-pack.ts'
import { appliedPacks } from '../../tools/pack/write-pack.ts'
import { writtenForm } from '../ledgers/definitions.reads.ts'
import { DataItemDefinition, FormDefinition } from '../ledgers/form-definition.ts'
import { pathOf, unitOf } from '../units/units.reads.ts'
import { nextVersion, type Content, type Head, type Member } from './design.ts'
import * as queries from './designs.sql.ts'
import type { DesignLine } from './designs.sql.ts'
import { checked, layOver, touched } from './review.server.ts'
import { takeOut } from './uses.server.ts'

type Parts = readonly PackPart<any>[]

/**
 * What a pack brought is changed by those who keep it: the unit whose design made it, or a unit above; a pack that came
 * by the command line holds for everybody, so the topmost unit keeps it. Throws Problem `pack-of-another-unit`.
 */
export async function mustKeepPack(tx: Tx, code: string, unit: number): Promise<void> {
  if ((await appliedPacks(tx, code)).length === 0) return
  const maker = await queries.makerOf(tx, code)
  const may = maker ? (await pathOf(tx, maker.unit)).includes(unit) : (await unitOf(tx, unit)).level === 1
  if (!may) throw new Problem('pack-of-another-unit', { field: 'content.head.code', facts: { pack: code, unit: maker?.name ?? null } })
}

/** Throws Problem `form-invalid` with every finding; `item-already-asked` when it asks what is held. */
export async function mustBeWhole(tx: Tx, design: DesignLine, parts: Parts, today: string): Promise<void> {
  const { findings } = await checked(tx, design, parts, today)
  if (findings.length === 0) return
  const told = findings.map(({ code, section, path, facts, say }) => ({ code, path: [section ?? 'pack', ...path].join('.'), facts: { ...facts, say } }))
  const taken = told.find((finding) => finding.code === 'item-held-already' || finding.code === 'item-already-asked')
  throw new Problem(taken ? 'item-already-asked' : 'form-invalid', { field: (taken ?? told[0])!.path, facts: taken?.facts ?? {}, findings: told })
}

export const emptyHead = (code: string, title: Head['title']): Head => ({ code, version: '1.0.0', title })

/** A design that begins with one form in force and the items it asks. Throws Problem `not-found`. */
export async function fromForm(tx: Tx, code: string): Promise<{ content: Content; bases: Record<string, number> }> {
  const packs = await appliedPacks(tx)
  const inPack = packs.flatMap(({ content }) => (content.sections['forms'] ?? []) as Member[]).find((form) => form['code'] === code)
  const written = await writtenForm(tx, code, FormDefinition.safeParse(inPack).data)
  if (!written) throw new Problem('not-found', { facts: { what: 'form', code } })
  const { approval: _approval, ...form } = written.form
  const home = packs.find((pack) => pack.code === written.pack)
  const head = home ? { ...(home.content.head as Head) } : emptyHead(code, written.form.name)
  const items = written.items.map((item) => canonicalValue(DataItemDefinition, item) as Member)
  return { content: { head, sections: { dataItems: items, forms: [canonicalValue(FormDefinition, form) as Member] } }, bases: { [code]: written.version } }
}

/** Forms that differ from what the pack holds carry this officer's yes; the others keep the one they have. */
function withApproval(content: Content, before: Readonly<Record<string, unknown>>, approval: { by: string; on: string; number?: string }): Content {
  const bare = (form: Member) => JSON.stringify(canonicalValue(FormDefinition, { ...form, approval: undefined }))
  const old = new Map(((before['forms'] ?? []) as Member[]).map((form) => [form['code'], form]))
  const forms = (content.sections.forms ?? []).map((form) => {
    const there = old.get(form['code'])
    const kept = there?.['approval'] && bare(there) === bare(form) ? there['approval'] : approval
    return { ...form, approval: kept }
  })
  return { ...content, sections: { ...content.sections, ...(forms.length > 0 ? { forms } : {}) } }
}

export type Registering = { by: Doer; name: string; today: string; now: Date; number?: string; parts: Parts }
export type RegisteredDesign = { version: number; pack: string; packVersion: string; forms: { form: string; version: number }[] }

/**
 * Applies a design with the burden officer's yes and closes it: one line in the trail for each form, one for the design.
 * The caller has asked whether the officer may, and whether the unit keeps the pack. Throws Problem `form-invalid` when the
 * world has moved since it was submitted.
 */
export async function registerDesign(tx: Tx, design: DesignLine, { by, name, today, now, number, parts }: Registering): Promise<RegisteredDesign> {
  const { applied } = await layOver(tx, design.content, parts)
  const approved = withApproval(design.content, applied?.content.sections ?? {}, { by: name, on: today, ...(number ? { number } : {}) })
  await mustBeWhole(tx, { ...design, content: approved }, parts, today)
  const head = { ...approved.head, version: applied?.version === approved.head.version ? nextVersion(approved.head.version) : approved.head.version }
  const content: Content = { ...approved, head }
  const { merged } = await layOver(tx, content, parts)
  await applyIn(tx, packOfValues(head, merged.sections), { by: by.account, parts, narrow: touched(content) })
  await takeOut(tx, content.removed ?? {})
  const codes = (content.sections.forms ?? []).map((form) => String(form['code']))
  const { version } = await queries.decideDesign(tx, design.id, { state: 'registered', by: by.account, at: now, reason: null, content })
  const forms = []
  for (const form of codes) forms.push({ form, version: (await writtenForm(tx, form))!.version })
  for (const { form, version: formVersion } of forms) {
    await record(tx, 'form.approved', { by, unit: design.unit, subject: `form:${form}`, facts: { version: formVersion, design: design.id } })
  }
  await record(tx, 'design.registered', { by, unit: design.unit, subject: `design:${design.id}`, facts: { pack: head.code, version: head.version, forms, ...(content.removed ? { removed: content.removed } : {}) } })
  return { version, pack: head.code, packVersion: head.version, forms }
}
