import { Problem } from '../../rules/problem.ts'
import type { Answers } from '../../server/answer.ts'
import type { Tx } from '../../server/db.ts'
import { record } from '../../server/events.ts'
import { endHoldingsOfPosts, holdersOf, vacantSince } from '../access/access.reads.ts'
import { grantFor, mustBeAble, mustHold, type Actor } from '../access/permission.ts'
import type { MoveNow } from '../endpoint.ts'
import { audienceText, type Audience } from './audience.ts'
import { initialsOf } from './initials.ts'
import type { UnitPage, unitsContract } from './units.contract.ts'
import { activeUnitOf, inScope, isChild, namesOf, pathOf, pathOfUnit, unitOf, unitsByAudience, unitsOf, type Unit } from './units.reads.ts'
import * as queries from './units.sql.ts'

async function pageOfUnit(tx: Tx, actor: Actor, unit: Unit, today: string): Promise<UnitPage> {
  const path = pathOfUnit(unit)
  const names = await namesOf(tx, [...path, ...[unit.areaParent, unit.lineParent].filter((id) => id !== null)])
  const named = (id: number | null) => (id === null ? null : { id, name: names.get(id) ?? '' })
  const posts = await queries.postsOf(tx, unit.id, today)
  const ids = posts.map((post) => post.id)
  const holders = await holdersOf(tx, ids, today)
  const vacant = await vacantSince(tx, ids, today)
  const classes = await queries.classList(tx)
  const own = classes.find((one) => one.code === unit.class)
  const { children } = await queries.childCount(tx, unit.id)
  const up = [unit.l1, unit.l2, unit.l3, unit.l4, unit.l5].filter((id) => id !== null)
  return {
    id: unit.id,
    code: unit.code,
    name: unit.name,
    kind: unit.kind as UnitPage['kind'],
    class: unit.class,
    className: { zh: own?.zh ?? unit.class, en: own?.en ?? unit.class },
    level: unit.level,
    management: unit.management,
    state: unit.state,
    validFrom: unit.validFrom,
    validTo: unit.validTo,
    residents: unit.residents,
    version: unit.version,
    areaParent: named(unit.areaParent),
    lineParent: named(unit.lineParent),
    path: up.map((id) => named(id)!),
    children,
    below: (await queries.tallies(tx, [unit.id])).get(unit.id) ?? [],
    posts: posts.map(({ zh, en, unit: _unit, ...post }) => ({
      ...post,
      kindName: { zh, en },
      holders: holders.filter((one) => one.post === post.id).map(({ name, acting, since }) => ({ name, acting, since })),
      vacantSince: vacant.get(post.id) ?? null,
    })),
    bodies: await queries.bodiesOf(tx, unit.id),
    former: await queries.formersOf(tx, unit.id),
    moves: movesOf(actor, unit, path),
  }
}

/** A change of structure (merge, split, rename, abolish, transfer) is the room of changes' and its page's. */
function movesOf(actor: Actor, unit: Unit, path: readonly number[]): MoveNow[] {
  const move = (name: string): MoveNow => {
    const why = !grantFor(actor, 'unit.manage', path) ? 'not-allowed' : unit.state !== 'active' ? 'move-not-possible' : undefined
    return { move: name, possible: why === undefined, from: ['active'], ...(why ? { why } : {}) }
  }
  return [move('change'), move('createPost')]
}

/** A parent stands above in rank; a unit may hang in the line below one of its own rank (a county bureau below a city's). */
async function mustFit(tx: Tx, level: number, areaParent: number | null, lineParent: number | null): Promise<void> {
  for (const [field, id] of [['areaParent', areaParent], ['lineParent', lineParent]] as const) {
    if (id === null) continue
    const parent = await activeUnitOf(tx, id)
    if (parent.level >= level) throw new Problem('unit-cycle', { field, facts: { parent: parent.name, parentLevel: parent.level, level } })
  }
}

const ancestors = (unit: Unit) => [unit.l1, unit.l2, unit.l3, unit.l4, unit.l5].filter((id) => id !== null)
const by = (actor: Actor) => ({ account: actor.account })

export const unitsAnswers: Answers<typeof unitsContract> = {
  async search({ tx, input, actor }) {
    const scope = mustHold(actor, 'unit.read')
    if (input.within !== undefined) mustBeAble(actor, 'unit.read', await pathOf(tx, input.within))
    return queries.searchUnits(tx, { ...input, class: input.class, level: input.level, scope: await inScope(tx, 'u', input.within === undefined ? scope : [input.within]) })
  },

  async mine({ tx, actor }) {
    const rows = await queries.unitRows(tx, [...new Set(actor.grants.map((grant) => grant.unit))])
    return rows.map((row) => ({ ...row, posts: actor.grants.filter((grant) => grant.unit === row.id).map((grant) => grant.title) }))
  },

  async classes({ tx }) {
    return (await queries.classList(tx)).map(({ code, zh, en, level }) => ({ code, name: { zh, en }, level }))
  },

  async postKinds({ tx }) {
    return (await queries.postKindList(tx)).map(({ zh, en, ...kind }) => ({ ...kind, name: { zh, en } }))
  },

  async children({ tx, input, actor }) {
    const scope = mustHold(actor, 'unit.read')
    if (input.unit !== undefined) mustBeAble(actor, 'unit.read', await pathOf(tx, input.unit))
    const of = input.unit === undefined ? queries.isOneOf('u', scope) : isChild('u', input.unit, input.tree)
    const { rows, total } = await queries.childPage(tx, of, input.tree, input)
    const below = await queries.tallies(tx, rows.map((row) => row.id))
    return { total, rows: rows.map((row) => ({ ...row, below: below.get(row.id) ?? [] })) }
  },

  async audience({ tx, input, actor }) {
    const ids = (text: string | undefined) => (text ?? '').split(',').filter(Boolean).map(Number)
    const audience: Audience = { classes: input.classes.split(',').filter(Boolean), within: ids(input.within), except: ids(input.except), line: ids(input.line) }
    for (const id of [...audience.within, ...(audience.line ?? [])]) mustBeAble(actor, 'unit.read', await pathOf(tx, id))
    const units = await unitsOf(tx, [...audience.within, ...(audience.except ?? []), ...(audience.line ?? [])])
    const classes = await queries.classList(tx)
    const words = (language: 'zh' | 'en') => ({ units, classes: new Map(classes.map((one) => [one.code, one[language]])) })
    return {
      text: { zh: audienceText(audience, words('zh'), 'zh-CN'), en: audienceText(audience, words('en'), 'en') },
      ...(await queries.addressed(tx, await unitsByAudience(tx, 'u', audience), input.limit)),
    }
  },

  async one({ tx, input, actor, today }) {
    const unit = await unitOf(tx, input.id)
    mustBeAble(actor, 'unit.read', pathOfUnit(unit))
    return pageOfUnit(tx, actor, unit, today)
  },

  async create({ tx, input, actor, today }) {
    const parent = await activeUnitOf(tx, input.areaParent)
    mustBeAble(actor, 'unit.manage', pathOfUnit(parent))
    const unitClass = await queries.classOf(tx, input.class)
    if (!unitClass) throw new Problem('invalid-input', { field: 'class' })
    await mustFit(tx, unitClass.level, input.areaParent, input.lineParent)
    await queries.lockStructure(tx)
    const id = await queries.insertUnit(tx, { ...input, initials: initialsOf(input.name), level: unitClass.level })
    if (id === undefined) throw new Problem('unit-duplicate', { field: 'code', facts: { code: input.code } })
    await queries.writePaths(tx, id)
    const unit = await unitOf(tx, id)
    await queries.writeTallies(tx, ancestors(unit))
    await record(tx, 'unit.created', { by: by(actor), unit: id, subject: `unit:${id}`, reason: input.reason, facts: { code: input.code, from: input.from } })
    return pageOfUnit(tx, actor, unit, today)
  },

  async createPost({ tx, input, actor, today }) {
    const unit = await activeUnitOf(tx, input.unit)
    mustBeAble(actor, 'unit.manage', pathOfUnit(unit))
    const kinds = await queries.postKindList(tx)
    if (!kinds.some((kind) => kind.code === input.kind)) throw new Problem('invalid-input', { field: 'kind' })
    const id = await queries.insertPost(tx, input)
    await record(tx, 'post.created', { by: by(actor), unit: unit.id, subject: `post:${id}`, reason: input.reason, facts: { kind: input.kind, title: input.title } })
    return pageOfUnit(tx, actor, unit, today)
  },

  async endPost({ tx, input, actor, today }) {
    const post = await queries.postForUpdate(tx, input.post)
    if (!post) throw new Problem('not-found', { facts: { what: 'post', post: input.post } })
    const unit = await unitOf(tx, post.unit)
    mustBeAble(actor, 'unit.manage', pathOfUnit(unit))
    if (post.version !== input.version) throw new Problem('stale-version', { facts: { mine: input.version, theirs: post.version, title: post.title } })
    await endHoldingsOfPosts(tx, [post.id], input.on)
    await queries.endPost(tx, post.id, input.on)
    await record(tx, 'post.ended', { by: by(actor), unit: unit.id, subject: `post:${post.id}`, reason: input.reason, facts: { kind: post.kind, title: post.title, on: input.on } })
    return pageOfUnit(tx, actor, unit, today)
  },
}
