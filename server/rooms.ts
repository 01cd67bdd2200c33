import type { AnyRouter } from '@orpc/server'
import { accessContract } from '../capabilities/access/access.contract.ts'
import { accessAnswers } from '../capabilities/access/access.server.ts'
import { accountImportRoute, accountPreviewRoute, accountTemplateRoute } from '../capabilities/access/bulk-accounts.server.ts'
import { grantRoutes } from '../capabilities/access/bulk-grants.server.ts'
import { burdenContract } from '../capabilities/burden/burden.contract.ts'
import { burdenRulesPart } from '../capabilities/burden/burden.pack.ts'
import { burdenAnswers } from '../capabilities/burden/burden.server.ts'
import { carryOutDue, lookAhead } from '../capabilities/changes/ahead.server.ts'
import { changesContract } from '../capabilities/changes/changes.contract.ts'
import { changesAnswers } from '../capabilities/changes/changes.server.ts'
import { designsContract } from '../capabilities/designs/designs.contract.ts'
import { designsAnswers } from '../capabilities/designs/designs.server.ts'
import { packRoutes } from '../capabilities/designs/download.server.ts'
import { changeBookBackRoute, changeBookMarkedRoute, changeBookRoute } from '../capabilities/changes/workbook.server.ts'
import { inboxContract } from '../capabilities/inbox/inbox.contract.ts'
import { inboxAnswers } from '../capabilities/inbox/inbox.server.ts'
import { liveRoute } from '../capabilities/inbox/live.server.ts'
import { indicatorsContract } from '../capabilities/indicators/indicators.contract.ts'
import { indicatorsPart, targetsPart } from '../capabilities/indicators/indicators.pack.ts'
import { indicatorsAnswers } from '../capabilities/indicators/indicators.server.ts'
import { workbookRoute } from '../capabilities/indicators/workbook.server.ts'
import { fileRoutes, forgetUploads } from '../capabilities/ledgers/files.server.ts'
import { ledgersContract } from '../capabilities/ledgers/ledgers.contract.ts'
import { dataItemsPart, formsPart } from '../capabilities/ledgers/ledgers.pack.ts'
import { ledgersAnswers } from '../capabilities/ledgers/ledgers.server.ts'
import { synonymsPart } from '../capabilities/ledgers/synonyms.pack.ts'
import { matterKindsPart } from '../capabilities/promises/matter-kinds.pack.ts'
import { promisesContract } from '../capabilities/promises/promises.contract.ts'
import { promisesAnswers } from '../capabilities/promises/promises.server.ts'
import { remindPromises } from '../capabilities/promises/remind.server.ts'
import { todayIn } from '../rules/civil-date.ts'
import { unitsContract } from '../capabilities/units/units.contract.ts'
import { bodiesPart, postKindsPart, postsPart, unitClassesPart, unitsPart } from '../capabilities/units/units.pack.ts'
import { unitsAnswers } from '../capabilities/units/units.server.ts'
import { bringRoute } from '../capabilities/workbooks/bring.server.ts'
import { markedRoute, outRoute } from '../capabilities/workbooks/out.server.ts'
import { workbookJobs } from '../capabilities/workbooks/work.server.ts'
import { workbooksContract } from '../capabilities/workbooks/workbooks.contract.ts'
import { workbooksAnswers } from '../capabilities/workbooks/workbooks.server.ts'
import { answer } from './answer.ts'
import { calendarPart } from '../capabilities/lists/calendar.pack.ts'
import { listsContract } from '../capabilities/lists/lists.contract.ts'
import { listTemplatesPart, programmesPart } from '../capabilities/lists/lists.pack.ts'
import { listsAnswers } from '../capabilities/lists/lists.server.ts'
import { taskFileRoute } from '../capabilities/lists/files.server.ts'
import { tasksWorkbookRoute } from '../capabilities/lists/workbook.server.ts'
import { deliver, mailCode } from '../capabilities/reach/deliver.server.ts'
import { feedRoute } from '../capabilities/reach/feed.server.ts'
import { reachContract } from '../capabilities/reach/reach.contract.ts'
import { reachAnswers } from '../capabilities/reach/reach.server.ts'
import type { PackPart } from './pack.ts'
import type { Jobs } from './queue.ts'
import type { RawRoute } from './raw.ts'

/** The one place where the frame meets the rooms: each room adds its answers, raw routes, jobs and pack parts here. */
export const router: AnyRouter = {
  units: answer(unitsContract, unitsAnswers),
  access: answer(accessContract, accessAnswers),
  ledgers: answer(ledgersContract, ledgersAnswers),
  indicators: answer(indicatorsContract, indicatorsAnswers),
  lists: answer(listsContract, listsAnswers),
  inbox: answer(inboxContract, inboxAnswers),
  designs: answer(designsContract, designsAnswers(() => packParts)),
  reach: answer(reachContract, reachAnswers),
  burden: answer(burdenContract, burdenAnswers),
  changes: answer(changesContract, changesAnswers),
  workbooks: answer(workbooksContract, workbooksAnswers),
  promises: answer(promisesContract, promisesAnswers),
}

export const rawRoutes: RawRoute[] = [...fileRoutes, workbookRoute, liveRoute, feedRoute, ...packRoutes(() => packParts), tasksWorkbookRoute, taskFileRoute, outRoute, bringRoute, markedRoute, accountTemplateRoute, accountPreviewRoute, accountImportRoute, ...grantRoutes, changeBookRoute, changeBookBackRoute, changeBookMarkedRoute]

export const jobs: Jobs = {
  'reach:deliver': async (_, call) => void (await deliver(call)),
  'reach:mailCode': (payload, { settings }) => mailCode(payload as Parameters<typeof mailCode>[0], settings),
  'files:forgetUploads': async (_, { database, dataDir, now }) => void (await forgetUploads(database, dataDir, now)),
  ...workbookJobs,
  'changes:carryOut': async (_, { database, now }) => void (await carryOutDue(database, now)),
  'changes:lookAhead': async (_, { database, now }) => void (await lookAhead(database, now)),
  'promises:remind': async (_, { database, now }) => remindPromises(database, todayIn(now.getTime())),
}
/** Timetable lines of graphile-worker; the times are UTC (Asia/Shanghai is UTC+8). */
export const timetable: string[] = ['* * * * * reach:deliver', '10 22 * * * promises:remind', '40 18 * * * files:forgetUploads', '* * * * * workbooks:wake', '*/5 * * * * changes:carryOut', '50 18 * * * changes:lookAhead']

/** In the order in which they are applied: a part may rest on those before it. */
export const packParts: PackPart<any>[] = [
  calendarPart,
  programmesPart,
  unitClassesPart,
  burdenRulesPart,
  postKindsPart,
  unitsPart,
  postsPart,
  bodiesPart,
  dataItemsPart,
  synonymsPart,
  formsPart,
  indicatorsPart,
  targetsPart,
  listTemplatesPart,
  matterKindsPart,
]
