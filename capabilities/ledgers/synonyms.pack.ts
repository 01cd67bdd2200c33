import { z } from 'zod'
import type { Finding } from '../../rules/problem.ts'
import type { Applied, PackPart } from '../../server/pack.ts'
import { Slug } from './form-definition.ts'
import { removeSynonyms, saveSynonyms } from './similar.sql.ts'

/** Words that mean the same to those who ask. */
export const SynonymGroup = z.strictObject({ code: Slug, words: z.array(z.string().min(1).max(30)).min(2) })
export type SynonymGroup = z.infer<typeof SynonymGroup>

/** The dictionary across which similar askings are found (F-15: 同源数据最多填一次). */
export const synonymsPart: PackPart<SynonymGroup[]> = {
  name: 'synonyms',
  schema: z.array(SynonymGroup),
  check(groups) {
    const first = new Map<string, string>()
    return groups.flatMap(({ code, words }, at) =>
      words.flatMap((word, n): Finding[] => {
        const other = first.get(word)
        first.set(word, code)
        return other === undefined ? [] : [{ code: 'synonym-twice', path: `${at}.words.${n}`, facts: { word, other } }]
      }),
    )
  },
  async apply(tx, groups, { pack }) {
    const applied: Applied = { added: [], changed: [], removed: [], same: 0 }
    for (const group of groups) {
      const outcome = await saveSynonyms(tx, group, pack)
      if (outcome === 'same') applied.same++
      else applied[outcome].push(group.code)
    }
    applied.removed = await removeSynonyms(tx, pack, groups.map((group) => group.code))
    return applied
  },
  sentences: {
    'synonym-twice': { zh: '“{{word}}”已在 {{other}} 组里。一个词只放在一组，请删去其一。', en: '“{{word}}” stands in the group {{other}} already. A word stands in one group: delete one of the two.' },
  },
}
