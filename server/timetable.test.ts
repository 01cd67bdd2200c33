import { parseCrontab } from 'graphile-worker'
import { expect, test } from 'vitest'
import { jobs, timetable } from './rooms.ts'

// A line that the library cannot read would keep the whole queue from starting.
test('every line of the timetable can be read and names a job that there is', () => {
  const named = parseCrontab(timetable.join('\n')).map((item) => item.task)
  expect(named).toHaveLength(timetable.length)
  expect(named.filter((task) => !(task in jobs))).toEqual([])
})
