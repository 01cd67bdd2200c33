import type { Answers } from '../../server/answer.ts'
import { commitmentAnswers } from './commitments.server.ts'
import { matterAnswers } from './matters.server.ts'
import { meetingAnswers } from './meetings.server.ts'
import { pairingAnswers } from './pairings.server.ts'
import type { promisesContract } from './promises.contract.ts'

export const promisesAnswers: Answers<typeof promisesContract> = { ...commitmentAnswers, ...meetingAnswers, ...matterAnswers, ...pairingAnswers }
