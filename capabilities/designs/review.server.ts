import type { PackPart } from '../../server/pack.ts'
import type { Tx } from '../../server/db.ts'
import { checkPack } from '../../tools/pack/check-pack.ts'
import { diffPack } from '../../tools/pack/diff-pack.ts'
import { identityIn } from '../../tools/pack/identity.ts'
import { packOfValues, type ReadPack } from '../../tools/pack/read-pack.ts'
import { appliedPacks, type PackContent } from '../../tools/pack/write-pack.ts'
import { indicatorsOn } from '../indicators/indicators.reads.ts'
import { burdenRulesOf, capsOfDesign } from '../burden/burden.reads.ts'
import { burdenOf, estimatedMinutes } from '../ledgers/burden.ts'
import { aggregatesNeeded } from '../ledgers/check-form.ts'
import { draftsWith, returnsByState } from '../ledgers/definitions.reads.ts'
import { fieldsOf } from '../ledgers/form-fields.ts'
import { DataItemDefinition, FormDefinition, resolveForm, type ResolvedForm } from '../ledgers/form-definition.ts'
import { countAudience, dataItemsOf, findForm } from '../ledgers/ledgers.reads.ts'
import { sameAsking } from '../ledgers/similar.ts'
import { askingOf, twinsAmongHeld } from '../ledgers/similar.reads.ts'
import { isProblem } from '../../rules/problem.ts'
import { designable, isWhole, mergeInto, type Content, type Designable, type Identity, type Member, type Merged } from './design.ts'
import type { Checked, DesignFinding, Difference, FormChange, ItemTwins } from './designs.contract.ts'
import { packsOf, type DesignLine } from './designs.sql.ts'
import { formDifference } from './form-difference.ts'
import { stillUsed } from './uses.server.ts'

type Parts = readonly PackPart<any>[]
/** A design laid over what its pack holds now. */
export type Laid = { applied: { version: string; content: PackContent } | undefined; merged: Merged; read: ReadPack }

export async function layOver(tx: Tx, content: Content, parts: Parts): Promise<Laid> {
  const [applied] = await appliedPacks(tx, content.head.code)
  const merged = mergeInto(applied?.content.sections ?? {}, content.sections, identityOf(parts), content.removed)
  return { applied, merged, read: packOfValues(content.head, merged.sections) }
}

export function identityOf(parts: Parts): Identity {
  return (section, member) => isWhole(section) ? section : identityIn(member, '', parts.find((part) => part.name === section))
}

const tables = { dataItems: 'data_item', synonyms: 'synonym_group', forms: 'form', indicators: 'indicator', programmes: 'programme', listTemplates: 'list_template' } as const

/** Everything that stands in the way of registering: what a pack is refused for, and what only a design can be wrong in. */
export async function checked(tx: Tx, design: DesignLine, parts: Parts, today: string): Promise<Checked> {
  const { content } = design
  const { merged, read } = await layOver(tx, content, parts)
  // An indicator of the pack that would lose its field is told once, in words about the form (brokenIndicators).
  const about = (await checkPack(tx, read, parts)).findings.filter(({ code, where }) => !(code.startsWith('formula-') && where?.section === 'indicators' && merged.placeIn('indicators', Number(where.path[0])) === undefined))
  const findings = about.map(({ code, where, id, facts, say }): DesignFinding => {
    const [index, ...rest] = where?.path ?? []
    const place = where && index !== undefined ? merged.placeIn(where.section, Number(index)) : undefined
    if (where?.section === 'pack') return { code, section: 'pack', path: [...where.path], id, facts, say }
    if (where && isWhole(where.section)) return { code, section: where.section, path: (content.sections[where.section as Designable]?.length ?? 0) > 0 ? ['0', ...where.path] : [], id, facts, say }
    return { code, section: place === undefined ? null : where!.section, path: place === undefined ? [] : [String(place), ...rest], id, facts, say }
  })
  const own: DesignFinding[] = [...(await othersThings(tx, content)), ...(await brokenIndicators(tx, content, merged)), ...(await stillUsed(tx, content, parts)), ...(await aboveCaps(tx, design, merged, today)), ...ownTwins(content), ...nothingThere(content)]
  const twins = await twinsOf(tx, design)
  return { version: design.version, findings: [...findings, ...own, ...twins.flatMap((one) => twinFindings(one, content))], twins }
}

function found(code: string, section: string | null, path: string[], id: string, facts: Record<string, unknown>, zh: string, en: string): DesignFinding {
  return { code, section, path, id, facts, say: { zh, en } }
}

/** A form that asks more of a unit than a month may, by itself: it could never be issued (F-14). */
async function aboveCaps(tx: Tx, design: DesignLine, merged: Merged, today: string): Promise<DesignFinding[]> {
  const findings: DesignFinding[] = []
  const { fieldsMonth } = await burdenRulesOf(tx)
  for (const [at, member] of (design.content.sections.forms ?? []).entries()) {
    const form = await resolved(tx, member, merged)
    if (!form) continue
    const fields = fieldsOf(form).asked.length
    // Asked after every save: what units carry already is looked up only where the form alone is above a cap.
    if (!form.audience.some((cls) => fields > (fieldsMonth[cls] ?? Infinity))) continue
    for (const cap of await capsOfDesign(tx, { form: form.code, fields, classes: form.audience, unit: design.unit, today })) {
      if (!cap.alone) continue
      findings.push(found('above-cap', 'forms', [String(at)], form.code, { ...cap }, `《${form.name.zh}》一次要填 ${cap.now} 个字段，超过每个单位每月 ${cap.most} 个的上限，发不出去。请减少字段，或先向减负审核员申请突破上限。`, `“${form.name.en}” asks ${cap.now} fields at once; a unit may be asked ${cap.most} in a month, so it could never be issued. Ask fewer, or ask the burden officer for an exception first.`))
    }
  }
  return findings
}

/** Two fields of one form that ask the same thing in other words: one of them is enough (F-15). */
function ownTwins({ sections }: Content): DesignFinding[] {
  const items = new Map((sections.dataItems ?? []).map((member, at) => [codeOf(member), { at, item: DataItemDefinition.safeParse(member).data }]))
  return (sections.forms ?? []).flatMap((member) => {
    const form = FormDefinition.safeParse(member).data
    const asked = (form?.sections ?? []).flatMap(({ fields }) => fields.flatMap((field) => (field.asks ? (items.get(field.asks) ?? []) : [])))
    return asked.flatMap(({ at, item }, n) => {
      const before = item && asked.slice(0, n).find(({ item: other }) => other !== undefined && other.code !== item.code && sameAsking(other, item))?.item
      if (!before) return []
      return [found('item-twice', 'dataItems', [String(at)], item.code, { item: item.code, twin: before.code, name: before.name }, `“${item.name.zh}”和同一张表里的“${before.name.zh}”（${before.code}）要的是同一个数。请只留一个。`, `“${item.name.en}” asks what “${before.name.en}” (${before.code}) of the same form asks. Keep one of the two.`)]
    })
  })
}

function nothingThere(content: Content): DesignFinding[] {
  if (designable.some((section) => (content.sections[section]?.length ?? 0) > 0) || Object.values(content.removed ?? {}).some((ids) => ids.length > 0)) return []
  return [found('design-empty', null, [], '', {}, '设计里还没有内容。请添加表单、指标或清单。', 'There is nothing in the design yet. Add a form, an indicator or a list.')]
}

/** What another pack brought is changed in that pack, so that nothing changes under its feet. */
async function othersThings(tx: Tx, content: Content): Promise<DesignFinding[]> {
  const findings: DesignFinding[] = []
  for (const [section, table] of Object.entries(tables) as [keyof typeof tables, (typeof tables)[keyof typeof tables]][]) {
    const members = content.sections[section] ?? []
    const owners = await packsOf(tx, table, members.map(codeOf))
    members.forEach((member, at) => {
      const pack = owners.get(codeOf(member))
      if (pack === undefined || pack === content.head.code) return
      const code = codeOf(member)
      findings.push(
        found('belongs-to-another-pack', section, [String(at)], code, { code, pack }, `${code} 属于内容包 ${pack}，不能在这里改。请换一个代码，或从那个内容包开始设计。`, `${code} belongs to the pack ${pack} and cannot be changed here. Choose another code, or begin a design from that pack.`),
      )
    })
  }
  return findings
}

const codeOf = (member: Member) => (typeof member['code'] === 'string' ? member['code'] : '')

/** Indicators of any pack that would lose a field they read. */
async function brokenIndicators(tx: Tx, content: Content, merged: Merged): Promise<DesignFinding[]> {
  const findings: DesignFinding[] = []
  const inDesign = new Set([...(content.sections.indicators ?? []).map(codeOf), ...(content.removed?.indicators ?? [])])
  for (const [at, member] of (content.sections.forms ?? []).entries()) {
    const form = await resolved(tx, member, merged)
    if (!form) continue
    for (const indicator of await indicatorsOn(tx, form.code)) {
      if (inDesign.has(indicator.code)) continue
      const wrong = [indicator.num, indicator.den].find((formula) => formula !== undefined && !holds(formula, form))
      if (wrong === undefined) continue
      findings.push(
        found('indicator-breaks', 'forms', [String(at)], form.code, { indicator: indicator.code, name: indicator.name, formula: wrong }, `指标“${indicator.name.zh}”的算式“${wrong}”在新表单上算不出来。请保留它用到的字段，或把这个指标一起改。`, `The formula “${wrong}” of the indicator “${indicator.name.en}” does not hold for the new form. Keep the fields it reads, or change the indicator as well.`),
      )
    }
  }
  return findings
}

function holds(formula: string, form: ResolvedForm): boolean {
  try {
    aggregatesNeeded(formula, form)
    return true
  } catch (error) {
    if (isProblem(error, 'formula-invalid')) return false
    throw error
  }
}

/** @returns a form of the design as it would be asked, or undefined while it is not whole yet */
export async function resolved(tx: Tx, member: Member, merged: Merged, version = 1): Promise<ResolvedForm | undefined> {
  const read = FormDefinition.safeParse(member)
  if (!read.success) return undefined
  const items = await itemsFor(tx, read.data, merged)
  const named = read.data.sections.flatMap((section) => section.fields.flatMap((field) => field.asks ?? field.shows ?? []))
  return named.every((code) => items.has(code)) ? resolveForm(read.data, items, version) : undefined
}

async function itemsFor(tx: Tx, form: FormDefinition, merged: Merged): Promise<Map<string, DataItemDefinition>> {
  const named = form.sections.flatMap((section) => section.fields.flatMap((field) => field.asks ?? field.shows ?? []))
  const items = new Map<string, DataItemDefinition>(await dataItemsOf(tx, named))
  for (const member of (merged.sections['dataItems'] ?? []) as Member[]) {
    const item = DataItemDefinition.safeParse(member)
    if (item.success) items.set(item.data.code, item.data)
  }
  return items
}

// ---- similar askings

/** New items with what is held and looks like them; items that are registered already are not askings any more. */
export async function twinsOf(tx: Tx, design: DesignLine): Promise<ItemTwins[]> {
  const { content } = design
  const items = (content.sections.dataItems ?? []).flatMap((member) => DataItemDefinition.safeParse(member).data ?? [])
  const known = await dataItemsOf(tx, items.map((item) => item.code))
  const forms = (content.sections.forms ?? []).flatMap((member) => FormDefinition.safeParse(member).data ?? [])
  const askedBy = (code: string) => forms.filter((form) => form.sections.some((section) => section.fields.some((field) => field.asks === code)))
  const fresh = items.filter((item) => !known.has(item.code))
  if (fresh.length === 0) return []
  const find = await twinsAmongHeld(tx, { own: forms.map((form) => form.code) })
  return fresh.flatMap((item) => {
    const audience = [...new Set(askedBy(item.code).flatMap((form) => form.audience))]
    const twins = find(askingOf(item, audience), 4)
    return twins.length > 0 ? [{ item: item.code, name: item.name, twins, reason: design.reasons[item.code]?.trim() || null }] : []
  })
}

/** C2, F-15: what is held is not asked again. The same thing is refused; what only seems so wants a reason. */
function twinFindings({ item, name, twins, reason }: ItemTwins, content: Content): DesignFinding[] {
  const at = String((content.sections.dataItems ?? []).findIndex((member) => codeOf(member) === item))
  const same = twins.find((twin) => twin.band === 'same')
  const facts = (twin: (typeof twins)[number]) => ({ item, twin: twin.item.code, name: twin.item.name, form: twin.ownerForm, sure: twin.sure })
  const owner = (twin: (typeof twins)[number]) => ({ zh: twin.ownerName ? `《${twin.ownerName.zh}》` : '已有数据项', en: twin.ownerName ? `“${twin.ownerName.en}”` : 'a held item' })
  if (same) {
    const by = owner(same)
    return [found('item-held-already', 'dataItems', [at], item, facts(same), `“${name.zh}”已由${by.zh}填报（${same.item.code}），不能再要一次。请改用已有的。`, `“${name.en}” is held already by ${by.en} (${same.item.code}) and cannot be asked again. Use the held one.`)]
  }
  const likely = twins.find((twin) => twin.band === 'likely')
  if (!likely || reason !== null) return []
  const by = owner(likely)
  return [
    found('twin-unanswered', 'dataItems', [at], item, facts(likely), `“${name.zh}”与${by.zh}的“${likely.item.name.zh}”相近（${likely.sure}%）。请改用已有的，或写明为什么是另一回事。`, `“${name.en}” is like “${likely.item.name.en}” of ${by.en} (${likely.sure} %). Use the held one, or say why it is another thing.`),
  ]
}

// ---- what registering would change

export async function differenceOf(tx: Tx, design: DesignLine, parts: Parts, audienceWithin: number, today: string): Promise<Difference> {
  const { content } = design
  const { applied, merged, read } = await layOver(tx, content, parts)
  const forms: FormChange[] = []
  for (const member of content.sections.forms ?? []) {
    const change = await formChange(tx, member, merged, design, audienceWithin, today)
    if (change) forms.push(change)
  }
  const diff = await diffPack(tx, read, parts)
  const others = diff.lists
    .filter((list) => list.section !== 'pack')
    // Forms are told field by field above; here only those that go.
    .map(({ section, added, changed, removed }) => (section === 'forms' ? { section, added: [], changed: [], removed } : { section, added, changed, removed }))
    .filter(({ added, changed, removed }) => added.length + changed.length + removed.length > 0)
    .map(({ section, added, changed, removed }) => ({ section, added, removed, changed: changed.map(({ id, leaves }) => ({ id, leaves: leaves.map(({ path, from, to }) => ({ what: path, from, to })) })) }))
  return { version: design.version, packFrom: applied?.version ?? null, packTo: content.head.version, forms, others }
}

/** What a design of one form changes about it; undefined while it is not whole. */
export async function formChangeOf(tx: Tx, design: DesignLine, parts: Parts, within: number, today: string): Promise<FormChange | undefined> {
  const { merged } = await layOver(tx, design.content, parts)
  return formChange(tx, design.content.sections.forms![0]!, merged, design, within, today)
}

async function formChange(tx: Tx, member: Member, merged: Merged, design: DesignLine, within: number, today: string): Promise<FormChange | undefined> {
  const now = await findForm(tx, codeOf(member))
  const next = await resolved(tx, member, merged, (now?.version ?? 0) + 1)
  if (!next) return undefined
  const difference = now ? formDifference(now, next) : null
  const gone = now ? now.fields.filter((field) => field.kind === 'asks' && !next.fields.some((one) => one.code === field.code && one.kind === 'asks')) : []
  const drafts = now ? await draftsWith(tx, now.code, gone.map((field) => field.code)) : new Map<string, number>()
  const asked = (form: ResolvedForm) => countAudience(tx, { classes: form.audience, within: [within] })
  const base = design.bases[next.code]
  return {
    form: next.code,
    name: next.name,
    from: now?.version ?? null,
    to: difference?.same ? now!.version : next.version,
    overtaken: base !== undefined && now !== undefined && now.version > base,
    difference,
    burden: burdenOf(next, await asked(next)),
    burdenBefore: now ? burdenOf(now, await asked(now)) : null,
    estimatedMinutes: estimatedMinutes(next, (await burdenRulesOf(tx)).minutesPerField),
    caps: await capsOfDesign(tx, { form: next.code, fields: fieldsOf(next).asked.length, classes: next.audience, unit: within, today }),
    returns: now ? await returnsByState(tx, now.code) : { open: 0, drafts: 0, sentBack: 0, waiting: 0, accepted: 0 },
    lost: gone.map((field) => ({ field: field.code, name: field.name, drafts: drafts.get(field.code) ?? 0 })),
  }
}

/** Which members of a merged section registering has to touch: forms of the design, and those that name one of its items. */
export function touched(content: Content): (name: string, section: unknown) => unknown {
  const forms = new Set((content.sections.forms ?? []).map(codeOf))
  const items = new Set((content.sections.dataItems ?? []).map(codeOf))
  const inDesign = (name: Designable, member: Member) => (content.sections[name] ?? []).some((one) => codeOf(one) === codeOf(member))
  return (name, section) => {
    if (name === 'forms') {
      return (section as FormDefinition[]).filter((form) => forms.has(form.code) || form.sections.some(({ fields }) => fields.some((field) => items.has(field.asks ?? field.shows ?? ''))))
    }
    if (name === 'dataItems' || name === 'programmes' || name === 'listTemplates') return (section as Member[]).filter((member) => inDesign(name, member))
    return section
  }
}
