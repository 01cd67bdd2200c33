import { moveTable } from '../../rules/moves.ts'

/** Sections of a pack that can be designed in the page; units, posts and bodies have pages of their own, kinds of units and posts come by pack. */
export const designable = ['dataItems', 'synonyms', 'forms', 'indicators', 'targets', 'programmes', 'listTemplates', 'calendar', 'burdenRules', 'matterKinds'] as const
export type Designable = (typeof designable)[number]
/** Sections that are one thing and no list; in a design they are a list of that one. */
const whole: ReadonlySet<string> = new Set(['burdenRules'])
/** Sections out of which something registered can be taken. */
export const removable = ['forms', 'dataItems', 'indicators', 'listTemplates', 'programmes', 'synonyms', 'targets', 'matterKinds', 'calendar'] as const
export type Removable = (typeof removable)[number]

/** A member of a section as it is written, checked or not: a draft may be incomplete. */
export type Member = Record<string, unknown>
export type Head = { code: string; version: string; title: { zh: string; en: string }; sample?: boolean; requires?: string[] }
/** What is designed: a part of a pack, in the words of the pack, and what the pack shall no longer hold, by identity. */
export type Content = { head: Head; sections: Partial<Record<Designable, Member[]>>; removed?: Partial<Record<Removable, string[]>> | undefined }

/** @returns the sections of a pack that can be designed, as a design holds them */
export function asDesigned(sections: Readonly<Record<string, unknown>>): Content['sections'] {
  const designed: Content['sections'] = {}
  for (const name of designable) {
    const section = sections[name]
    if (Array.isArray(section)) designed[name] = section as Member[]
    else if (whole.has(name) && section !== undefined && section !== null) designed[name] = [section as Member]
  }
  return designed
}

/** @returns the sections of a design as a pack holds them */
export function asPack(sections: Content['sections']): Record<string, unknown> {
  return Object.fromEntries(Object.entries(sections).map(([name, members]) => [name, whole.has(name) ? members[0] : members]))
}

export type DesignState = 'draft' | 'review' | 'registered'

/** C2: draft → burden review → registered. What is registered is changed by a new design. */
export const designLife = moveTable('design', {
  save: { from: ['draft'], to: 'draft', verb: 'form.register' },
  submit: { from: ['draft'], to: 'review', verb: 'form.register' },
  takeBack: { from: ['review'], to: 'draft', verb: 'form.register' },
  remove: { from: ['draft'], to: 'draft', verb: 'form.register' },
  sendBack: { from: ['review'], to: 'draft', verb: 'burden.approve', reason: 'required' },
  approve: { from: ['review'], to: 'registered', verb: 'burden.approve' },
} satisfies Record<string, { from: readonly DesignState[]; to: DesignState; verb: string; reason?: 'required' }>)
export type DesignMove = keyof typeof designLife.table

/** What tells members of a section apart. */
export type Identity = (section: Designable, member: Member) => string | undefined

/** Where a member of a merged section comes from: its place in the design, or undefined when the pack had it already. */
export type Merged = { sections: Record<string, unknown>; placeIn: (section: string, index: number) => number | undefined }

/**
 * Lays a design over what its pack holds now: members of the same identity are replaced where they stand, new ones come
 * after them, what is taken out goes, everything else stays. So two designs of one pack do not undo each other.
 */
export function mergeInto(applied: Readonly<Record<string, unknown>>, design: Content['sections'], identity: Identity, removed: NonNullable<Content['removed']> = {}): Merged {
  const sections: Record<string, unknown> = withoutRemoved(applied, removed, identity)
  const places = new Map<string, (number | undefined)[]>()
  for (const section of designable) {
    const given = design[section]
    if (!given || given.length === 0) continue
    if (whole.has(section)) {
      sections[section] = given[0]
      continue
    }
    const before = Array.isArray(sections[section]) ? (sections[section] as Member[]) : []
    const all = [...before]
    const from: (number | undefined)[] = before.map(() => undefined)
    const at = new Map(before.map((member, n) => [identity(section, member), n]))
    given.forEach((member, n) => {
      const id = identity(section, member)
      const there = id === undefined ? undefined : at.get(id)
      // A code that stands twice in the design stays twice, for the check to tell.
      if (there !== undefined && from[there] === undefined) {
        all[there] = member
        from[there] = n
      } else {
        all.push(member)
        from.push(n)
      }
    })
    sections[section] = all
    places.set(section, from)
  }
  return { sections, placeIn: (section, index) => places.get(section)?.[index] }
}

function withoutRemoved(applied: Readonly<Record<string, unknown>>, removed: NonNullable<Content['removed']>, identity: Identity): Record<string, unknown> {
  const left: Record<string, unknown> = { ...applied }
  for (const [section, ids] of Object.entries(removed) as [Removable, string[]][]) {
    if (!Array.isArray(left[section])) continue
    const members = (left[section] as Member[]).filter((member) => !ids.includes(identity(section, member) ?? ''))
    // A section with nothing in it is none, as in a pack that was written without it.
    if (members.length > 0) left[section] = members
    else delete left[section]
  }
  return left
}

/** Where a finding in a section that is one thing stands in the design. */
export const isWhole = (section: string): boolean => whole.has(section)

/** @returns the next version: the last number in it grows by one (1.0.0 → 1.0.1), or .1 is put behind it */
export function nextVersion(version: string): string {
  const last = /^(.*?)(\d+)$/.exec(version)
  return last ? `${last[1]}${Number(last[2]) + 1}`.slice(0, 40) : `${version.slice(0, 38)}.1`
}
