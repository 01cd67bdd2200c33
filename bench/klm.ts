/**
 * The keystroke-level model: Card, Moran, Newell, “The Keystroke-Level Model for User Performance Time with Interactive
 * Systems”, Communications of the ACM 23 (1980) 396-410; the times in seconds as published there.
 */
export const operators = {
  /** A key or a button; the average non-secretary typist (40 words a minute). */
  K: 0.28,
  /** Pointing at something; here a finger at a place on the screen. */
  P: 1.1,
  /** The hand from pointing to typing, or back. */
  H: 0.4,
  /** Getting mentally ready for what comes next. */
  M: 1.35,
} as const

/** How often each operator happens; `R` is the time in seconds that the system lets one wait. */
export type Steps = Record<keyof typeof operators, number> & { R: number }

export const noSteps = (): Steps => ({ K: 0, P: 0, H: 0, M: 0, R: 0 })

/** A press with the finger is pointing and pressing: P + K. */
export const presses = (n: number): Partial<Steps> => ({ P: n, K: n })

export function add(to: Steps, ...more: Partial<Steps>[]): Steps {
  for (const one of more) for (const [operator, n] of Object.entries(one)) to[operator as keyof Steps] += n
  return to
}

/** @returns seconds */
export function secondsOf({ R, ...steps }: Steps): number {
  return R + (Object.keys(operators) as (keyof typeof operators)[]).reduce((sum, operator) => sum + steps[operator] * operators[operator], 0)
}

export const stepsText = (steps: Steps) => `${steps.K} K, ${steps.P} P, ${steps.H} H, ${steps.M} M, ${steps.R.toFixed(1)} s waiting`
