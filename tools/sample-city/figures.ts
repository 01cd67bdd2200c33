import { chanceOf, seedOf } from './chance.ts'
import { citySeed } from './city.ts'

type Values = Record<string, unknown>
const text = (n: number) => String(Math.round(n))

/** Shares of the documents at the scale of 600 villages: each count rounds to the percentage that was published. */
export const published = {
  villages: 600,
  /** 88 % below 50,000 yuan. */
  below50k: 528,
  /** 63 % of all without income: the first reading; of those below 50,000 it is 71.6 %. */
  zero: 378,
  /** From 100,000 yuan on. */
  from100k: 27,
  /** 40 % of premises below standard, 2 % none or rented. */
  premisesNonStandard: 240,
  premisesNone: 5,
  premisesRented: 7,
  departments: 25,
  departmentsBelowMean: 8,
} as const

export type VillageStanding = { income: number; premises: 'standard' | 'nonStandard' | 'rented' | 'none' }

/** Which village stands where: exact counts, dealt out by the seed. Incomes are whole 分. */
export function villageStandings(codes: readonly string[], year: number): Map<string, VillageStanding> {
  const chance = chanceOf(seedOf(citySeed, 'standings'))
  const byIncome = chance.shuffle(codes)
  const byPremises = chance.shuffle(codes)
  const standings = new Map<string, VillageStanding>()
  byIncome.forEach((code, at) => {
    const own = chanceOf(seedOf(code, year))
    const income =
      at < published.zero ? 0
      : at < published.below50k ? own.whole(3_000, 49_000) * 100
      : at < published.villages - published.from100k ? own.whole(50_000, 99_000) * 100
      : own.whole(100_000, 860_000) * 100
    standings.set(code, { income, premises: 'standard' })
  })
  byPremises.forEach((code, at) => {
    const { premisesNone: none, premisesRented: rented, premisesNonStandard: non } = published
    standings.get(code)!.premises = at < none ? 'none' : at < none + rented ? 'rented' : at < none + rented + non ? 'nonStandard' : 'standard'
  })
  return standings
}

/** @returns a village's month; requests run on from month to month, so that the checks against last month hold */
export function villageMonth(code: string, residents: number, month: number): Values {
  const base = chanceOf(seedOf(code, 'village'))
  const households = Math.max(60, Math.round(residents / (2.6 + base.next())))
  const own = chanceOf(seedOf(code, 'month', month))
  const open = chanceOf(seedOf(code, 'open', month)).whole(0, 3)
  const before = chanceOf(seedOf(code, 'open', month - 1)).whole(0, 3)
  const closed = before + own.whole(0, 6)
  return {
    households: text(households + (month % 7)),
    householdsServed: text(households * (0.55 + 0.4 * own.next())),
    requestsOpen: text(open),
    requestsClosed: text(closed),
    requestsOnTime: text(closed - (own.next() < 0.12 && closed > 0 ? 1 : 0)),
    memberMeetings: text(month % 3 === 0 || own.next() < 0.4 ? 1 : 0),
    committeeMeetings: text(own.next() < 0.95 ? 1 : 0),
    affairsPublished: own.next() < 0.93,
  }
}

export function villageYear(code: string, standing: VillageStanding, year: number): Values {
  const own = chanceOf(seedOf(code, 'year', year))
  const people = own.whole(3, 7)
  const trained = own.whole(2, people)
  const sessions = own.whole(150, 250)
  return {
    incomeTotal: text(standing.income),
    ...(standing.income > 0 ? { incomeWays: [{ way: own.pick(['led', 'joint'] as const), amount: text(standing.income) }] } : {}),
    incomeCost: text((standing.income / 100) * 0.3 * own.next()) + (standing.income > 0 ? '00' : ''),
    premisesState: standing.premises,
    premisesArea: standing.premises === 'none' ? '0' : text(standing.premises === 'standard' ? own.whole(200, 420) : own.whole(60, 180)),
    hallSessionsOpen: text(sessions),
    hallSessionsUsed: text(sessions * (0.4 + 0.5 * own.next())),
    postsRequired: '7',
    postsFilled: text(people),
    groupMeetings: text(own.next() < 0.8 ? 12 : 0),
    lectures: text(own.whole(1, 4)),
    peopleInPost: text(people),
    trainedPeople: text(trained),
    trainedTimes: text(trained + own.whole(0, 9)),
    trainedFully: text(own.whole(0, trained)),
  }
}

export function communityMonth(code: string, residents: number, month: number): Values {
  const own = chanceOf(seedOf(code, 'month', month))
  const open = chanceOf(seedOf(code, 'open', month)).whole(0, 5)
  const before = chanceOf(seedOf(code, 'open', month - 1)).whole(0, 5)
  const closed = before + own.whole(0, 12)
  return {
    communityHouseholds: text(residents / 2.7),
    communityResidents: text(residents),
    communityWorkers: text(chanceOf(seedOf(code, 'workers')).whole(2, 6)),
    communityRequestsOpen: text(open),
    communityRequestsClosed: text(closed),
    communityRequestsOnTime: text(closed - (own.next() < 0.2 && closed > 0 ? 1 : 0)),
  }
}

/** 25 eligible non-public organisations and 20 social ones a township make 78 % and 71 % covered over 60 townships. */
export function townshipQuarter(code: string, at: number, quarter: number): Values {
  const own = chanceOf(seedOf(code, 'quarter', quarter))
  // 1,500 × 78 % = 1,170 = 30 × 19 + 30 × 20; 1,200 × 71 % = 852 = 48 × 14 + 12 × 15.
  const covered = at % 2 === 0 ? 19 : 20
  const social = at % 5 === 0 ? 15 : 14
  return {
    smallFacilities: text(chanceOf(seedOf(code, 'five')).whole(2, 5)),
    staffRoomsNeeded: text(chanceOf(seedOf(code, 'rooms')).whole(6, 14)),
    staffRooms: text(own.whole(3, 12)),
    nonPublicEligible: '25',
    nonPublicCovered: text(covered),
    nonPublicEffective: text(covered - own.whole(2, 6)),
    socialEligible: '20',
    socialCovered: text(social),
    socialEffective: text(social - own.whole(1, 5)),
  }
}

/** 25 departments, 8 of them below the mean: 17 at or above it by construction. */
export function departmentYear(code: string, at: number): Values {
  const own = chanceOf(seedOf(code, 'department'))
  const listed = own.whole(18, 40)
  const complete = Math.round(listed * (0.6 + 0.4 * own.next()))
  const staff = own.whole(20, 80)
  const found = own.whole(3, 12)
  // The 8 lie around 70, the 17 around 90: the mean (about 84) parts them.
  const score = at % 3 === 2 ? own.whole(66, 74) : own.whole(87, 95)
  return {
    dutiesListed: text(listed + 1),
    dutiesWithRule: text(complete + own.whole(0, listed - complete)),
    dutiesWithProcess: text(complete + own.whole(0, listed - complete)),
    dutiesComplete: text(complete),
    manualsPublished: own.next() < 0.8,
    basicWorkScore: text(score),
    shortcomings: text(found),
    shortcomingsClosed: text(own.whole(0, found)),
    staffInPost: text(staff),
    staffTrained: text(staff * (0.5 + 0.5 * own.next())),
  }
}
