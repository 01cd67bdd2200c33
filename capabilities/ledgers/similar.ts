import type { ItemType } from './form-definition.ts'

/** What is compared of a data item: one that somebody wants to ask, or one that is held. */
export type Asking = {
  code?: string | undefined
  name: string
  definition?: string | undefined
  type: ItemType
  unit?: string | undefined
  cycle?: string | undefined
  /** Classes of the units that are asked; empty: not known. */
  audience?: readonly string[] | undefined
}
export type HeldItem = Asking & { code: string }

/** Whether two askings of one form mean the same: the same name without filler and unit words, of one type and unit. */
export function sameAsking(a: Pick<Asking, 'type' | 'unit'> & { name: { zh: string } }, b: Pick<Asking, 'type' | 'unit'> & { name: { zh: string } }, synonyms: Synonyms = synonymsOf([])): boolean {
  return a.type === b.type && (a.unit ?? '') === (b.unit ?? '') && essenceOf(a.name.zh, synonyms) === essenceOf(b.name.zh, synonyms)
}

/** Why two askings look alike, or what speaks against it. */
export type TwinReason = 'sameCode' | 'sameName' | 'likeName' | 'likeDefinition' | 'sameUnit' | 'otherUnit' | 'otherType' | 'otherAudience' | 'otherCycle'
/**
 * `same`: it is the held item under another code, and is refused as such. `likely`: use the held one, or say why it is
 * another thing. `maybe`: worth a look.
 */
export type TwinBand = 'same' | 'likely' | 'maybe'
export type Twin = { item: string; /** 0…100 */ sure: number; band: TwinBand; reasons: TwinReason[] }

/** Where the bands begin, in points of 100; measured on the labelled pairs (similar.rule.test.ts prints how well). */
export const bandsFrom = { likely: 55, maybe: 40 } as const

/** Words that stand in every label and tell nothing: 本月, 全年, 年末, 其中, 数, 情况 … */
const filler = /(其中|截至|截止|目前|现有|本[村月年季期镇乡社区]|全[年村镇县乡]|当[年月期]|[月季年期]末|上述|合计|总计|总数|总|情况|数量|个数|数|的|了|是否|共|应填|请填|填报|有关|相关)/g
/** Units of measure that count different things, however alike the names are (人 and 人次, trap 3). */
const plainText = (text: string) => text.normalize('NFKC').toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')

/** A dictionary of words that mean the same, ready to be laid over a text. */
export type Synonyms = { pattern: RegExp | undefined; groupOf: ReadonlyMap<string, string> }

/** @param groups words that mean the same, by group; the longest word wins where two begin at one place */
export function synonymsOf(groups: readonly { code: string; words: readonly string[] }[]): Synonyms {
  const groupOf = new Map<string, string>()
  // The first word of a group stands for all of them; a group never reaches into another.
  for (const { words } of groups) for (const word of words) if (!groupOf.has(plainText(word))) groupOf.set(plainText(word), plainText(words[0]!))
  const all = [...groupOf.keys()].filter(Boolean).sort((a, b) => b.length - a.length || (a < b ? -1 : 1))
  return { groupOf, pattern: all.length > 0 ? new RegExp(all.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'gu') : undefined }
}

/** @returns the text without what tells nothing, each word replaced by the one that stands for its group */
export function essenceOf(text: string, synonyms: Synonyms): string {
  const plain = plainText(text)
  const said = synonyms.pattern ? plain.replace(synonyms.pattern, (word) => synonyms.groupOf.get(word) ?? word) : plain
  const left = said.replace(filler, '')
  // A label of nothing but filler (总数) keeps its words.
  return left === '' ? said : left
}

/** Single characters and pairs of neighbours, with how often each stands there. */
function gramsOf(essence: string): Map<string, number> {
  const signs = [...essence]
  const grams = new Map<string, number>()
  const add = (gram: string) => grams.set(gram, (grams.get(gram) ?? 0) + 1)
  signs.forEach((sign, at) => {
    add(sign)
    if (at > 0) add(signs[at - 1]! + sign)
  })
  return grams
}

/** How much a gram tells: rare ones tell more. Grams that no held item has tell the most. */
type Weigh = (gram: string) => number

function weigher(essences: readonly string[]): Weigh {
  const inHowMany = new Map<string, number>()
  for (const essence of essences) for (const gram of gramsOf(essence).keys()) inHowMany.set(gram, (inHowMany.get(gram) ?? 0) + 1)
  const all = essences.length + 1
  return (gram) => Math.log(1 + all / (1 + (inHowMany.get(gram) ?? 0))) * (gram.length > 1 ? 1.5 : 1)
}

/** Weighted share of what two texts have in common (Dice), 0…1; 1 when they say the same. */
function likeness(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>, weigh: Weigh): number {
  let [common, all] = [0, 0]
  for (const [gram, n] of a) {
    all += weigh(gram) * n
    common += 2 * weigh(gram) * Math.min(n, b.get(gram) ?? 0)
  }
  for (const [gram, n] of b) all += weigh(gram) * n
  return all === 0 ? 0 : common / all
}

/** Share of the shorter text that the longer one has, 0…1: 培训人次 in 干部培训人次. */
function within(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>, weigh: Weigh): number {
  const mass = (grams: ReadonlyMap<string, number>) => [...grams].reduce((sum, [gram, n]) => sum + weigh(gram) * n, 0)
  const [short, long] = mass(a) <= mass(b) ? [a, b] : [b, a]
  const common = [...short].reduce((sum, [gram, n]) => sum + weigh(gram) * Math.min(n, long.get(gram) ?? 0), 0)
  return mass(short) === 0 ? 0 : common / mass(short)
}

type Prepared<Item extends Asking> = { item: Item; name: string; nameGrams: Map<string, number>; wordGrams: Map<string, number> }

function prepared<Item extends Asking>(item: Item, synonyms: Synonyms): Prepared<Item> {
  const name = essenceOf(item.name, synonyms)
  return { item, name, nameGrams: gramsOf(name), wordGrams: gramsOf(essenceOf(item.definition ?? '', synonyms)) }
}

/**
 * A finder over everything that is held (F-15: 同源数据最多填一次). Comparing one asking with a thousand items is a
 * matter of milliseconds.
 * @returns for an asking its likely twins, the surest first; never more than `most`
 */
export function twinFinder(held: readonly HeldItem[], synonyms: Synonyms): (asking: Asking, most?: number) => Twin[] {
  const all = held.map((item) => prepared(item, synonyms))
  const weighName = weigher(all.map((one) => one.name))
  const weighWord = weigher(all.map((one) => essenceOf(one.item.definition ?? '', synonyms)))
  return (asking, most = 5) => {
    const asked = prepared(asking, synonyms)
    return all
      .map((one) => twinOf(asked, one, weighName, weighWord))
      .filter((twin) => twin !== undefined)
      .sort((a, b) => b.sure - a.sure || (a.item < b.item ? -1 : 1))
      .slice(0, most)
  }
}

function twinOf(asked: Prepared<Asking>, held: Prepared<HeldItem>, weighName: Weigh, weighWord: Weigh): Twin | undefined {
  const [a, b] = [asked.item, held.item]
  if (a.code !== undefined && a.code === b.code) return { item: b.code, sure: 100, band: 'same', reasons: ['sameCode'] }
  const reasons: TwinReason[] = []
  const sameName = asked.name === held.name
  const name = sameName ? 1 : 0.75 * likeness(asked.nameGrams, held.nameGrams, weighName) + 0.25 * within(asked.nameGrams, held.nameGrams, weighName)
  const words = asked.wordGrams.size > 0 && held.wordGrams.size > 0 ? likeness(asked.wordGrams, held.wordGrams, weighWord) : undefined
  // A label such as 未办结诉求 may be told by what it means (definition) where its name is another one.
  const named = within(asked.nameGrams, held.wordGrams, weighWord)
  const text = words === undefined ? 0.9 * name + 0.1 * named : Math.max(0.62 * name + 0.38 * words, 0.85 * name + 0.15 * words, 0.5 * name + 0.25 * named + 0.25 * words)
  if (sameName) reasons.push('sameName')
  else if (name >= 0.4) reasons.push('likeName')
  if (words !== undefined && words >= 0.35) reasons.push('likeDefinition')
  let sure = Math.min(1, text)
  const numbers = (type: ItemType) => type === 'number' || type === 'money'
  const [unitA, unitB] = [a.type === 'money' ? '元' : a.unit, b.type === 'money' ? '元' : b.unit]
  const otherType = a.type !== b.type && !(numbers(a.type) && numbers(b.type) && unitA === unitB)
  if (otherType) {
    reasons.push('otherType')
    sure *= 0.6
  } else if (unitA !== undefined && unitB !== undefined && unitA !== unitB) {
    reasons.push('otherUnit')
    sure *= 0.6
  } else if (unitA !== undefined && unitA === unitB) {
    reasons.push('sameUnit')
    sure = Math.min(1, sure * 1.08)
  }
  const apart = Boolean(a.audience?.length && b.audience?.length && !a.audience.some((one) => b.audience!.includes(one)))
  if (apart) {
    reasons.push('otherAudience')
    sure *= 0.6
  }
  const otherCycle = a.cycle !== undefined && b.cycle !== undefined && a.cycle !== b.cycle
  if (otherCycle) reasons.push('otherCycle')
  const isSame = sameName && !otherType && !reasons.includes('otherUnit') && !apart && !otherCycle
  const points = isSame ? 99 : Math.min(98, Math.round(sure * 100))
  if (points < bandsFrom.maybe) return undefined
  return { item: b.code, sure: points, band: isSame ? 'same' : points >= bandsFrom.likely ? 'likely' : 'maybe', reasons }
}
