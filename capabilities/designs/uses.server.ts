import type { PackPart } from '../../server/pack.ts'
import type { Tx } from '../../server/db.ts'
import { identityIn } from '../../tools/pack/identity.ts'
import { appliedPacks } from '../../tools/pack/write-pack.ts'
import { indicatorsOn, takeOutTargets, unitTargets } from '../indicators/indicators.reads.ts'
import { formsNaming, itemsAskedBy, returnsOfForms, takeOutForms, takeOutItems } from '../ledgers/removing.reads.ts'
import * as lists from '../lists/removing.reads.ts'
import { mattersOfKinds } from '../promises/promises.reads.ts'
import { removable, type Content, type Member, type Removable } from './design.ts'
import type { DesignFinding, Holding, Use } from './designs.contract.ts'

type Parts = readonly PackPart<any>[]
type Words = { zh: string; en: string }

const idOf = (section: Removable, member: Member, parts: Parts) => identityIn(member, '', parts.find((part) => part.name === section)) ?? ''

/** What a member is called where it is shown: its name, the first words of a group, the year of a notice. */
function nameOf(section: Removable, member: Member, id: string): Words {
  if (section === 'synonyms') return both((member['words'] as string[]).slice(0, 4).join('、'))
  if (section === 'calendar') return { zh: `${id} 年放假安排`, en: `Holidays of ${id}` }
  return (member['name'] as Words | undefined) ?? both(id)
}
const both = (text: string): Words => ({ zh: text, en: text })

/** Members of one section of the design's pack with what hangs on each; and how many each section has. */
export async function holdingsOf(tx: Tx, content: Content, section: Removable, parts: Parts): Promise<{ rows: Holding[]; sections: { section: Removable; count: number }[] }> {
  const [applied] = await appliedPacks(tx, content.head.code)
  const held = (name: Removable) => (applied?.content.sections[name] ?? []) as Member[]
  const rows = held(section).map((member) => ({ member, id: idOf(section, member, parts) }))
  const uses = await usesOf(tx, section, rows.map(({ id }) => id), content)
  const gone = new Set(content.removed?.[section] ?? [])
  return {
    rows: rows.map(({ member, id }) => ({ section, id, name: nameOf(section, member, id), removed: gone.has(id), uses: uses.get(id) ?? [] })),
    sections: removable.map((name) => ({ section: name, count: held(name).length })).filter(({ count }) => count > 0),
  }
}

/** Whatever shall be taken out and is still used, or is not there: told with what uses it. */
export async function stillUsed(tx: Tx, content: Content, parts: Parts): Promise<DesignFinding[]> {
  const findings: DesignFinding[] = []
  const entries = Object.entries(content.removed ?? {}) as [Removable, string[]][]
  if (entries.every(([, ids]) => ids.length === 0)) return findings
  const [applied] = await appliedPacks(tx, content.head.code)
  for (const [section, ids] of entries) {
    const held = new Set(((applied?.content.sections[section] ?? []) as Member[]).map((member) => idOf(section, member, parts)))
    const uses = await usesOf(tx, section, ids, content)
    for (const id of ids) {
      const at = { section: 'removed', path: [section, id], id }
      if (!held.has(id)) {
        findings.push({ ...at, code: 'not-in-pack', facts: { id, pack: content.head.code }, say: { zh: `内容包 ${content.head.code} 里没有 ${id}，不用去掉。`, en: `The pack ${content.head.code} does not hold ${id}, so it need not be taken out.` } })
        continue
      }
      for (const use of uses.get(id) ?? []) if (use.stops) findings.push({ ...at, code: 'still-used', facts: { id, use: use.code }, say: { zh: `${id} 还不能去掉：${use.say.zh}。请先改掉或一并去掉用到它的内容。`, en: `${id} cannot be taken out yet: ${use.say.en}. Change or take out what uses it as well.` } })
    }
  }
  return findings
}

const use = (code: string, stops: boolean, zh: string, en: string): Use => ({ code, stops, say: { zh, en } })
const listed = (names: readonly Words[]): Words => ({ zh: names.map((one) => `“${one.zh}”`).join('、'), en: names.map((one) => `“${one.en}”`).join(', ') })

/**
 * What hangs on members of a section, once the design is laid over: what the design takes out or changes itself no longer
 * counts. `stops` where taking it out would break something; the others are told and stay as they are.
 */
async function usesOf(tx: Tx, section: Removable, ids: readonly string[], { sections, removed = {} }: Content): Promise<Map<string, Use[]>> {
  const uses = new Map<string, Use[]>(ids.map((id) => [id, []]))
  const tell = (id: string, ...more: Use[]) => uses.get(id)?.push(...more)
  const gone = (name: Removable, id: string) => (removed[name] ?? []).includes(id)
  const designed = (name: 'forms' | 'indicators' | 'listTemplates', code: string) => (sections[name] ?? []).find((one) => one['code'] === code)
  if (section === 'dataItems') {
    for (const [item, forms] of await formsNaming(tx, ids)) {
      const left = forms.filter(({ form }) => !gone('forms', form) && (designed('forms', form) === undefined || namesItem(designed('forms', form)!, item)))
      if (left.length > 0) tell(item, use('forms', true, `表单${listed(left.map((one) => one.name)).zh}要用它`, `it is used by ${listed(left.map((one) => one.name)).en}`))
    }
    // A form that is only drawn here may ask it as well.
    for (const id of ids) for (const form of sections.forms ?? []) if (uses.get(id)!.length === 0 && namesItem(form, id)) tell(id, use('forms', true, '这份设计里的表单要用它', 'a form of this design uses it'))
  }
  if (section === 'forms') {
    const [returns, items, templates, open] = [await returnsOfForms(tx, ids), await itemsAskedBy(tx, ids), await lists.templatesNaming(tx, ids), await lists.openItemsOfForms(tx, ids)]
    for (const id of ids) {
      const indicators = (await indicatorsOn(tx, id)).filter((one) => !gone('indicators', one.code) && (designed('indicators', one.code)?.['form'] ?? id) === id)
      if (indicators.length > 0) tell(id, use('indicators', true, `指标${listed(indicators.map((one) => one.name)).zh}由它算出`, `the indicators ${listed(indicators.map((one) => one.name)).en} read it`))
      const shown = [...(await formsNaming(tx, items.get(id) ?? []))].flatMap(([, forms]) => forms).filter(({ form, kind }) => kind === 'shows' && form !== id && !gone('forms', form))
      const readers = [...new Map(shown.map((one) => [one.form, one.name])).values()]
      if (readers.length > 0) tell(id, use('shown', true, `表单${listed(readers).zh}从它带出数据`, `${listed(readers).en} are filled from it`))
      const offered = (templates.get(id) ?? []).filter(({ code }) => !gone('listTemplates', code) && !(designed('listTemplates', code) && !JSON.stringify(designed('listTemplates', code)).includes(`"form":"${id}"`)))
      if (offered.length > 0) tell(id, use('templates', true, `清单模板${listed(offered).zh}用到它`, `the list templates ${listed(offered).en} name it`))
      if (open.has(id)) tell(id, use('items', true, `还有 ${open.get(id)} 项清单任务在用它`, `${open.get(id)} open items ask it`))
      const { given = 0, open: expected = 0 } = returns.get(id) ?? {}
      if (given > 0) tell(id, use('given', false, `已报的 ${given} 份留着，可以查看`, `${given} returns given stay readable`))
      if (expected > 0) tell(id, use('expected', false, `没有报的 ${expected} 份不用再报`, `${expected} returns not given wait no longer`))
    }
  }
  if (section === 'indicators') for (const [id, n] of await unitTargets(tx, ids)) tell(id, use('targets', false, `${n} 个单位的目标一并去掉`, `the targets of ${n} units go with it`))
  if (section === 'listTemplates') for (const [id, n] of await lists.listsFrom(tx, ids)) tell(id, use('lists', false, `由它做成的 ${n} 张清单不变`, `${n} lists made from it stay`))
  if (section === 'programmes') {
    for (const [id, n] of await lists.listsOf(tx, ids)) tell(id, use('lists', true, `有 ${n} 张清单属于它`, `${n} lists belong to it`))
    for (const [id, templates] of await lists.templatesOf(tx, ids)) {
      const left = templates.filter(({ code }) => !gone('listTemplates', code))
      if (left.length > 0) tell(id, use('templates', true, `清单模板${listed(left).zh}属于它`, `the list templates ${listed(left).en} belong to it`))
    }
  }
  if (section === 'matterKinds') for (const [id, n] of await mattersOfKinds(tx, ids)) tell(id, use('matters', true, `有 ${n} 件报告属于这一类`, `${n} reports are of this kind`))
  if (section === 'calendar') for (const [id, n] of await lists.openTasksIn(tx, ids.map(Number))) tell(id, use('tasks', true, `这一年有 ${n} 项任务还没有办结，时限要用它`, `${n} open tasks of that year count their limits by it`))
  return uses
}

function namesItem(form: Member, item: string): boolean {
  return ((form['sections'] ?? []) as { fields?: Member[] }[]).some(({ fields }) => (fields ?? []).some((field) => (field['asks'] ?? field['shows']) === item))
}

/** Takes out what the parts of a pack do not take back by themselves when a section no longer holds it. */
export async function takeOut(tx: Tx, removed: NonNullable<Content['removed']>): Promise<void> {
  if (removed.forms?.length) await takeOutForms(tx, removed.forms)
  if (removed.dataItems?.length) await takeOutItems(tx, removed.dataItems)
  if (removed.targets?.length) await takeOutTargets(tx, removed.targets)
  if (removed.listTemplates?.length) await lists.takeOutTemplates(tx, removed.listTemplates)
  if (removed.programmes?.length) await lists.takeOutProgrammes(tx, removed.programmes)
}
