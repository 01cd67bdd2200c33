import { z } from 'zod'
import { endpoint, MoveNow, pageOf, paging, type RoomContract } from '../endpoint.ts'
import { DesignCap } from '../burden/burden.contract.ts'
import { ResolvedForm, Words } from '../ledgers/form-definition.ts'
import { Burden, TwinShown } from '../ledgers/ledgers.contract.ts'
import { designable, removable } from './design.ts'

const id = z.number().int()
const unit = z.number().int()
const version = z.number().int().min(1)

export const DesignState = z.enum(['draft', 'review', 'registered'])
export const Section = z.enum(designable)
export const RemovableSection = z.enum(removable)

/** A draft may be incomplete, so what stands in a member is checked by `check`, not by the door. */
const Member = z.record(z.string().max(60), z.unknown())
/** The head of the pack that the design becomes part of. */
export const Head = z.object({
  code: z.string().max(80),
  version: z.string().max(40),
  title: z.object({ zh: z.string().max(200), en: z.string().max(200) }),
  sample: z.boolean().optional(),
  requires: z.array(z.string().max(80)).max(50).optional(),
})
export const Content = z.object({ head: Head, sections: z.partialRecord(Section, z.array(Member).max(2_000)), removed: z.partialRecord(RemovableSection, z.array(z.string().max(200)).max(1_000)).optional() })

/** Data item → why it is another thing than its likely twin. */
const Reasons = z.record(z.string().max(60), z.string().max(300))

export const DesignRow = z.object({
  id,
  unit,
  unitName: z.string(),
  title: Words,
  /** The pack that it becomes part of. */
  pack: z.string(),
  state: DesignState,
  version,
  forms: z.number().int(),
  indicators: z.number().int(),
  lists: z.number().int(),
  savedBy: z.string(),
  savedAt: z.string(),
})
export type DesignRow = z.infer<typeof DesignRow>

export const Design = DesignRow.extend({
  content: Content,
  reasons: Reasons,
  createdBy: z.string(),
  submittedBy: z.string().nullable(),
  submittedAt: z.string().nullable(),
  note: z.string().nullable(),
  decidedBy: z.string().nullable(),
  decidedAt: z.string().nullable(),
  reason: z.string().nullable(),
  moves: z.array(MoveNow),
})
export type Design = z.infer<typeof Design>

/** Something to put right. `section` and `path` lead to it in the design; without a place it is about what the pack holds beside it. */
export const DesignFinding = z.object({
  code: z.string(),
  section: z.string().nullable(),
  path: z.array(z.string()),
  /** The thing it is about: `village-month/income`. */
  id: z.string(),
  facts: z.record(z.string(), z.unknown()),
  say: Words,
})
export type DesignFinding = z.infer<typeof DesignFinding>

export const ItemTwins = z.object({ item: z.string(), name: Words, twins: z.array(TwinShown), reason: z.string().nullable() })
export type ItemTwins = z.infer<typeof ItemTwins>

export const Checked = z.object({ version, findings: z.array(DesignFinding), twins: z.array(ItemTwins) })
export type Checked = z.infer<typeof Checked>

const Leaf = z.object({ what: z.string(), from: z.unknown(), to: z.unknown() })
const Change = z.enum(['added', 'removed', 'changed'])
/** What registering would do to one form and to those who fill it in. */
export const FormChange = z.object({
  form: z.string(),
  name: Words,
  /** The version in force, and the one that would be; null: it is new. */
  from: z.number().int().nullable(),
  to: z.number().int(),
  /** The version in force is newer than the one that this design was opened from. */
  overtaken: z.boolean(),
  difference: z
    .object({
      head: z.array(Leaf),
      fields: z.array(z.object({ code: z.string(), name: Words, change: Change, leaves: z.array(Leaf) })),
      checks: z.array(z.object({ code: z.string(), change: Change, leaves: z.array(Leaf) })),
      moved: z.boolean(),
      same: z.boolean(),
    })
    .nullable(),
  burden: Burden,
  burdenBefore: Burden.nullable(),
  /** Minutes that the types of its fields come to, beside those that are declared. */
  estimatedMinutes: z.number(),
  /** How the caps would stand if it were issued below this month. */
  caps: z.array(DesignCap),
  /** Returns by where they are: those not given yet are filled in the new version; those given are checked in their own. */
  returns: z.object({ open: z.number().int(), drafts: z.number().int(), sentBack: z.number().int(), waiting: z.number().int(), accepted: z.number().int() }),
  /** Fields that go, with how many drafts hold something in them. */
  lost: z.array(z.object({ field: z.string(), name: Words, drafts: z.number().int() })),
})
export type FormChange = z.infer<typeof FormChange>

export const Difference = z.object({
  version,
  /** The version of the pack in force, and the one it becomes. */
  packFrom: z.string().nullable(),
  packTo: z.string(),
  forms: z.array(FormChange),
  /** Everything else, by section: what is added, what becomes different. */
  others: z.array(z.object({ section: z.string(), added: z.array(z.string()), changed: z.array(z.object({ id: z.string(), leaves: z.array(Leaf) })), removed: z.array(z.string()) })),
})
export type Difference = z.infer<typeof Difference>

/** One thing that rests on another. `stops`: as long as it is there, the other cannot be taken out. */
export const Use = z.object({ code: z.string(), stops: z.boolean(), say: Words })
export type Use = z.infer<typeof Use>
/** What the design's pack holds, and what hangs on it. */
export const Holding = z.object({ section: RemovableSection, id: z.string(), name: Words, removed: z.boolean(), uses: z.array(Use) })
export type Holding = z.infer<typeof Holding>

/** What a design starts from. */
const From = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('empty'), title: Words, code: z.string().regex(/^[a-z0-9][a-z0-9-]{0,79}$/) }),
  z.object({ kind: z.literal('form'), form: z.string().max(80) }),
  z.object({ kind: z.literal('pack'), pack: z.string().max(80) }),
  /** A pack as a zip file, base64: pack.yaml and the sections that can be designed. */
  z.object({ kind: z.literal('file'), zip: z.string().max(4_000_000) }),
])

export const designsContract = {
  list: endpoint('signedIn', { method: 'GET', path: '/designs', summary: 'Designs of the units where I design or approve' })
    .input(z.object({ q: z.string().max(60).optional(), state: DesignState.optional(), ...paging }))
    .output(pageOf(DesignRow)),
  packs: endpoint('signedIn', { method: 'GET', path: '/designs/packs', summary: 'Applied packs that a design can start from' })
    .input(z.object({}))
    .output(z.object({ rows: z.array(z.object({ code: z.string(), version: z.string(), title: Words, sections: z.record(z.string(), z.number().int()) })) })),
  create: endpoint('form.register', { method: 'POST', path: '/designs', summary: 'Begin a design: empty, from a registered form, from an applied pack or from a pack file' })
    .input(z.object({ unit, from: From }))
    .output(z.object({ id })),
  open: endpoint('signedIn', { method: 'GET', path: '/designs/{id}', summary: 'One design as it stands, with the moves that are possible' })
    .input(z.object({ id }))
    .output(Design),
  save: endpoint('form.register', { method: 'PUT', path: '/designs/{id}', summary: 'Keep what was designed so far' })
    .input(z.object({ id, version, content: Content, reasons: Reasons.default({}) }))
    .output(z.object({ version, savedAt: z.string() })),
  check: endpoint('signedIn', { method: 'GET', path: '/designs/{id}/check', summary: 'Everything that stands in the way of registering, each with its place, and likely twins of new items' })
    .input(z.object({ id }))
    .output(Checked),
  difference: endpoint('signedIn', { method: 'GET', path: '/designs/{id}/difference', summary: 'What registering would change, what it costs, and what happens to open returns' })
    .input(z.object({ id }))
    .output(Difference),
  preview: endpoint('signedIn', { method: 'GET', path: '/designs/{id}/forms/{form}', summary: 'A designed form as the units would see it' })
    .input(z.object({ id, form: z.string().max(80) }))
    .output(z.object({ definition: ResolvedForm })),
  holdings: endpoint('signedIn', { method: 'GET', path: '/designs/{id}/holdings', summary: 'What the pack of a design holds, what hangs on each thing, and whether it can be taken out' })
    .input(z.object({ id, section: RemovableSection }))
    .output(z.object({ rows: z.array(Holding), sections: z.array(z.object({ section: RemovableSection, count: z.number().int() })) })),
  submit: endpoint('form.register', { method: 'POST', path: '/designs/submit', summary: 'Give a design to the burden officer; refused while anything is to be put right' })
    .input(z.object({ id, version, note: z.string().max(500).default('') }))
    .output(z.object({ state: DesignState, version })),
  takeBack: endpoint('form.register', { method: 'POST', path: '/designs/take-back', summary: 'Take a submitted design back to change it' })
    .input(z.object({ id, version }))
    .output(z.object({ state: DesignState, version })),
  remove: endpoint('form.register', { method: 'POST', path: '/designs/remove', summary: 'Throw a draft away' })
    .input(z.object({ id, version }))
    .output(z.object({ removed: z.boolean() })),
  sendBack: endpoint('burden.approve', { method: 'POST', path: '/designs/send-back', summary: 'Send a design back with a reason' })
    .input(z.object({ id, version, reason: z.string().max(500) }))
    .output(z.object({ state: DesignState, version })),
  objection: endpoint('burden.approve', { method: 'GET', path: '/designs/objections/{id}', summary: 'What carrying an objection out would change in its form: the next version, what hangs on the field, and from where it could be filled' })
    .input(z.object({ id, outcome: z.enum(['fieldDropped', 'prefilled']), shows: z.string().max(60).optional(), alongIndicators: z.boolean().default(false) }))
    .output(z.object({
      id, version, form: z.string(), name: Words, field: z.string().nullable(), fieldName: Words.nullable(),
      /** The next version against the one in force; null: there is nothing to change. */
      change: FormChange.nullable(),
      findings: z.array(DesignFinding),
      /** Indicators that go with the field, as they cannot be worked out without it. */
      gone: z.array(z.string()),
      /** Held items of other forms that seem to be what the field asks, the surest first. */
      candidates: z.array(z.object({ item: z.string(), name: Words, ownerForm: z.string(), ownerName: Words, sure: z.number().int() })),
      move: MoveNow,
    })),
  carryOut: endpoint('burden.approve', { method: 'POST', path: '/designs/carry-out', summary: 'Make the next version of a form on an upheld objection: the field is dropped, or filled from its owner' })
    .input(z.object({ id, version, shows: z.string().max(60).optional(), alongIndicators: z.boolean().default(false) }))
    .output(z.object({ id, design: id, form: z.string(), formVersion: z.number().int(), pack: z.string(), packVersion: z.string() })),
  approve: endpoint('burden.approve', { method: 'POST', path: '/designs/approve', summary: 'Approve a design as burden officer: it is registered at once' })
    .input(z.object({ id, version, number: z.string().max(60).default('') }))
    .output(z.object({ state: DesignState, version, pack: z.string(), packVersion: z.string(), forms: z.array(z.object({ form: z.string(), version: z.number().int() })) })),
} satisfies RoomContract
