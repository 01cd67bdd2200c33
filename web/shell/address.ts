import { useNavigate, useParams, useSearch } from '@tanstack/react-router'

/** @returns a part of the path: `usePathPart('id')` of /ledgers/forms/$id, '' when there is none */
export function usePathPart(name: string): string {
  const parts: Record<string, string | undefined> = useParams({ strict: false })
  return parts[name] ?? ''
}

/** One part of the query (?text=…) like useState; '' or `usual` leaves the address. Changes replace the history entry. */
export function useQueryPart(name: string, usual = ''): [string, (value: string) => void] {
  const [parts, set] = useQueryParts()
  return [parts[name] ?? usual, (value) => set({ [name]: value === usual ? '' : value })]
}

/** All parts of the query and a way to change several at once: `set({ text, offset: '' })`. */
export function useQueryParts(): [Record<string, string>, (changes: Record<string, string>) => void] {
  const parts: Record<string, string> = useSearch({ strict: false })
  const navigate = useNavigate()
  const set = (changes: Record<string, string>) =>
    void navigate({
      to: '.',
      search: ((old: Record<string, string>) => withoutEmpty({ ...old, ...changes })) as never,
      replace: true,
      resetScroll: false,
    })
  return [parts, set]
}

/** @returns `go('/ledgers/forms', { period: '2018-06' })` */
export function useGo(): (to: string, search?: Record<string, string>) => void {
  const navigate = useNavigate()
  return (to, search) => void navigate({ to, search: withoutEmpty(search ?? {}) as never })
}

/** The query as plain text, without the types that the router would write into it. */
export const plainSearch = {
  parseSearch: (search: string): Record<string, string> => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: (search: Record<string, unknown>): string => {
    const text = new URLSearchParams(withoutEmpty(search)).toString()
    return text ? `?${text}` : ''
  },
}

function withoutEmpty(parts: Record<string, unknown>): Record<string, string> {
  const kept = Object.entries(parts).filter(([, value]) => value !== undefined && value !== null && value !== '')
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]))
}
