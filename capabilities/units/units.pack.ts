import { z } from 'zod'
import type { Finding } from '../../rules/problem.ts'
import type { Applied, PackPart } from '../../server/pack.ts'
import { verbsOutOfRole } from '../access/admin-roles.ts'
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
  apply: async (tx, units, { pack }) => outcome(units.length, await queries.saveUnits(tx, units.map((unit) => ({ ...unit, initials: initialsOf(unit.name) })), pack)),
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
  async apply(tx, posts) {
    const added = await queries.savePosts(tx, posts)
    return { added: Array.from({ length: added }, (_, n) => `${n + 1}`), changed: [], removed: [], same: posts.length - added }
  },
}

export const bodiesPart: PackPart<BodyEntry[]> = {
  name: 'bodies',
  schema: z.array(BodyEntry),
  identity: (body) => `${(body as BodyEntry).unit}/${(body as BodyEntry).name}`,
  async check(bodies, { tx, sections }) {
    const named = bodies.flatMap((body) => [body.unit, ...(body.office ? [body.office] : []), ...body.members])
    const units = new Set(((sections.units ?? []) as UnitEntry[]).map((unit) => unit.code))
    const known = await queries.knownCodes(tx, { units: named })
    return bodies.flatMap((body, at): Finding[] =>
      [body.unit, ...(body.office ? [body.office] : []), ...body.members]
        .filter((code) => !units.has(code) && !known.units.has(code))
        .map((unit) => ({ code: 'unit-unknown', path: String(at), facts: { unit } })),
    )
  },
  async apply(tx, bodies, { pack }) {
    const added = await queries.saveBodies(tx, bodies, pack)
    return { added: bodies.slice(0, added).map((body) => body.name), changed: [], removed: [], same: bodies.length - added }
  },
}
