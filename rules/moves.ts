import { Problem } from './problem.ts'

/** One move of a life: from which states, to which, whether a reason must be given. */
export type Move<State extends string> = {
  readonly from: readonly State[]
  readonly to: State
  readonly verb?: string
  readonly reason?: 'none' | 'required'
}

export type MoveState<Name extends string> = { move: Name; possible: boolean; from: string[] }

/**
 * A life told as a table of moves. The same table enables a button, gives its reason and guards the server.
 * @param life what lives, such as 'record'; it appears in the problem's facts
 */
export function moveTable<State extends string, Name extends string>(life: string, table: Record<Name, Move<State>>) {
  const names = Object.keys(table) as Name[]
  return {
    life,
    table,
    /** @returns every move, possible from `state` or not, with the states it starts from */
    may: (state: State): MoveState<Name>[] =>
      names.map((move) => ({ move, possible: table[move].from.includes(state), from: [...table[move].from] })),
    /** @returns the state that `move` leads to. Throws Problem `move-not-possible`, or `reason-needed` */
    next: (state: State, move: Name, reason?: string): State => {
      const { from, to, reason: need } = table[move]
      if (!from.includes(state)) throw new Problem('move-not-possible', { facts: { life, move, state, from: [...from] } })
      if (need === 'required' && !reason?.trim()) throw new Problem('reason-needed', { field: 'reason' })
      return to
    },
  }
}
