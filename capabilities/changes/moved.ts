import type { OpenHolding } from '../access/access.reads.ts'
import type { BurdenHanded } from '../burden/succession.reads.ts'
import type { PromisesHanded } from '../promises/succession.reads.ts'
import type { HandedTarget } from '../indicators/succession.reads.ts'
import type { Asked } from '../ledgers/succession.reads.ts'
import type { Handed, TaskBefore } from '../lists/succession.reads.ts'
import type { BodyHanded, FormerBefore, UnitBefore } from '../units/structure.reads.ts'

/** Everything a change moved, row for row, as it stood before: what undoing puts back. */
export type Moved = {
  created: number[]
  units: (UnitBefore & { after: number })[]
  formers: FormerBefore[]
  tasks: TaskBefore[]
  withdrawn: Asked[]
  asked: Asked[]
  postsEnded: number[]
  postsMade: number[]
  holdings: OpenHolding[]
  /** Per ended unit: to whom its lists, bodies, accounts and forms went. */
  estates: { from: number; to: number; lists: Handed; bodies: BodyHanded[]; accounts: string[]; forms: string[]; burden: BurdenHanded[]; promises?: PromisesHanded[]; plans?: number[] }[]
  targets: { unit: number; rows: HandedTarget[] }[]
  /** Who reports, and how far they were when the change was made. */
  reporting: { units: number[]; stamp: string }
  /** Counties whose kept figures were worked out anew. */
  counties: number[]
}
