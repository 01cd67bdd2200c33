import { accessContract } from './access/access.contract.ts'
import { burdenContract } from './burden/burden.contract.ts'
import { changesContract } from './changes/changes.contract.ts'
import { designsContract } from './designs/designs.contract.ts'
import { inboxContract } from './inbox/inbox.contract.ts'
import { indicatorsContract } from './indicators/indicators.contract.ts'
import { ledgersContract } from './ledgers/ledgers.contract.ts'
import { listsContract } from './lists/lists.contract.ts'
import { promisesContract } from './promises/promises.contract.ts'
import { reachContract } from './reach/reach.contract.ts'
import { unitsContract } from './units/units.contract.ts'
import { workbooksContract } from './workbooks/workbooks.contract.ts'

/** The table of all rooms' contracts, by room; browser, server, OpenAPI and tests read it. */
export const contracts = {
  units: unitsContract,
  access: accessContract,
  ledgers: ledgersContract,
  indicators: indicatorsContract,
  lists: listsContract,
  inbox: inboxContract,
  reach: reachContract,
  burden: burdenContract,
  changes: changesContract,
  designs: designsContract,
  workbooks: workbooksContract,
  promises: promisesContract,
}
export type Contracts = typeof contracts
