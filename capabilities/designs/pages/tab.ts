import { pickWords } from '../../../web/i18n.ts'
import type { DataItemDefinition } from '../../ledgers/form-definition.ts'
import type { DesignFinding, Difference, ItemTwins } from '../designs.contract.ts'
import type { Editing } from './use-design.ts'

/** What every tab of a design gets. */
export type TabProps = {
  editing: Editing
  /** The number of the design. */
  design: number
  /** Held items and those of the design, by code. */
  items: ReadonlyMap<string, DataItemDefinition>
  held: readonly (DataItemDefinition & { ownerForm: string | null })[]
  findings: readonly DesignFinding[]
  twins: readonly ItemTwins[]
  difference: Difference | undefined
  editable: boolean
}

/** @returns what is wrong at one place of the design or anywhere below it, in one text */
export function errorFor(findings: readonly DesignFinding[], section: string, path: readonly (string | number)[], { exact = false } = {}): string | undefined {
  const here = findings.filter((finding) => finding.section === section && (exact ? finding.path.length === path.length : true) && path.every((step, at) => finding.path[at] === String(step)))
  return here.length > 0 ? [...new Set(here.map((finding) => pickWords(finding.say)))].join(' ') : undefined
}
