import type { Tx } from '../../server/db.ts'
import type { DataItemDefinition, Words } from './form-definition.ts'
import { synonymsOf, twinFinder, type Asking, type Twin } from './similar.ts'
import { heldNow, synonymGroups } from './similar.sql.ts'

/** A likely twin with the held item itself, so that a page can show it and take it over. */
export type TwinFound = Omit<Twin, 'item'> & { item: DataItemDefinition; ownerForm: string | null; ownerName: Words | null }

/**
 * Compares askings with everything that is held now; what a form asks already is not its own twin.
 * @param own the form that is being designed: its own items are left out
 * @returns a function from an asking to its likely twins, the surest first
 */
export async function twinsAmongHeld(tx: Tx, { own }: { own?: readonly string[] } = {}): Promise<(asking: Asking, most?: number) => TwinFound[]> {
  const all = (await heldNow(tx)).filter((held) => held.ownerForm === null || !own?.includes(held.ownerForm))
  const byCode = new Map(all.map((held) => [held.definition.code, held]))
  const find = twinFinder(all.map(({ definition, audience }) => askingOf(definition, audience ?? undefined)), synonymsOf(await synonymGroups(tx)))
  return (asking, most) =>
    find(asking, most).map(({ item, ...twin }) => {
      const { definition, ownerForm, ownerName } = byCode.get(item)!
      return { ...twin, item: definition, ownerForm, ownerName }
    })
}

/** @returns a data item as it is compared */
export function askingOf({ code, name, definition, type, unit, cycle }: DataItemDefinition, audience?: readonly string[]): Asking & { code: string } {
  return { code, name: name.zh, definition: definition.zh, type, unit, cycle, audience }
}
