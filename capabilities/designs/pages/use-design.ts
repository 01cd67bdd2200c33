import { useEffect, useRef, useState } from 'react'
import { api } from '../../../web/api/client.ts'
import { isApiProblem, type ApiProblem } from '../../../web/api/problem.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import type { Content } from '../design.ts'
import type { Design } from '../designs.contract.ts'

export type Kept = { content: Content; reasons: Record<string, string> }
export type Editing = {
  content: Content
  reasons: Record<string, string>
  change: (next: (content: Content) => Content) => void
  reason: (item: string, why: string) => void
  saving: boolean
  unsaved: boolean
  savedAt: string
  problem: ApiProblem | null
  /** Somebody else saved in between: theirs, to look at and to choose. */
  theirs: (Kept & { savedBy: string }) | undefined
  keepMine: () => void
  takeTheirs: () => void
  /** Saves at once. @returns the version that is kept, or undefined when it could not be */
  saveNow: () => Promise<number | undefined>
}

const pause = 1_200

/** What is being drawn, kept on the server a moment after each change; two hands are told of each other. */
export function useEditing(design: Design): Editing {
  const [kept, setKept] = useState<Kept>({ content: design.content as Content, reasons: design.reasons })
  const [unsaved, setUnsaved] = useState(false)
  const [savedAt, setSavedAt] = useState(design.savedAt)
  const latest = useRef(kept)
  const version = useRef(design.version)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const running = useRef<Promise<number | undefined>>(undefined)
  const save = useWrite(api.designs.save, { refresh: [q.designs.check.key(), q.designs.difference.key(), q.designs.holdings.key()] })

  const send = async (): Promise<number | undefined> => {
    // One after the other: the next save carries the version that the one before has made.
    await running.current
    const sent = latest.current
    const work = save.mutateAsync({ id: design.id, version: version.current, content: sent.content, reasons: sent.reasons }).then(
      (saved) => {
        version.current = saved.version
        setSavedAt(saved.savedAt)
        if (latest.current === sent) setUnsaved(false)
        return saved.version
      },
      () => undefined,
    )
    running.current = work
    return work
  }
  const set = (next: Kept) => {
    latest.current = next
    setKept(next)
    setUnsaved(true)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => void send(), pause)
  }
  useEffect(() => () => clearTimeout(timer.current), [])
  useEffect(() => {
    if (!unsaved) return undefined
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [unsaved])

  const stale = isApiProblem(save.error, 'stale-version') && save.error.facts['content'] ? save.error : undefined
  const theirs = stale ? { content: stale.facts['content'] as Content, reasons: (stale.facts['reasons'] ?? {}) as Record<string, string>, savedBy: String(stale.facts['savedBy'] ?? '') } : undefined
  return {
    ...kept,
    change: (next) => set({ ...latest.current, content: next(latest.current.content) }),
    reason: (item, why) => set({ ...latest.current, reasons: { ...latest.current.reasons, [item]: why } }),
    saving: save.isPending,
    unsaved,
    savedAt,
    problem: stale ? null : save.error,
    theirs,
    keepMine: () => {
      version.current = Number(stale?.facts['theirs'])
      void send()
    },
    takeTheirs: () => {
      version.current = Number(stale?.facts['theirs'])
      latest.current = theirs!
      setKept(theirs!)
      setUnsaved(false)
      save.reset()
    },
    saveNow: async () => {
      clearTimeout(timer.current)
      return latest.current === kept && !unsaved ? ((await running.current) ?? version.current) : send()
    },
  }
}
