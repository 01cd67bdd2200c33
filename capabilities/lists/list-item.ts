import { cycleOf, isPeriod } from '../../rules/period.ts'
import type { Audience } from '../units/audience.ts'

/** What decides whether an item can be issued. */
export type ItemParts = {
  title: string
  deliverable: string
  measure: string
  lead: number | null
  audience: Audience | null
  due: string | null
  dueWorkingDays: number | null
  form: string | null
  /** The code of a period (F-10). */
  period: number | null
}

export type ItemPart = 'lead' | 'deliverable' | 'measure' | 'audience' | 'deadline' | 'period'

/**
 * What an item lacks before it can be issued (C4): one unit that leads, what is delivered and how it is measured, whom it
 * addresses, until when, and for a form the period it is asked for.
 */
export function missingOf(item: ItemParts): ItemPart[] {
  const lacks: Record<ItemPart, boolean> = {
    lead: item.lead === null,
    deliverable: item.deliverable.trim() === '',
    measure: item.measure.trim() === '',
    audience: item.audience === null || item.audience.within.length + (item.audience.line?.length ?? 0) === 0,
    deadline: item.due === null && item.dueWorkingDays === null,
    period: item.form !== null && item.period === null,
  }
  return (Object.keys(lacks) as ItemPart[]).filter((part) => lacks[part])
}

/** @returns whether the period is one in which a form of this cycle is asked */
export function periodFits(period: number, cycle: string): boolean {
  return isPeriod(period) && cycleOf(period) === (cycle === 'once' ? 'year' : cycle)
}
