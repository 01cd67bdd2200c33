/** A seeded source of chance: the same seed gives the same sample, on every machine. */
export type Chance = {
  /** A fraction from 0 up to but not 1. */
  next: () => number
  /** A whole number from `least` to `most`. */
  whole: (least: number, most: number) => number
  pick: <One>(list: readonly One[]) => One
  /** A copy in another order. */
  shuffle: <One>(list: readonly One[]) => One[]
}

/** @param seed any whole number; mulberry32, good enough for samples */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const whole = (least: number, most: number) => least + Math.floor(next() * (most - least + 1))
  return {
    next,
    whole,
    pick: (list) => list[whole(0, list.length - 1)]!,
    shuffle: (list) => {
      const copy = [...list]
      for (let at = copy.length - 1; at > 0; at--) {
        const other = whole(0, at)
        ;[copy[at], copy[other]] = [copy[other]!, copy[at]!]
      }
      return copy
    },
  }
}

/** A seed made of words, so that each unit and month has its own chance whatever else is drawn. */
export function seedOf(...parts: readonly (string | number)[]): number {
  let hash = 2_166_136_261
  for (const character of parts.join('/')) hash = Math.imul(hash ^ character.codePointAt(0)!, 16_777_619)
  return hash >>> 0
}
