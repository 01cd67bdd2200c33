import { z } from 'zod'
import type { Finding } from '../../rules/problem.ts'
import type { Tx } from '../../server/db.ts'
import type { Applied, PackPart, Staying } from '../../server/pack.ts'
import { verbsOutOfRole } from '../access/admin-roles.ts'
import { decidedByChanges, type Decided } from '../changes/history.reads.ts'
import { initialsOf } from './initials.ts'
import { BodyEntry, PostEntry, PostKindDefinition, UnitClassDefinition, UnitEntry } from './unit-definition.ts'
import * as queries from './units.sql.ts'

const outcome = (total: number, changed: readonly { code: string; added: boolean }[]): Applied => ({
  added: changed.filter((row) => row.added).map((row) => row.code),
  changed: changed.filter((row) => !row.added).map((row) => row.code),
  removed: [],
  same: total - changed.length,
})

export const unitClassesPart: PackPart<UnitClassDefinition[]> = {
  name: 'unitClasses',
  schema: z.array(UnitClassDefinition),
  check: () => [],
  apply: async (tx, classes, { pack }) => outcome(classes.length, await queries.saveClasses(tx, classes, pack)),
}

/** Kinds of posts with the verbs they give. The three administrators have verbs of their own that nobody else gets (F-13). */
export const postKindsPart: PackPart<PostKindDefinition[]> = {
  name: 'postKinds',
  schema: z.array(PostKindDefinition),
  check: (kinds) =>
    kinds.flatMap((kind, at): Finding[] => {
      const out = verbsOutOfRole(kind.verbs, kind.admin ?? null)
      return out.length > 0 ? [{ code: 'verbs-out-of-role', path: `${at}.verbs`, facts: { kind: kind.code, verbs: out.join(', ') } }] : []
    }),
  apply: async (tx, kinds, { pack }) => outcome(kinds.length, await queries.savePostKinds(tx, kinds, pack)),
}

export const unitsPart: PackPart<UnitEntry[]> = {
  name: 'units',
  schema: z.array(UnitEntry),
  async check(units, { tx, sections }) {
    const inPack = new Map(units.map((unit) => [unit.code, unit]))
    const parents = units.flatMap((unit) => [unit.areaParent, unit.lineParent]).filter((code) => code !== undefined)
    const known = await queries.knownCodes(tx, { units: parents, classes: units.map((unit) => unit.class) })
    const classes = new Map(((sections.unitClasses ?? []) as UnitClassDefinition[]).map((one) => [one.code, one.level]))
    const findings: Finding[] = []
    units.forEach((unit, at) => {
      if (!classes.has(unit.class) && !known.classes.has(unit.class)) findings.push({ code: 'class-unknown', path: `${at}.class`, facts: { class: unit.class } })
      for (const field of ['areaParent', 'lineParent'] as const) {
        const parent = unit[field]
        if (parent !== undefined && !inPack.has(parent) && !known.units.has(parent)) findings.push({ code: 'parent-unknown', path: `${at}.${field}`, facts: { parent } })
        const above = parent === undefined ? undefined : classes.get(inPack.get(parent)?.class ?? '')
        const own = classes.get(unit.class)
        if (above !== undefined && own !== undefined && above >= own) findings.push({ code: 'parent-rank', path: `${at}.${field}`, facts: { parent, unit: unit.name } })
      }
      if (unit.management === 'line' && unit.lineParent === undefined) findings.push({ code: 'line-parent-missing', path: `${at}.lineParent`, facts: { unit: unit.name } })
    })
    return findings
  },
  // What a merge or a new name has decided is history, whatever a file of former days says (C1).
  async apply(tx, units, { pack }) {
    const decided = await decidedByChanges(tx, units.map((unit) => unit.code))
    const codes = (which: (one: Decided) => boolean) => decided.filter(which).map((one) => one.code)
    const keep = { names: codes((one) => one.renamed || hasEnded(one)), residents: codes((one) => one.summed || hasEnded(one)) }
    return outcome(units.length, await queries.saveUnits(tx, units.map((unit) => ({ ...unit, initials: initialsOf(unit.name) })), pack, keep))
  },
  async stays(tx, units) {
    const decided = new Map((await decidedByChanges(tx, units.map((unit) => unit.code))).map((one) => [one.code, one]))
    const residents = await queries.residentsByCode(tx, [...decided.keys()])
    return units.flatMap((unit): Staying[] => {
      const one = decided.get(unit.code)
      if (!one) return []
      if (hasEnded(one)) return [staying(one, 'state', 'active', one.heir === null ? one.state : `${one.state} → ${one.heir}`)]
      const summed = residents.get(unit.code) ?? null
      return [
        ...(one.renamed && unit.name !== one.name ? [staying(one, 'name', unit.name, one.name)] : []),
        ...(one.summed && (unit.residents ?? null) !== summed ? [staying(one, 'residents', unit.residents ?? null, summed)] : []),
      ]
    })
  },
}

const hasEnded = (one: Decided) => one.state !== 'active'
const staying = (one: Decided, path: string, pack: unknown, stands: unknown, id = one.code): Staying => ({ id, path, pack, stands, by: `change:${one.change}`, on: one.on, document: one.document })
/** @returns by code, the units that a change has ended */
async function endedAmong(tx: Tx, codes: readonly string[]): Promise<Map<string, Decided>> {
  return new Map((await decidedByChanges(tx, [...new Set(codes)])).filter(hasEnded).map((one) => [one.code, one]))
}

export const postsPart: PackPart<PostEntry[]> = {
  name: 'posts',
  schema: z.array(PostEntry),
  identity: (post) => {
    const { unit, kind, title, ab } = post as PostEntry
    return [unit, kind, title, ab ?? ''].join('/')
  },
  async check(posts, { tx, sections }) {
    const units = new Set(((sections.units ?? []) as UnitEntry[]).map((unit) => unit.code))
    const kinds = new Set(((sections.postKinds ?? []) as PostKindDefinition[]).map((kind) => kind.code))
    const known = await queries.knownCodes(tx, { units: posts.map((post) => post.unit), kinds: posts.map((post) => post.kind) })
    return posts.flatMap((post, at): Finding[] => [
      ...(units.has(post.unit) || known.units.has(post.unit) ? [] : [{ code: 'unit-unknown', path: `${at}.unit`, facts: { unit: post.unit } }]),
      ...(kinds.has(post.kind) || known.kinds.has(post.kind) ? [] : [{ code: 'post-kind-unknown', path: `${at}.kind`, facts: { kind: post.kind } }]),
    ])
  },
  // A post that ended with its unit is not made again there.
  async apply(tx, posts) {
    const ended = await endedAmong(tx, posts.map((post) => post.unit))
    const added = await queries.savePosts(tx, posts.filter((post) => !ended.has(post.unit)))
    return { added: Array.from({ length: added }, (_, n) => `${n + 1}`), changed: [], removed: [], same: posts.length - added }
  },
  async stays(tx, posts) {
    const ended = await endedAmong(tx, posts.map((post) => post.unit))
    return posts.flatMap((post): Staying[] => {
      const one = ended.get(post.unit)
      return one ? [staying(one, 'post', post.title, null, `${post.unit}/${post.kind}/${post.title}`)] : []
    })
  },
}

const unitsOfBody = (body: BodyEntry): string[] => [body.unit, ...(body.office ? [body.office] : []), ...body.members]

export const bodiesPart: PackPart<BodyEntry[]> = {
  name: 'bodies',
  schema: z.array(BodyEntry),
  identity: (body) => `${(body as BodyEntry).unit}/${(body as BodyEntry).name}`,
  async check(bodies, { tx, sections }) {
    const named = bodies.flatMap(unitsOfBody)
    const units = new Set(((sections.units ?? []) as UnitEntry[]).map((unit) => unit.code))
    const known = await queries.knownCodes(tx, { units: named })
    return bodies.flatMap((body, at): Finding[] =>
      unitsOfBody(body)
        .filter((code) => !units.has(code) && !known.units.has(code))
        .map((unit) => ({ code: 'unit-unknown', path: String(at), facts: { unit } })),
    )
  },
  // Where a unit has ended, the one that carries on what it left keeps the body and its seat.
  async apply(tx, bodies, { pack }) {
    const ended = await endedAmong(tx, bodies.flatMap(unitsOfBody))
    const standing = (code: string) => ended.get(code)?.heir ?? code
    const carried = bodies.map((body) => ({ ...body, unit: standing(body.unit), ...(body.office ? { office: standing(body.office) } : {}), members: [...new Set(body.members.map(standing))] }))
    const added = await queries.saveBodies(tx, carried, pack)
    return { added: bodies.slice(0, added).map((body) => body.name), changed: [], removed: [], same: bodies.length - added }
  },
  async stays(tx, bodies) {
    const ended = await endedAmong(tx, bodies.flatMap(unitsOfBody))
    return bodies.flatMap((body) => unitsOfBody(body).flatMap((code): Staying[] => {
      const one = ended.get(code)
      return one && one.heir !== null ? [staying(one, 'members', code, one.heir, `${body.unit}/${body.name}`)] : []
    }))
  },
}
