import { del, get, set } from 'idb-keyval'
import { useEffect, useRef, useState } from 'react'
import { useMe } from '../shell/me.ts'
import { typed } from './store.ts'

const laidDown = 'sanji-typed'

/**
 * What is being typed at a place, kept on the device at each change under the account: it is there again after the
 * browser was closed or killed. Forget it when it has gone into the queue.
 */
export function useTyped<Value>(place: string, first: Value): [value: Value, set: (next: Value) => void, forget: () => Promise<void>] {
  const { account } = useMe()
  const key = `${account}${place}`
  const [value, setValue] = useState(first)
  const touched = useRef(false)
  useEffect(() => {
    const laid = ({ detail }: CustomEvent<{ key: string; value: Value }>) => {
      if (detail.key === key) setValue(detail.value)
    }
    addEventListener(laidDown, laid as EventListener)
    return () => removeEventListener(laidDown, laid as EventListener)
  }, [key])
  useEffect(() => {
    // A browser that keeps nothing has nothing to give back.
    void get<Value>(key, typed).then((found) => {
      if (found !== undefined && !touched.current) setValue(found)
    }, () => undefined)
  }, [key])
  const put = (next: Value) => {
    touched.current = true
    setValue(next)
    void set(key, next, typed).catch(() => undefined)
  }
  const forget = async () => {
    setValue(first)
    await forgetTyped(account, place)
  }
  return [value, put, forget]
}

/** Lays something where `useTyped` finds it, with what is being typed there already: what is taken back out of the queue. */
export async function layTyped<Value>(account: string, place: string, join: (before: Value | undefined) => Value): Promise<void> {
  const key = `${account}${place}`
  const value = join(await get<Value>(key, typed))
  await set(key, value, typed)
  dispatchEvent(new CustomEvent(laidDown, { detail: { key, value } }))
}

async function forgetTyped(account: string, place: string): Promise<void> {
  await del(`${account}${place}`, typed).catch(() => undefined)
}
