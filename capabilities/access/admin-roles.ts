export type AdminRole = 'system' | 'security' | 'audit'

/** A post as this rule sees it: which of the three administrators it makes its holder, if any. */
export type PostRole = { admin: AdminRole | null }

/** Verbs that only one of the three administrators may have. */
export const adminVerbs = { 'account.manage': 'system', 'grant.manage': 'security', 'audit.read': 'audit' } as const

/**
 * Whether somebody who holds `held` may hold `post` as well (F-13): the system, the security and the audit administrator
 * are three people, and none of them does business in the platform. The same administrator may serve several units.
 */
export function mayAlsoHold(held: readonly PostRole[], post: PostRole): boolean {
  return held.every((other) => other.admin === post.admin)
}

/** @returns the verbs that a post kind must not have because they belong to an administrator that it is not */
export function verbsOutOfRole(verbs: readonly string[], admin: AdminRole | null): string[] {
  return verbs.filter((verb) => verb in adminVerbs && adminVerbs[verb as keyof typeof adminVerbs] !== admin)
}
