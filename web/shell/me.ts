import { useQuery } from '@tanstack/react-query'
import type { Me } from '../../capabilities/access/access.contract.ts'
import type { Verb } from '../../capabilities/access/verbs.ts'
import { callRaw, postJson } from '../api/client.ts'
import { isApiProblem } from '../api/problem.ts'
import { q, queryClient, signOutDue } from '../api/queries.ts'
import type { NeededToSee } from './room.ts'

/** Who I am and which posts I hold today. Only below the shell, where it is known. */
export function useMe(): Me {
  const { data } = useQuery({ ...q.access.me.queryOptions(), staleTime: 60_000 })
  if (!data) throw new Error('useMe is for pages inside the shell')
  return data
}

/** @returns whether I hold the verb on any unit; for showing and hiding, the server decides by itself */
export function useMay(needs: NeededToSee): boolean {
  return may(useMe(), needs)
}

export function may(me: Me, needs: NeededToSee): boolean {
  if (needs === 'signedIn') return true
  const wanted: readonly Verb[] = typeof needs === 'string' ? [needs] : needs
  return me.posts.some((post) => wanted.some((verb) => post.verbs.includes(verb)))
}

/** @returns the units on which I hold a verb, each once, in the order of my posts: to start a page on one's own unit */
export function myUnits(me: Me, verb: Verb): { id: number; name: string; level: number }[] {
  const units = me.posts.filter((post) => post.verbs.includes(verb)).map(({ unit, unitName, level }) => ({ id: unit, name: unitName, level }))
  return units.filter((unit, at) => units.findIndex((other) => other.id === unit.id) === at)
}

export type SignedIn = { wants: 'code' | 'enrol' | null }

/** @returns the ways in besides the password, and for how many days a device may be trusted */
export async function waysIn(): Promise<{ oidc: { name: string } | null; trustDays: number }> {
  return (await (await callRaw('/api/auth/ways')).json()) as { oidc: { name: string } | null; trustDays: number }
}

/**
 * Throws ApiProblem `sign-in-failed`, `account-locked`, `account-disabled`.
 * @returns whether a code is awaited still; until it has come, nothing is asked anew
 */
export async function signIn(username: string, password: string): Promise<SignedIn> {
  const signedIn = await postJson<SignedIn>('/api/auth/sign-in/username', { username, password })
  if (signedIn.wants !== 'code') await freshAfterSignIn()
  return signedIn
}

/** Asks anew who I am, and then everything that is shown. */
export async function freshAfterSignIn(): Promise<void> {
  await queryClient.refetchQueries({ queryKey: q.access.me.key() })
  await queryClient.invalidateQueries()
}

/**
 * Ends the session and forgets everything that was read in it. Without a line it is ended as soon as there is one, before
 * anything else. What waits to be sent stays for its writer.
 */
export async function signOut(): Promise<void> {
  try {
    await postJson('/api/auth/sign-out', {})
  } catch (error) {
    if (!isApiProblem(error, 'offline')) throw error
    localStorage.setItem(signOutDue, '1')
  }
  await import('../offline/reads.ts').then((file) => file.forgetReads()).catch(() => undefined)
  queryClient.clear()
  location.assign('/')
}
