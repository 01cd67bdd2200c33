import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addDays } from '../../rules/civil-date.ts'
import { commitmentLife, entryLife, findingsIn, matterLife, meetingLife, pairingLife, standingOf, standings } from './lives.ts'

test('the only way to kept is a move of its own, and what is kept or withdrawn stays as it is', () => {
  const ways = Object.entries(commitmentLife.table).filter(([, move]) => move.to === 'kept').map(([name]) => name)
  expect(ways).toEqual(['keep'])
  for (const state of ['kept', 'withdrawn'] as const) expect(commitmentLife.may(state).filter((one) => one.possible)).toEqual([])
})

test('a commitment has exactly one standing on every day, and once late it is never on time again', () => {
  const day = fc.integer({ min: 0, max: 800 }).map((n) => addDays('2018-01-01', n))
  fc.assert(
    fc.property(day, day, fc.integer({ min: 1, max: 60 }), fc.constantFrom('made' as const, 'kept' as const, 'withdrawn' as const), day, (by, today, after, state, keptOn) => {
      const of = { state, by, keptOn: state === 'kept' ? keptOn : null }
      const now = standingOf(of, today)
      expect(standings).toContain(now)
      const later = standingOf(of, addDays(today, after))
      if (state === 'made') expect(now === 'late' ? later : 'late').toBe('late')
      else expect(later).toBe(now)
      if (state === 'kept') expect(now).toBe(keptOn > by ? 'keptLate' : 'kept')
    }),
    { seed: 20, numRuns: 300 },
  )
})

test('whatever is tried, a matter is closed only after it was acknowledged, and nothing moves what is closed', () => {
  const names = Object.keys(matterLife.table) as (keyof typeof matterLife.table)[]
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...names), { maxLength: 10 }), (moves) => {
      let state: Parameters<typeof matterLife.may>[0] = 'none'
      const gone: string[] = []
      for (const move of moves) {
        if (!matterLife.may(state).find((one) => one.move === move)!.possible) continue
        expect(['closed', 'withdrawn']).not.toContain(state)
        state = matterLife.next(state, move, '理由')
        gone.push(move)
      }
      if (state === 'closed') expect(gone).toContain('acknowledge')
    }),
    { seed: 20, numRuns: 300 },
  )
})

test('what is given up says why', () => {
  for (const [life, move] of [[commitmentLife, 'withdraw'], [meetingLife, 'cancel'], [matterLife, 'withdraw'], [pairingLife, 'end'], [entryLife, 'withdraw']] as const) {
    expect((life.table as Record<string, { reason?: string }>)[move]!.reason).toBe('required')
  }
})

test('words of the red lines and numbers of persons are found, amounts and dates are not', () => {
  expect(findingsIn({ what: '联系人 13912345678' })).toEqual([{ code: 'personal-number', path: 'what' }])
  expect(findingsIn({ what: '身份证 990121 19700101 001X' })).toEqual([{ code: 'personal-number', path: 'what' }])
  expect(findingsIn({ asked: '排查宗教人员' })[0]).toMatchObject({ code: 'red-line', path: 'asked' })
  expect(findingsIn({ what: '2018年7月2日，河堤塌方120米，直接损失1350000元' })).toEqual([])
})
