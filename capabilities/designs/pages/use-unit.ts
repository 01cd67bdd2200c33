import { useQuery } from '@tanstack/react-query'
import { q } from '../../../web/api/queries.ts'
import { usePathPart } from '../../../web/shell/address.ts'

/** @returns the unit of the design that is open; 0 while it is not known */
export function useMyDesignUnit(): number {
  const id = Number(usePathPart('id'))
  return useQuery(q.designs.open.queryOptions({ input: { id }, staleTime: Number.POSITIVE_INFINITY })).data?.unit ?? 0
}
