import { accessContract } from './access/access.contract.ts'

/** The table of all rooms' contracts, by room; browser, server, OpenAPI and tests read it. */
export const contracts = { access: accessContract }
export type Contracts = typeof contracts
