import { beforeAll } from 'vitest'
import { answer } from '../../server/answer.ts'
import { villageItems, villageMonth } from '../../tests/forms.ts'
import { permissionTests } from '../../tests/permission.ts'
import { ownDatabase, smallWorld, type SmallWorld } from '../../tests/world.ts'
import { registerForm } from '../ledgers/forms.server.ts'
import { IndicatorDefinition } from './indicator-definition.ts'
import { indicatorsContract } from './indicators.contract.ts'
import { indicatorsPart } from './indicators.pack.ts'
import { indicatorsAnswers } from './indicators.server.ts'

const own = ownDatabase()
let world: SmallWorld
beforeAll(async () => {
  world = await smallWorld(own.db)
  await registerForm(own.db, villageMonth, villageItems, { state: 'registered', by: 'test', pack: null })
  const words = { zh: '覆盖', en: 'Coverage' }
  const covered = { code: 'covered', name: words, pillar: 'foundation', form: villageMonth.code, num: 'sum(covered)' }
  const definition = IndicatorDefinition.parse({ ...covered, population: words })
  await indicatorsPart.apply(own.db, [definition], { pack: null as never, by: undefined })
})

const ok = { own: 'ok', above: 'ok', below: 'ok', sibling: 'ok', otherBranch: 'ok' } as const
const everybody = { ...ok, nobody: 'not-signed-in' } as const
const refused = 'not-allowed' as const
const fromAbove = { ...everybody, below: refused, sibling: refused, otherBranch: refused } as const
const at = () => ({ code: 'covered', unit: world.eastTown1, period: '2018-06' })

const router = { indicators: answer(indicatorsContract, indicatorsAnswers) }
// The workbook, which streams, is asked in tests/guards/raw-routes.permission.test.ts.
permissionTests('indicators', indicatorsContract, router, () => ({ database: own.database, world }), {
  overview: { ...fromAbove, input: at },
  latestPeriod: { ...fromAbove, input: at },
  one: { ...fromAbove, input: at },
  trend: { ...fromAbove, input: at },
  ranked: { ...fromAbove, input: at },
  opened: { ...fromAbove, input: at },
  beside: { ...fromAbove, input: at },
  usedIn: { ...fromAbove, input: () => ({ unit: world.eastTown1, form: villageMonth.code, period: '2018-06' }) },
  bands: { ...fromAbove, input: at },
  setTarget: { ...fromAbove, input: () => ({ code: 'covered', unit: world.eastTown1, year: 2018, value: '5' }) },
  checkFormula: { ...everybody, input: () => ({ form: villageMonth.code, formula: 'sum(covered)' }) },
})
