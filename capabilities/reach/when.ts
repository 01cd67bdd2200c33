/** When somebody wants to be reached. Hours are hours of the day in Asia/Shanghai, which has no summer time. */
export type Wish = {
  mode: 'each' | 'digest'
  /** From this hour on nothing is sent … */
  quietFrom: number
  /** … until this one; the same hour twice: there are no quiet hours. */
  quietTo: number
  /** In mode `digest`: the hour at which the day's notices come together. */
  digestHour: number
}

const hourMs = 3_600_000
const shanghaiMs = 8 * hourMs

/** @returns whether `hour` lies in the quiet hours; they may pass midnight (20 to 8) */
export function isQuiet({ quietFrom, quietTo }: Pick<Wish, 'quietFrom' | 'quietTo'>, hour: number): boolean {
  if (quietFrom === quietTo) return false
  return quietFrom < quietTo ? hour >= quietFrom && hour < quietTo : hour >= quietFrom || hour < quietTo
}

/** @returns when a notice of `at` is sent: at once, when the quiet hours end, or with the next digest (which never waits for the quiet hours) */
export function sendAt(wish: Wish, at: Date): Date {
  if (wish.mode === 'digest') return nextHour(at, wish.digestHour)
  return isQuiet(wish, hourOf(at)) ? nextHour(at, wish.quietTo) : at
}

const hourOf = (at: Date) => Math.floor((at.getTime() + shanghaiMs) / hourMs) % 24

/** The next time after `at` when the clock in Shanghai shows this full hour. */
function nextHour(at: Date, hour: number): Date {
  const local = at.getTime() + shanghaiMs
  const day = Math.floor(local / (24 * hourMs)) * 24 * hourMs
  const today = day + hour * hourMs
  return new Date((today > local ? today : today + 24 * hourMs) - shanghaiMs)
}

const pausesInMinutes = [1, 5, 15, 60, 240, 720] as const

/** @returns when to try again after `attempts` failures; undefined: it is given up */
export function tryAgainAt(attempts: number, now: Date): Date | undefined {
  const pause = pausesInMinutes[attempts - 1]
  return pause === undefined ? undefined : new Date(now.getTime() + pause * 60_000)
}
