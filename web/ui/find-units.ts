import { callRaw } from '../api/client.ts'

export type FoundUnit = { id: number; name: string; code: string | null; level: number; path: string[] }

/** Units by name, pinyin initials or code: the first ones that fit and how many there are in all. */
export async function findUnits(text: string, { level, limit = 12, signal }: { level?: number; limit?: number; signal?: AbortSignal } = {}) {
  const query = new URLSearchParams({ text, limit: String(limit), ...(level ? { level: String(level) } : {}) })
  const answer = await callRaw(`/api/units/search?${query}`, signal ? { signal } : {})
  return (await answer.json()) as { rows: FoundUnit[]; total: number }
}
