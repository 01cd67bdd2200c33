import fc from 'fast-check'
import { expect, test } from 'vitest'
import { askingLife, exceptionLife, objectionLife, suggestionLife } from './lives.ts'

test.each([
  ['objection', objectionLife, ['upheld', 'rejected', 'withdrawn']],
  ['suggestion', suggestionLife, ['answered']],
] as const)('a settled %s stays as it is, whatever is tried', (_name, life, settled) => {
  const moved = fc.check(fc.property(fc.array(fc.constantFrom(...(Object.keys(life.table) as never[])), { maxLength: 8 }), (moves) => {
    let state: string = 'none'
    return moves.every((move) => {
      const possible = life.may(state as never).find((one) => one.move === move)!.possible
      const movesOn = possible && (settled as readonly string[]).includes(state)
      if (possible) state = life.next(state as never, move, 'reason')
      return !movesOn
    })
  }))
  expect(moved.counterexample).toBeNull()
})

test('only a burden officer’s yes registers a meeting, a visit or a list, and only a burden officer grants an exception', () => {
  for (const [life, state] of [[askingLife, 'registered'], [exceptionLife, 'granted']] as const) {
    const ways = Object.values(life.table).filter((move) => move.to === state)
    expect(ways.map((move) => move.verb)).toEqual(['burden.approve'])
  }
})

test('nobody is refused without a reason', () => {
  const moves = [askingLife, objectionLife, exceptionLife].flatMap((life) => Object.entries(life.table) as [string, { reason?: string }][])
  const without = moves.filter(([name, move]) => /^(refuse|reject|uphold)$/.test(name) && move.reason !== 'required')
  expect(without).toEqual([])
})
