/** The table of all rooms' contracts, by room; browser, server, OpenAPI and tests read it. */
export const contracts = {}
export type Contracts = typeof contracts
