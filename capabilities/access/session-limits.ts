/** The rules for signing in and for sessions (F-13). */
export type SessionLimits = {
  /** Wrong passwords in a row until a user name is locked. */
  failures: number
  lockMinutes: number
  /** A session that is not used for so long is over. */
  idleMinutes: number
  /** A session is over after so long, used or not. */
  absoluteMinutes: number
  /** Sessions of one account at once; the oldest ends. */
  sessions: number
}

export const sessionLimits: SessionLimits = { failures: 5, lockMinutes: 15, idleMinutes: 120, absoluteMinutes: 720, sessions: 3 }
