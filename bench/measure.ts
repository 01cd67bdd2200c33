/** One measured thing: what it is called, and its figures in one unit. */
export type Measured = { name: string; unit: string; min: number; median: number; p95: number; max: number; runs: number }

/** Runs `work` `runs` times after `warm` unmeasured ones. @returns milliseconds */
export async function timed(name: string, work: () => Promise<unknown>, { runs = 30, warm = 3 } = {}): Promise<Measured> {
  for (let n = 0; n < warm; n++) await work()
  const times: number[] = []
  for (let n = 0; n < runs; n++) {
    const started = performance.now()
    await work()
    times.push(performance.now() - started)
  }
  return summary(name, 'ms', times)
}

/**
 * Runs two things in turn, so that whatever else the machine does meets both. @returns both, in milliseconds
 */
export async function pair(
  [nameA, a]: [string, () => Promise<unknown>],
  [nameB, b]: [string, () => Promise<unknown>],
  { runs = 100, warm = 10 } = {},
): Promise<[Measured, Measured]> {
  const times: [number[], number[]] = [[], []]
  for (let n = -warm; n < runs; n++) {
    for (const [which, work] of [a, b].entries()) {
      const started = performance.now()
      await work()
      if (n >= 0) times[which]!.push(performance.now() - started)
    }
  }
  return [summary(nameA, 'ms', times[0]), summary(nameB, 'ms', times[1])]
}

export function summary(name: string, unit: string, figures: number[]): Measured {
  const sorted = figures.toSorted((x, y) => x - y)
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
  return { name, unit, min: at(0), median: at(0.5), p95: at(0.95), max: at(1), runs: sorted.length }
}

/** Keeps `connections` workers busy for `seconds`, or until `work` says false: nothing is left. @returns how many `work` finished per second */
export async function perSecond(connections: number, seconds: number, work: (worker: number) => Promise<boolean | void>): Promise<number> {
  const until = performance.now() + seconds * 1000
  let done = 0
  const started = performance.now()
  await Promise.all(
    Array.from({ length: connections }, async (_, worker) => {
      while (performance.now() < until) {
        if ((await work(worker)) === false) return
        done++
      }
    }),
  )
  return done / ((performance.now() - started) / 1000)
}

/** A claim as the bench prints it: what was asked, what it is, and whether it holds in this run. */
export type Claim = { claim: string; bar: string; measured: string; ratio: number; holds: boolean; figures: Measured[] }

export function print(claim: Claim): void {
  if (process.env.BENCH_JSON) return console.log(JSON.stringify(claim))
  console.log(`\n${claim.holds ? 'holds' : 'MISSED'}  ${claim.claim}\n  bar ${claim.bar}; ratio ${claim.ratio.toFixed(2)}; ${claim.measured}`)
  for (const f of claim.figures) {
    const figure = (n: number) => (n >= 100 ? n.toFixed(0) : n.toFixed(2))
    console.log(`  ${f.name}: min ${figure(f.min)}, median ${figure(f.median)}, p95 ${figure(f.p95)}, max ${figure(f.max)} ${f.unit} (${f.runs} runs)`)
  }
}
