import { passwordRules, type PasswordRules } from './password.ts'

/** What the security administrator decides for the whole platform (F-13). */
export type SecuritySettings = {
  passwords: PasswordRules
  secondFactor: {
    /** The three administrators must have one. */
    admins: boolean
    /** Holders of these post kinds must have one. */
    kinds: string[]
    /** For so many days a device that was trusted is not asked again; 0: always asked. */
    trustDays: number
  }
}

/** What holds as long as nobody has decided anything. */
export const securitySettings: SecuritySettings = { passwords: passwordRules, secondFactor: { admins: false, kinds: [], trustDays: 0 } }

/** @returns whether somebody who holds these posts must have a second factor */
export function needsSecondFactor(posts: readonly { kind: string; admin: string | null }[], { admins, kinds }: SecuritySettings['secondFactor']): boolean {
  return posts.some((post) => (admins && post.admin !== null) || kinds.includes(post.kind))
}
