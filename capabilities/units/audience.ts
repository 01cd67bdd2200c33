import { z } from 'zod'

/**
 * Who a list item, a form or a notice is for, as a rule instead of a list of units: every active unit of these
 * classes in the subtree of `within` (roll-up tree) or below `line` (line tree), without the subtrees of `except`.
 */
export const Audience = z.object({
  classes: z.array(z.string().min(1)).min(1),
  within: z.array(z.number().int()).default([]),
  except: z.array(z.number().int()).optional(),
  line: z.array(z.number().int()).optional(),
})
export type Audience = z.infer<typeof Audience>

/** What the sentence needs to know of a unit or a class. */
export type AudienceWords = {
  /** Names and class codes of the units that the rule names. */
  units: ReadonlyMap<number, { name: string; class: string }>
  /** Names of the unit classes, in the language of the sentence. */
  classes: ReadonlyMap<string, string>
}

const listed = 3

/**
 * The rule in plain words: “东川县、西川县的全部村”, “5 个市的全部村（城北区除外）”, “all Village units in 5 × City”.
 * @param locale the language of the sentence; `words.classes` must be in the same language
 */
export function audienceText(audience: Audience, words: AudienceWords, locale: 'zh-CN' | 'en'): string {
  const zh = locale === 'zh-CN'
  const classes = audience.classes.map((code) => words.classes.get(code) ?? code).join(zh ? '、' : ', ')
  const within = placesText(audience.within, words, zh)
  const line = placesText(audience.line ?? [], words, zh)
  const except = placesText(audience.except ?? [], words, zh)
  if (zh) {
    const places = [within, line && `${line}条线下`].filter(Boolean).join('和')
    return `${places}${places ? '的' : ''}全部${classes}${except ? `（${except}除外）` : ''}`
  }
  const places = [within && `in ${within}`, line && `in the line below ${line}`].filter(Boolean).join(' and ')
  return `all ${classes} units${places ? ` ${places}` : ''}${except ? ` except ${except}` : ''}`
}

function placesText(ids: readonly number[], words: AudienceWords, zh: boolean): string {
  const units = ids.map((id) => words.units.get(id) ?? { name: `#${id}`, class: '' })
  if (units.length <= listed) return units.map((unit) => unit.name).join(zh ? '、' : ', ')
  const perClass = Map.groupBy(units, (unit) => unit.class)
  return [...perClass]
    .map(([code, of]) => {
      const name = words.classes.get(code) ?? (zh ? '单位' : 'units')
      return zh ? `${of.length} 个${name}` : `${of.length} × ${name}`
    })
    .join(zh ? '、' : ', ')
}
