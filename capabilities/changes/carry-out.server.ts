import { createHash } from 'node:crypto'
import { periodText } from '../../rules/period.ts'
import { isProblem, Problem, type Finding } from '../../rules/problem.ts'
import type { Tx } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import { endHoldingsOfPosts, moveAccounts, openHoldingsOf } from '../access/access.reads.ts'
import { mustBeAble, type Actor, type Grant } from '../access/permission.ts'
import { handPromises } from '../promises/succession.reads.ts'
import { handBurden } from '../burden/succession.reads.ts'
import { handTargets } from '../indicators/succession.reads.ts'
import { askReturns, begunBy, handForms, lockCounties, moveToCounties, openReturnsOf, rebuildCounties, recordsGiven, reportsStamp, withdrawReturns, type Asked, type OpenReturnRow } from '../ledgers/succession.reads.ts'
import { handLists, handTasks, moveTasksToCounties, openTasksOf, tasksBefore } from '../lists/succession.reads.ts'
import * as structure from '../units/structure.reads.ts'
import { activeUnitOf, countyIdOf, namesOf, pathOf, pathOfUnit, unitOf, unitsOf, type Unit } from '../units/units.reads.ts'
import { fateOfReturns, keyOfReturn, unitsNamed, wrongIn, type Change, type Into } from './change.ts'
import type { Report } from './changes.contract.ts'
import * as queries from './changes.sql.ts'
import type { Role } from './changes.sql.ts'
import type { Moved } from './moved.ts'
import type { Basis } from './plan.ts'
import { handPlans } from './ahead.sql.ts'

/** How many of a long list are named in a report; the number beside it is of all. */
const named = 50

type Asking = { tx: Tx; actor: Actor; today: string; now: Date; reason: string; document: string; batch: string }
/** `basis`: the structure that was found and what became of it (`plan.ts`), without the work that goes on in it. */
export type CarriedOut = { ids: number[]; reports: Report[]; fingerprint: string; basis: Basis }

/**
 * Carries out structure changes in the order given, all or none, in the caller's transaction (C1, A39). Takes the turn
 * of the structure, then of every county it names, as accept does; afterwards kept figures of those counties are exact.
 * Throws Problem `change-invalid` with one finding per wrong change, or the problem itself when there is one change.
 * @returns what moved, and a fingerprint of it: the same world and the same changes give the same one
 */
export async function carryOut(asking: Asking, changes: readonly Change[]): Promise<CarriedOut> {
  const { tx, today } = asking
  const findings: Finding[] = changes.flatMap((change, at) => wrongIn(change, today).map((one) => ({ ...one, path: `changes.${at}.${one.path}` })))
  if (findings.length > 0) throw new Problem('change-invalid', { field: findings[0]!.path, facts: { total: findings.length }, findings })
  await structure.lockStructure(tx)
  const counties = new Set([...(await unitsOf(tx, changes.flatMap(unitsNamed))).values()].map(countyIdOf))
  await lockCounties(tx, [...counties])
  const seen: string[] = []
  const below = new Set<string>()
  const tallies = new Set<number>()
  const places = await placesOf(tx, changes.flatMap(unitsNamed))
  const done: { id: number; report: Report }[] = []
  for (const [at, change] of changes.entries()) {
    await queries.savepoint(tx)
    try {
      done.push(await new CarryingOut(asking, change, { counties, seen, below, tallies }).go())
      await queries.release(tx)
    } catch (error) {
      if (!isProblem(error) || changes.length === 1) throw error
      await queries.rollBack(tx)
      findings.push({ code: error.code, path: `changes.${at}${error.field ? `.${error.field}` : ''}`, facts: error.facts })
    }
  }
  if (findings.length > 0) throw new Problem('change-invalid', { field: findings[0]!.path, facts: { total: findings.length }, findings })
  // What every change would write anew over the whole tree is written once for all of them.
  await structure.writeHeirPaths(tx)
  await structure.writeTallies(tx, [...tallies])
  await rebuildCounties(tx, [...counties])
  const reports = done.map((one) => one.report)
  const fingerprint = createHash('sha256').update(JSON.stringify([changes, reports, seen])).digest('hex').slice(0, 32)
  const basis: Basis = {
    places, below: [...below].sort(), bodies: reports.flatMap((report) => report.bodies.map((body) => `${body.name}：${body.unitName} → ${body.toName}`)).sort(),
    becomes: reports.flatMap((report) => report.units.map(({ code, name, becomes, note }) => ({ code, name, becomes, note }))),
  }
  return { ids: done.map((one) => one.id), reports, fingerprint, basis }
}

/**
 * What changes would move, found by moving it and taking everything back: a preview cannot say anything else than the
 * deed. Throws what `carryOut` throws.
 */
export async function tryOut(asking: Omit<Asking, 'reason' | 'document' | 'batch'>, changes: readonly Change[]): Promise<CarriedOut> {
  await queries.savepoint(asking.tx)
  const found = await carryOut({ ...asking, reason: '', document: '', batch: '' }, changes)
  await queries.rollBack(asking.tx)
  return found
}

/** The units that are named, as they stand now, in the order of codes. */
async function placesOf(tx: Tx, ids: readonly number[]): Promise<Basis['places']> {
  const units = [...(await unitsOf(tx, ids)).values()].sort((a, b) => a.code.localeCompare(b.code))
  const parents = await unitsOf(tx, units.flatMap((unit) => [unit.areaParent, unit.lineParent].filter((id) => id !== null)))
  return units.map(({ code, name, class: of, management, areaParent, lineParent }) => {
    const [area, line] = [areaParent, lineParent].map((id) => (id === null ? undefined : parents.get(id)))
    return { code, name, class: of, management, area: area?.code ?? '', line: line?.code ?? '', under: [area?.name, line?.name].filter((one) => one !== undefined).join('、') }
  })
}

/** One heir of a unit that ends, or whom a standing unit is split into. */
type Heir = { unit: Unit; created: boolean; share: string | null; children: readonly number[] }

/** What the changes of one confirmation gather together. */
type Shared = {
  /** Counties whose kept figures are worked out anew. */
  counties: Set<number>
  /** Units whose tallies are counted anew. */
  tallies: Set<number>
  /** What the fingerprint rests on. */
  seen: string[]
  /** Codes of units that move along, below those that are named. */
  below: Set<string>
}

class CarryingOut {
  private readonly tx: Tx
  private readonly roles: { unit: number; role: Role }[] = []
  private readonly units: Report['units'] = []
  private readonly touched = new Set<number>()
  private readonly moved: Moved = { created: [], units: [], formers: [], tasks: [], withdrawn: [], asked: [], postsEnded: [], postsMade: [], holdings: [], estates: [], targets: [], reporting: { units: [], stamp: '' }, counties: [] }
  private readonly report: Report
  private id = 0
  /** In which post it is done. */
  private grant: Grant | undefined

  private readonly asking: Asking
  private readonly change: Change
  private readonly shared: Shared

  constructor(asking: Asking, change: Change, shared: Shared) {
    this.asking = asking
    this.change = change
    this.shared = shared
    this.tx = asking.tx
    const none = () => ({ count: 0, rows: [] })
    this.report = {
      kind: change.kind, on: change.on, units: this.units, below: 0, tasks: none(), lists: 0, records: 0, posts: none(), bodies: [], accounts: 0, targets: [], counties: [],
      returns: { stay: none(), go: none(), asked: none(), drafts: 0 },
    }
  }

  async go(): Promise<{ id: number; report: Report }> {
    const { tx, change } = this
    const { reason, document, batch, actor, now } = this.asking
    const known = unitsNamed(change)
    const near = [...known, ...(await structure.childrenOfAny(tx, known)).map((one) => one.id)]
    const watched = [...new Set([...near, ...(await structure.allBefore(tx, await structure.withAllBelow(tx, near)))])]
    for (const id of [...known].sort((a, b) => a - b)) {
      const unit = await structure.unitForUpdate(tx, id)
      if (!unit) throw new Problem('unit-unknown', { facts: { unit: id } })
      this.shared.seen.push(`unit:${unit.id}:${unit.version}`)
      this.tally(unit)
    }
    const before = await structure.unitsBefore(tx, watched)
    this.moved.formers = await structure.formersBefore(tx, watched)
    this.id = await queries.insertChange(tx, { change, reason, document, batch, by: actor.account, at: now })
    await { merge: () => this.merge(), split: () => this.split(), rename: () => this.rename(), abolish: () => this.abolish(), transfer: () => this.transfer() }[change.kind]()

    for (const id of await structure.hangWithHeirs(tx, [...this.touched])) {
      await structure.writePaths(tx, id)
      this.touched.add(id)
    }
    const all = await structure.withAllBelow(tx, [...this.touched])
    for (const unit of (await unitsOf(tx, [...this.touched])).values()) this.tally(unit)
    for (const county of await moveToCounties(tx, all)) this.shared.counties.add(county)
    await moveTasksToCounties(tx, all)
    const direct = new Set(this.roles.map((one) => one.unit))
    for (const unit of (await unitsOf(tx, all)).values()) {
      this.shared.counties.add(countyIdOf(unit))
      if (!direct.has(unit.id)) this.shared.below.add(unit.code)
    }
    const below = all.filter((id) => !direct.has(id))
    this.report.below = below.length
    await queries.saveRoles(tx, this.id, [...this.roles, ...below.map((unit) => ({ unit, role: 'below' as const }))])
    const after = new Map((await structure.unitsBefore(tx, watched)).map((one) => [one.id, one]))
    const differs = before.filter((one) => JSON.stringify(after.get(one.id)) !== JSON.stringify(one))
    const changed = new Set(differs.map((one) => one.id))
    this.moved.units = differs.map((one) => ({ ...one, after: after.get(one.id)!.version }))
    this.moved.formers = this.moved.formers.filter((one) => changed.has(one.unit))
    this.moved.counties = [...this.shared.counties]
    const reporting = [...new Set([...this.moved.created, ...this.moved.estates.flatMap((one) => [one.from, one.to])])]
    this.moved.reporting = { units: reporting, stamp: await reportsStamp(tx, reporting) }
    this.report.counties = [...(await namesOf(tx, [...this.shared.counties])).values()].sort()
    await queries.saveReport(tx, this.id, this.report, this.moved)
    const kinds = { merge: 'unit.merged', split: 'unit.split', rename: 'unit.renamed', abolish: 'unit.closed', transfer: 'unit.moved' } as const
    await record(tx, kinds[change.kind], {
      by: { account: actor.account, post: this.grant?.post || undefined },
      unit: this.roles[0]?.unit,
      subject: `change:${this.id}`,
      reason,
      facts: { document, on: change.on, units: this.roles.map((one) => one.unit), tasks: this.report.tasks.count, posts: this.report.posts.count },
    })
    // Created units have other numbers each time: a preview and what is confirmed are compared without them.
    const made = new Set(this.moved.created)
    return { id: this.id, report: { ...this.report, units: this.units.map((one) => (one.id !== null && made.has(one.id) ? { ...one, id: null } : one)) } }
  }

  private tally(unit: Unit): void {
    for (const id of [unit.l1, unit.l2, unit.l3, unit.l4, unit.l5]) if (id !== null) this.shared.tallies.add(id)
  }

  private say(unit: Pick<Unit, 'id' | 'code' | 'name'>, becomes: Report['units'][number]['becomes'], note = ''): void {
    this.units.push({ id: unit.id, code: unit.code, name: unit.name, becomes, note })
  }

  // ---- may

  /** A unit that ends, moves or takes over: it must stand, and be managed from above it. */
  private async standing(id: number, field: string): Promise<Unit> {
    const unit = await activeUnitOf(this.tx, id)
    this.grant = mustBeAble(this.asking.actor, 'unit.manage', pathOfUnit(unit).filter((above) => above !== unit.id))
    if (this.change.on < unit.validFrom) throw new Problem('date-invalid', { field: 'on', facts: { given: this.change.on, since: unit.validFrom, name: unit.name, at: field } })
    return unit
  }

  private async mustFit(level: number, areaParent: number | null, lineParent: number | null): Promise<void> {
    for (const [field, id] of [['areaParent', areaParent], ['lineParent', lineParent]] as const) {
      if (id === null) continue
      const parent = await activeUnitOf(this.tx, id)
      mustBeAble(this.asking.actor, 'unit.manage', await pathOf(this.tx, id))
      if (parent.level >= level) throw new Problem('unit-cycle', { field, facts: { parent: parent.name, parentLevel: parent.level, level } })
    }
  }

  /** Who comes after: a standing unit of the same rank, or a new one in the place of `model`. */
  private async heirOf(into: Into, model: Unit, field: string, residents: number | null): Promise<Heir> {
    const share = into.share ?? null
    const children = into.children ?? []
    if (into.unit !== undefined) {
      const unit = await this.standing(into.unit, field)
      if (unit.level !== model.level) throw new Problem('change-invalid', { field, facts: { name: unit.name }, findings: [{ code: 'change-other-level', path: field, facts: { name: unit.name } }] })
      return { unit, created: false, share, children }
    }
    const { code, name, class: of = model.class } = into.create!
    const unitClass = await structure.classOf(this.tx, of)
    if (unitClass?.level !== model.level) throw new Problem('invalid-input', { field: `${field}.create.class` })
    const { areaParent, lineParent, management, kind, level } = model
    if (areaParent === null) throw new Problem('invalid-input', { field })
    const id = await structure.insertUnit(this.tx, { code, name, initials: structure.initialsOf(name), kind, class: of, level, areaParent, lineParent, management, from: this.change.on, residents })
    if (id === undefined) throw new Problem('unit-duplicate', { field: `${field}.create.code`, facts: { code } })
    await structure.writePaths(this.tx, id)
    this.moved.created.push(id)
    this.touched.add(id)
    return { unit: await unitOf(this.tx, id), created: true, share, children }
  }

  // ---- kinds

  private async merge(): Promise<void> {
    if (this.change.kind !== 'merge') return
    const { units, into } = this.change
    const ending: Unit[] = []
    for (const [at, id] of units.entries()) if (id !== into.unit) ending.push(await this.standing(id, `units.${at}`))
    const model = ending[0]!
    const other = ending.find((one) => one.level !== model.level)
    if (other) throw new Problem('change-invalid', { field: 'units', findings: [{ code: 'change-other-level', path: 'units', facts: { name: other.name } }], facts: { name: other.name } })
    const residents = ending.every((one) => one.residents !== null) ? ending.reduce((all, one) => all + one.residents!, 0) : null
    const heir = await this.heirOf(into, model, 'into', residents)
    if (!heir.created && residents !== null) await structure.addResidents(this.tx, heir.unit.id, residents)
    for (const unit of ending) this.say(unit, 'ended', heir.unit.name)
    this.say(heir.unit, heir.created ? 'created' : 'takesOver')
    for (const unit of ending) await this.rehang(await structure.childrenOfAny(this.tx, [unit.id]), unit.id, heir.unit.id)
    await this.succeed(ending, [heir], 0, 'merged')
  }

  private async split(): Promise<void> {
    if (this.change.kind !== 'split') return
    const unit = await this.standing(this.change.unit, 'unit')
    const goesOn = this.change.into.some((into) => into.unit === unit.id)
    const heirs: Heir[] = []
    for (const [at, into] of this.change.into.entries()) {
      heirs.push(into.unit === unit.id ? { unit, created: false, share: null, children: into.children ?? [] } : await this.heirOf(into, unit, `into.${at}`, null))
    }
    const children = await structure.childrenOfAny(this.tx, [unit.id])
    const given = new Map(heirs.flatMap((heir) => heir.children.map((child) => [child, heir.unit.id] as const)))
    const stranger = [...given.keys()].find((id) => !children.some((child) => child.id === id))
    if (stranger !== undefined) throw new Problem('change-invalid', { field: 'into', findings: [{ code: 'change-not-below', path: 'into', facts: { unit: stranger, name: unit.name } }], facts: { name: unit.name } })
    const left = goesOn ? undefined : children.find((child) => !given.has(child.id))
    if (left) throw new Problem('change-invalid', { field: 'into', findings: [{ code: 'change-child-left', path: 'into', facts: { name: left.name } }], facts: { name: left.name } })
    this.say(unit, goesOn ? 'continues' : 'ended', heirs.filter((heir) => heir.unit.id !== unit.id).map((heir) => heir.unit.name).join('、'))
    for (const heir of heirs) if (heir.unit.id !== unit.id) this.say(heir.unit, heir.created ? 'created' : 'takesOver', heir.share === null ? '' : heir.share)
    for (const heir of heirs) if (heir.unit.id !== unit.id) await this.rehang(children.filter((child) => given.get(child.id) === heir.unit.id), unit.id, heir.unit.id)
    await this.succeed(goesOn ? [] : [unit], heirs.filter((heir) => heir.unit.id !== unit.id), goesOn ? -1 : this.change.main, 'split', unit)
  }

  private async rename(): Promise<void> {
    if (this.change.kind !== 'rename') return
    const unit = await activeUnitOf(this.tx, this.change.unit)
    this.grant = mustBeAble(this.asking.actor, 'unit.manage', pathOfUnit(unit))
    const { on, name } = this.change
    if (on < unit.validFrom) throw new Problem('date-invalid', { field: 'on', facts: { given: on, since: unit.validFrom, name: unit.name } })
    await structure.keepFormer(this.tx, unit, on, this.asking.reason)
    await structure.saveName(this.tx, unit.id, name, structure.initialsOf(name), on)
    this.roles.push({ unit: unit.id, role: 'moved' })
    this.touched.add(unit.id)
    this.say(unit, 'renamed', name)
  }

  private async abolish(): Promise<void> {
    if (this.change.kind !== 'abolish') return
    const unit = await this.standing(this.change.unit, 'unit')
    const heir = await activeUnitOf(this.tx, this.change.heir)
    mustBeAble(this.asking.actor, 'unit.manage', pathOfUnit(heir))
    const children = await structure.childrenOfAny(this.tx, [unit.id])
    const rollingUp = children.filter((child) => (child.management === 'line' ? child.lineParent : child.areaParent) === unit.id)
    if (rollingUp.length > 0) throw new Problem('children-open', { field: 'unit', facts: { children: rollingUp.length, name: unit.name } })
    this.say(unit, 'ended', heir.name)
    this.say(heir, 'takesOver')
    await this.rehang(children, unit.id, heir.id)
    await this.succeed([unit], [{ unit: heir, created: false, share: null, children: [] }], 0, 'abolished')
  }

  private async transfer(): Promise<void> {
    if (this.change.kind !== 'transfer') return
    const { units, areaParent, lineParent, management, on } = this.change
    const to = (await namesOf(this.tx, [areaParent, lineParent].filter((id) => id !== null)))
    for (const [at, id] of units.entries()) {
      const unit = await this.standing(id, `units.${at}`)
      if (areaParent === null && unit.level > 1) throw new Problem('invalid-input', { field: 'areaParent' })
      await this.mustFit(unit.level, areaParent, lineParent)
      for (const parent of [areaParent, lineParent]) {
        if (parent !== null && (await structure.liesBelow(this.tx, unit.id, parent))) throw new Problem('unit-cycle', { field: 'areaParent', facts: { unit: unit.name } })
      }
      await structure.keepFormer(this.tx, unit, on, this.asking.reason)
      await structure.saveParents(this.tx, unit.id, { areaParent, lineParent, management, from: on })
      await structure.writePaths(this.tx, unit.id)
      this.touched.add(unit.id)
      this.roles.push({ unit: unit.id, role: 'moved' })
      this.say(unit, 'moved', to.get((management === 'line' ? lineParent : areaParent) ?? 0) ?? '')
    }
  }

  /** Units below an ended one hang below its heir from the day of the change. */
  private async rehang(children: readonly Unit[], from: number, to: number): Promise<void> {
    const { on } = this.change
    for (const child of children) {
      await structure.keepFormer(this.tx, child, on, this.asking.reason)
      await structure.saveParents(this.tx, child.id, {
        areaParent: child.areaParent === from ? to : child.areaParent,
        lineParent: child.lineParent === from ? to : child.lineParent,
        management: child.management,
        from: on < child.validFrom ? child.validFrom : on,
      })
      await structure.writePaths(this.tx, child.id)
      this.touched.add(child.id)
      this.roles.push({ unit: child.id, role: 'moved' })
      this.tally(child)
    }
  }

  // ---- what they leave

  /**
   * Ends units and gives what they leave to their heirs. `main` takes what is open; -1: nothing ends, new units are
   * carved out of `from`.
   */
  private async succeed(ending: readonly Unit[], heirs: readonly Heir[], main: number, state: 'merged' | 'split' | 'abolished', from?: Unit): Promise<void> {
    const { tx } = this
    const { on } = this.change
    for (const unit of ending) this.roles.push({ unit: unit.id, role: 'predecessor' })
    if (ending.length === 0 && from) this.roles.push({ unit: from.id, role: 'predecessor' })
    for (const heir of heirs) this.roles.push({ unit: heir.unit.id, role: 'successor' })
    for (const unit of ending.length > 0 ? ending : [from!]) {
      for (const [at, heir] of heirs.entries()) await queries.addSuccessor(tx, { unit: unit.id, successor: heir.unit.id, change: this.id, share: heir.share, main: at === main })
    }
    await this.posts(ending, heirs, main, from)
    if (ending.length === 0) return
    const heir = heirs[main]!
    for (const unit of ending) {
      await structure.keepFormer(tx, unit, on, this.asking.reason)
      await structure.saveEnded(tx, unit.id, state, on)
      this.touched.add(unit.id)
    }
    const kept = await this.returns(ending, heirs, state === 'abolished')
    await this.tasks(ending, heir, kept)
    for (const unit of ending) {
      const lists = await handLists(tx, unit.id, heir.unit.id)
      const bodies = await structure.handBodies(tx, unit.id, heir.unit.id)
      const accounts = await moveAccounts(tx, unit.id, heir.unit.id)
      const forms = await handForms(tx, unit.id, heir.unit.id)
      const burden = await handBurden(tx, unit.id, heir.unit.id)
      const promises = await handPromises(tx, unit.id, heir.unit.id)
      const plans = await handPlans(tx, unit.id, heir.unit.id)
      this.moved.estates.push({ from: unit.id, to: heir.unit.id, lists, bodies, accounts, forms, burden, promises, plans })
      this.report.lists += lists.lists.length + lists.leads.length + lists.coUnits.length + lists.audiences.length + burden.length + promises.length
      this.report.accounts += accounts.length
      this.report.bodies.push(...bodies.map((body) => ({ name: body.name, unitName: unit.name, toName: heir.unit.name })))
      this.shared.seen.push(`estate:${unit.code}:${accounts.length}:${forms.join()}:${burden.length}:${promises.length}`)
    }
    if (state === 'merged') {
      const rows = await handTargets(tx, ending.map((one) => one.id), heir.unit.id, Number(on.slice(0, 4)))
      this.moved.targets.push({ unit: heir.unit.id, rows })
      this.report.targets.push(...rows.map(({ indicator, year, value }) => ({ indicator, year, value, toName: heir.unit.name })))
    }
    this.report.records += [...(await recordsGiven(tx, ending.map((one) => one.id))).values()].reduce((all, one) => all + one, 0)
  }

  /** Posts of ended units end, each names the post that takes its place; nobody is put into one here (that is the security administrator's). */
  private async posts(ending: readonly Unit[], heirs: readonly Heir[], main: number, from: Unit | undefined): Promise<void> {
    const { tx } = this
    const { on } = this.change
    const models = await structure.openPostsOf(tx, ending.length > 0 ? ending.map((one) => one.id) : [from!.id], on)
    const keyOf = (post: { kind: string; ab: string | null }) => `${post.kind}:${post.ab ?? ''}`
    const taking = new Map<number, number>()
    for (const [at, heir] of heirs.entries()) {
      if (!heir.created && at !== main) continue
      const there = new Map((await structure.openPostsOf(tx, [heir.unit.id], on)).toReversed().map((post) => [keyOf(post), post.id]))
      // An office above that takes over what an abolished unit left has its own posts.
      if (heir.unit.level === (ending[0] ?? from!).level) {
        for (const post of models) {
          if (there.has(keyOf(post))) continue
          const required = models.some((other) => keyOf(other) === keyOf(post) && other.required)
          const id = await structure.insertPost(tx, { unit: heir.unit.id, kind: post.kind, title: post.title, required, ab: post.ab, from: on })
          there.set(keyOf(post), id)
          this.moved.postsMade.push(id)
        }
      }
      if (at === main) for (const post of models) if (there.has(keyOf(post))) taking.set(post.id, there.get(keyOf(post))!)
    }
    if (ending.length === 0) return
    const ids = models.map((post) => post.id)
    const holdings = await openHoldingsOf(tx, ids, on)
    this.moved.holdings.push(...holdings)
    this.moved.postsEnded.push(...ids)
    await endHoldingsOfPosts(tx, ids, on)
    const nameOf = new Map(ending.map((one) => [one.id, one.name]))
    for (const post of models) {
      await structure.endPostFor(tx, post.id, { on, successor: taking.get(post.id) ?? null, reason: this.asking.reason })
      const holders = holdings.filter((one) => one.post === post.id).map((one) => one.name)
      this.report.posts.rows.push({ title: post.title, unitName: nameOf.get(post.unit)!, holders, toName: taking.has(post.id) ? heirs[main]!.unit.name : null })
      this.shared.seen.push(`post:${post.id}:${holdings.filter((one) => one.post === post.id).map((one) => one.holding).join()}`)
    }
    this.report.posts.count += models.length
  }

  /** @returns the forms and periods that stay with each ended unit, as `unit:form:period` */
  private async returns(ending: readonly Unit[], heirs: readonly Heir[], abolished: boolean): Promise<Set<string>> {
    const { tx } = this
    const open = await openReturnsOf(tx, ending.map((one) => one.id))
    const begun = new Set((await begunBy(tx, [...ending, ...heirs.filter((heir) => !heir.created).map((heir) => heir.unit)].map((one) => one.id))).map(keyOfReturn))
    const { stays, goes } = fateOfReturns(open, { on: this.change.on, known: begun, classes: heirs.map((heir) => heir.unit.class), abolished })
    this.moved.withdrawn.push(...(await withdrawReturns(tx, goes)))
    const due = new Map<string, OpenReturnRow>()
    for (const one of goes as OpenReturnRow[]) {
      const before = due.get(keyOfReturn(one))
      if (!before || before.due < one.due) due.set(keyOfReturn(one), one)
    }
    const wanted = heirs.flatMap((heir) => [...due.values()].map((one): Asked => ({ form: one.form, period: one.period, due: one.due, issue: one.issue, unit: heir.unit.id, county: countyIdOf(heir.unit) })))
    const asked = await askReturns(tx, wanted)
    this.moved.asked.push(...asked)
    const names = new Map([...ending, ...heirs.map((heir) => heir.unit)].map((one) => [one.id, one.name]))
    const forms = new Map(open.map((one) => [one.form, one.zh]))
    const rows = (list: readonly { unit: number; form: string; period: number; due: string }[]) => ({
      count: list.length,
      rows: list.slice(0, named).map((one) => ({ unitName: names.get(one.unit)!, form: one.form, formName: forms.get(one.form)!, period: periodText(one.period), due: one.due })),
    })
    const order = (list: Asked[]) => list.toSorted((a, b) => a.period - b.period || a.form.localeCompare(b.form) || names.get(a.unit)!.localeCompare(names.get(b.unit)!))
    this.report.returns = { stay: rows(stays), go: rows(goes), asked: rows(order(asked)), drafts: open.filter((one) => one.draft).length }
    this.shared.seen.push(...open.map((one) => `return:${one.unit}:${one.form}:${one.period}:${one.begun}`))
    return new Set([...stays, ...open.filter((one) => one.begun)].map((one) => `${one.unit}:${keyOfReturn(one)}`))
  }

  private async tasks(ending: readonly Unit[], heir: Heir, kept: ReadonlySet<string>): Promise<void> {
    const { tx } = this
    const open = await openTasksOf(tx, ending.map((one) => one.id))
    this.moved.tasks.push(...(await tasksBefore(tx, open.map((one) => one.id))))
    await handTasks(
      tx,
      open.map((task) => {
        const follows = task.returnUnit ?? task.unit
        const stays = task.returnUnit !== null || (task.form !== null && kept.has(`${follows}:${task.form}:${task.period}`))
        return { id: task.id, unit: heir.unit.id, returnUnit: stays ? follows : null }
      }),
    )
    const names = new Map(ending.map((one) => [one.id, one.name]))
    this.report.tasks.count += open.length
    this.report.tasks.rows.push(...open.slice(0, named).map((task) => ({ task: task.id, title: task.title, unitName: names.get(task.unit)!, toName: heir.unit.name, due: task.due, state: task.state })))
    this.shared.seen.push(...open.map((task) => `task:${task.id}:${task.version}:${task.state}`))
  }
}
