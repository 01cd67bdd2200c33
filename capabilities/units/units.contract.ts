import { z } from 'zod'
import { CivilDate, endpoint, MoveNow, pageOf, paging, type RoomContract } from '../endpoint.ts'
import { Words } from '../ledgers/form-definition.ts'

const unit = z.number().int()
const Reason = z.string().trim().min(1).max(200)
const Name = z.string().trim().min(1).max(80)
export const Kind = z.enum(['party', 'government', 'mass', 'selfGovernment', 'organ', 'enterprise', 'school', 'hospital', 'newGroup', 'association'])
export const ManagementNow = z.enum(['area', 'line', 'dual'])
export const UnitStateNow = z.enum(['proposed', 'active', 'merged', 'split', 'abolished'])
/** Codes or ids as text with commas: `village,community`, `12,40`. */
const Codes = z.string().max(500)
const Ids = z.string().max(2000).regex(/^(\d+(,\d+)*)?$/)

export const UnitRow = z.object({
  id: unit,
  code: z.string(),
  name: z.string(),
  class: z.string(),
  className: Words,
  level: z.number().int(),
  state: UnitStateNow,
  parentName: z.string().nullable(),
})
export type UnitRow = z.infer<typeof UnitRow>

export const UnitChild = UnitRow.extend({
  management: ManagementNow,
  /** Units directly below, in the tree that is shown. */
  children: z.number().int(),
  /** Active units in the subtree, by class. */
  below: z.array(z.object({ class: z.string(), name: Words, units: z.number().int() })),
})
export type UnitChild = z.infer<typeof UnitChild>

export const Post = z.object({
  id: z.number().int(),
  kind: z.string(),
  kindName: Words,
  title: z.string(),
  required: z.boolean(),
  ab: z.enum(['A', 'B']).nullable(),
  version: z.number().int(),
  holders: z.array(z.object({ name: z.string(), acting: z.boolean(), since: CivilDate })),
  /** Since when nobody holds it regularly; null when somebody does. */
  vacantSince: CivilDate.nullable(),
})
export type Post = z.infer<typeof Post>

export const Former = z.object({
  validFrom: CivilDate,
  validTo: CivilDate,
  name: z.string(),
  areaParentName: z.string().nullable(),
  lineParentName: z.string().nullable(),
  management: ManagementNow,
  state: z.string(),
  reason: z.string(),
})

export const UnitPage = z.object({
  id: unit,
  code: z.string(),
  name: z.string(),
  kind: Kind,
  class: z.string(),
  className: Words,
  level: z.number().int(),
  management: ManagementNow,
  state: UnitStateNow,
  validFrom: CivilDate,
  validTo: CivilDate.nullable(),
  residents: z.number().int().nullable(),
  version: z.number().int(),
  areaParent: z.object({ id: unit, name: z.string() }).nullable(),
  lineParent: z.object({ id: unit, name: z.string() }).nullable(),
  path: z.array(z.object({ id: unit, name: z.string() })),
  children: z.number().int(),
  below: z.array(z.object({ class: z.string(), name: Words, units: z.number().int() })),
  posts: z.array(Post),
  bodies: z.array(z.object({ id: z.number().int(), name: z.string(), officeName: z.string().nullable(), members: z.array(z.object({ id: unit, name: z.string() })) })),
  former: z.array(Former),
  moves: z.array(MoveNow),
})
export type UnitPage = z.infer<typeof UnitPage>

export const unitsContract = {
  search: endpoint('unit.read', { method: 'GET', path: '/units', summary: 'Find units by name, pinyin initials or code' })
    .input(
      z.object({
        q: z.string().trim().max(60).default(''),
        within: unit.optional(),
        class: z.string().max(40).optional(),
        level: z.number().int().min(1).max(5).optional(),
        state: UnitStateNow.default('active'),
        ...paging,
      }),
    )
    .output(pageOf(UnitRow)),
  mine: endpoint('signedIn', { method: 'GET', path: '/units/mine', summary: 'Units on which I hold posts' })
    .output(z.array(UnitRow.extend({ posts: z.array(z.string()) }))),
  classes: endpoint('signedIn', { method: 'GET', path: '/units/classes', summary: 'Unit classes' })
    .output(z.array(z.object({ code: z.string(), name: Words, level: z.number().int() }))),
  postKinds: endpoint('signedIn', { method: 'GET', path: '/units/post-kinds', summary: 'Kinds of posts with the verbs they give' })
    .output(z.array(z.object({ code: z.string(), name: Words, verbs: z.array(z.string()), admin: z.enum(['system', 'security', 'audit']).nullable() }))),
  children: endpoint('unit.read', { method: 'GET', path: '/units/children', summary: 'Units directly below one, or the tops of my scope' })
    .input(z.object({ unit: unit.optional(), tree: z.enum(['rollUp', 'area', 'line']).default('rollUp'), ...paging }))
    .output(pageOf(UnitChild)),
  audience: endpoint('unit.read', { method: 'GET', path: '/units/audience', summary: 'Whom a rule addresses: sentence, number, the first ones' })
    .input(z.object({ classes: Codes, within: Ids, except: Ids.optional(), line: Ids.optional(), limit: z.number().int().min(0).max(100).default(20) }))
    .output(z.object({ text: Words, units: z.number().int(), first: z.array(UnitRow) })),
  one: endpoint('unit.read', { method: 'GET', path: '/units/{id}', summary: 'One unit with posts, bodies and former versions' })
    .input(z.object({ id: unit }))
    .output(UnitPage),

  create: endpoint('unit.manage', { method: 'POST', path: '/units', summary: 'Create a unit' })
    .input(
      z.object({
        code: z.string().trim().regex(/^[0-9A-Za-z-]{2,40}$/),
        name: Name,
        kind: Kind,
        class: z.string(),
        areaParent: unit,
        lineParent: unit.nullable().default(null),
        management: ManagementNow.default('area'),
        from: CivilDate,
        residents: z.number().int().min(0).nullable().default(null),
        reason: Reason,
      }),
    )
    .output(UnitPage),
  createPost: endpoint('unit.manage', { method: 'POST', path: '/units/posts', summary: 'Add a post to a unit' })
    .input(z.object({ unit, kind: z.string(), title: Name, required: z.boolean().default(false), ab: z.enum(['A', 'B']).nullable().default(null), from: CivilDate, reason: Reason }))
    .output(UnitPage),
  endPost: endpoint('unit.manage', { method: 'POST', path: '/units/posts/end', summary: 'End a post; who holds it no longer does' })
    .input(z.object({ post: z.number().int(), version: z.number().int(), on: CivilDate, reason: Reason }))
    .output(UnitPage),
} satisfies RoomContract
