import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { contracts } from '../../capabilities/contracts.ts'
import type { EndpointMeta } from '../../capabilities/endpoint.ts'
import { verbs } from '../../capabilities/access/verbs.ts'
import { rawRoutes } from '../../server/rooms.ts'
import type { Offence } from './files.ts'

/** @returns endpoints without a verb, and endpoints or raw routes that no permission test names */
export function checkEndpoints(folder: string): Offence[] {
  const offences: Offence[] = []
  for (const [room, contract] of Object.entries(contracts)) {
    const file = `capabilities/${room}/${room}.permission.test.ts`
    const text = existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : ''
    if (text === '') offences.push({ file, says: 'the room has no permission test' })
    for (const [name, procedure] of Object.entries(contract)) {
      const { needs } = procedure['~orpc'].meta as EndpointMeta
      if (!(needs in verbs) && needs !== 'signedIn' && needs !== 'public') offences.push({ file: `capabilities/${room}/${room}.contract.ts`, says: `${name} names no verb` })
      if (text !== '' && !new RegExp(`\\b${name}:`).test(text)) offences.push({ file, says: `${name} has no permission test` })
    }
  }
  const raw = 'tests/guards/raw-routes.permission.test.ts'
  const rawText = existsSync(join(folder, raw)) ? readFileSync(join(folder, raw), 'utf8') : ''
  for (const route of rawRoutes) if (!rawText.includes(`${route.method} ${route.path}`)) offences.push({ file: raw, says: `${route.method} ${route.path} has no permission test` })
  return offences
}
