import { z } from 'zod'
import type { Applied, PackPart } from '../../server/pack.ts'
import { MatterKindDefinition } from './matter-kind-definition.ts'
import { removeKinds, saveKind } from './matters.sql.ts'

/** Which matters are reported upwards, and how soon the report is acknowledged (C13): a province's own dictionary. */
export const matterKindsPart: PackPart<MatterKindDefinition[]> = {
  name: 'matterKinds',
  schema: z.array(MatterKindDefinition),
  check: () => [],
  async apply(tx, kinds, { pack }) {
    const applied: Applied = { added: [], changed: [], removed: [], same: 0 }
    for (const [ordinal, kind] of kinds.entries()) {
      const outcome = await saveKind(tx, kind, ordinal, pack)
      if (outcome === 'same') applied.same++
      else applied[outcome].push(kind.code)
    }
    applied.removed = await removeKinds(tx, pack, kinds.map((kind) => kind.code))
    return applied
  },
}
