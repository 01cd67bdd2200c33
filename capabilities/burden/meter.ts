import type { Cap } from './burden.contract.ts'

/** What the meter counts for one unit and month. Fields are cells typed, minutes are planned minutes. */
export type Load = { typed: number; meetings: number; visits: number; documents: number }
export type Weights = { meetingWeight: number; visitWeight: number; documentWeight: number }

/** burden(u, month) = Σ fields typed anew + meetings·wm + visits·wi + documents·wd (C2, E63), in fields. */
export function burdenFigure({ typed, meetings, visits, documents }: Load, { meetingWeight, visitWeight, documentWeight }: Weights): number {
  return typed + meetings * meetingWeight + visits * visitWeight + documents * documentWeight
}

/** @returns what reading a document takes one unit, in whole minutes, at least one */
export function readingMinutes(characters: number, charactersPerMinute: number): number {
  return Math.max(1, Math.ceil(characters / charactersPerMinute))
}

/**
 * How a cap stands: free, near (from `warnPercent` of it on), or passed. 以内 includes the figure itself (F-28), so the
 * cap is passed only above it.
 * @param now what there is with the new asking counted in; @param most the cap
 */
export function capStateOf(now: number, most: number, warnPercent: number): Cap['state'] {
  if (now > most) return 'passed'
  return now * 100 >= most * warnPercent ? 'near' : 'free'
}

/** The edges of the bands in which units are counted, in fields; the lower edge belongs to a band. */
export const bandEdges = [10, 20, 30, 40, 60, 100] as const

/** @returns how many units lie in each band: below the first edge, between two, from the last one on */
export function bandsOf(figures: readonly number[]): number[] {
  const counts = Array.from({ length: bandEdges.length + 1 }, () => 0)
  for (const figure of figures) counts[bandEdges.filter((edge) => figure >= edge).length]!++
  return counts
}

/** First and last day of the month that a text such as 2018-06 names. */
export function monthSpan(month: string): { from: string; to: string } {
  const [year, number] = month.split('-').map(Number) as [number, number]
  const last = new Date(Date.UTC(year, number, 0)).getUTCDate()
  return { from: `${month}-01`, to: `${month}-${String(last).padStart(2, '0')}` }
}
