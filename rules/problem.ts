/**
 * Every error a person can meet, in one list. `Problem` is for people, `Error` is for bugs.
 * A problem has a stable code, an HTTP status, the field it is about and the facts its sentence needs;
 * the sentence itself lives in `web/locales/*.json` under `problem.<code>` (what happened, and the way out).
 * Codes are never reused: a retired code stays here as a comment.
 */
export const problems = {
  // signing in and permission
  'not-signed-in': 401, // no session: sign in
  'sign-in-failed': 401, // user name or password is wrong
  'account-disabled': 403, // the administrator has closed the account
  'account-exists': 409, // the user name is taken
  'account-locked': 423, // too many failures; says until when
  'password-must-change': 403, // the first password is for one use
  'password-too-weak': 422,
  'too-many-sessions': 409,
  'second-factor-needed': 403, // the password was right; the code of the second factor is awaited
  'second-factor-must-enrol': 403, // one of the posts needs a second factor: it is set up first
  'second-factor-wrong': 401, // a code that is wrong, too old or used already; says how many tries are left
  'second-factor-not-set': 409, // there is none to ask, to reset or to remove
  'second-factor-set': 409, // there is one already; it is removed first
  'second-factor-required': 409, // one of the posts needs it: it cannot be removed
  'identity-not-linked': 409, // no identity of the provider is tied to the account
  'absence-dates': 422, // begins before today, ends before it begins, is longer than a year, or outside the time of the post
  'absence-overlaps': 409, // another absence of the same post has a day in common; says which
  'absence-acting': 409, // who stands in cannot let somebody else stand in
  'deputy-unfit': 409, // not of the unit, the holder himself, or away as well
  'sign-on-failed': 403, // the province's identity provider; says why: no-account, other-identity, refused, away
  'not-allowed': 403, // the verb is not granted on that unit; says which verb and unit
  'account-unknown': 422,
  'admin-roles-separate': 409, // system, security and audit administrators are three people
  // things and states
  'not-found': 404,
  'stale-version': 409, // somebody saved in between; `mine` and `theirs` are both shown
  'move-not-possible': 409, // says the state and from which states the move is possible
  'reason-needed': 422,
  'same-person': 409, // the checker must be somebody other than the one who reported
  'children-open': 409, // a parent closes only after its children
  'somebody-else': 409, // the request was written by another person than the one who is signed in
  'idempotency-mismatch': 409, // the same key came with another body
  // input
  'invalid-input': 422, // one entry per field in `issues`
  'too-large': 413,
  'not-a-file-of-that-kind': 415,
  'file-unknown': 422, // a file that a return names did not come whole; says which
  'uploads-unfinished': 409, // too many files were begun and not finished
  // calendar, periods, figures
  'calendar-missing': 422, // no holiday notice is in the pack for that year
  'date-invalid': 422,
  'period-invalid': 422,
  'period-not-open': 409,
  'number-invalid': 422,
  'divide-by-zero': 422,
  'formula-invalid': 422, // says where: `at` (offset), `length`, `expected`
  // units
  'unit-unknown': 422,
  'unit-duplicate': 409,
  'unit-closed': 409,
  'unit-cycle': 409, // a unit cannot hang below itself or below a unit of its own rank or lower; says both
  'post-filled': 409, // the post has a holder; says who and since when
  'change-invalid': 422, // one finding per wrong structure change; nothing was changed
  'change-preview-old': 409, // the world has changed since the preview: look again
  'change-not-ahead': 409, // only a day that lies ahead is prepared for; today's is carried out
  'change-planned-already': 409, // another change is prepared for one of these units; says which
  'change-undo-late': 409, // only on the day it was made
  'change-undo-later': 409, // a later change touches its units
  'change-undo-hangs': 409, // something new hangs on what came of it
  'nothing-to-import': 409, // every good row of the workbook is there already; says how many
  'import-refused': 422, // rows with file, line, reason; nothing was imported
  // ledgers
  'item-already-asked': 409, // another form owns this data item; says its name
  'form-not-registered': 409,
  'form-invalid': 422, // every finding with its place in the definition
  'form-withdrawn': 409, // nobody asks it any more; what was typed stays with whoever typed it
  'form-expired': 409, // says since when; it needs a new registration
  'checks-failed': 422, // blocking findings, one per field
  // the burden
  'asking-not-registered': 409, // a list needs the burden officer's yes before it is issued
  'asking-expired': 409, // its entry in the register has run out; says since when
  'burden-cap-passed': 409, // a cap of the burden is passed; says which, by how much, and the way to an exception
  'form-not-asked': 409, // the unit was never asked for this form
  'objection-open': 409, // the same objection of the unit waits already
  // promises and pairings
  'meeting-not-registered': 409, // a joint meeting is held once the burden officer has said yes
  'meeting-list-issued': 409, // the resolutions have been issued; what is resolved later is another meeting’s
  'pairing-expired': 409, // its last day has passed: it is prolonged first
  'pairing-twice': 409, // the two units are paired in this way already; says both
  // workbooks
  'workbook-refused': 422, // the file is not taken; the one finding says why and what to do
  // lists
  'list-incomplete': 422, // what is missing before it can be issued
  'deferral-not-asked': 409,
  // packs
  'folder-not-empty': 409, // something other than this pack lies where it should be written; says where
  'pack-of-another-unit': 403, // the pack is kept by another unit; says which, and that a pack of one’s own is possible
  'not-a-pack-file': 422, // what was uploaded is no pack; one finding per wrong place
  'pack-invalid': 422, // file, line, offending id, what to do
  // reaching people
  'mail-not-set': 409, // the administrator has set no mail server
  'email-not-confirmed': 409, // an address first, then mail
  'code-expired': 409, // the code is too old or was tried too often; ask for another
  'wait-a-moment': 429, // says how many seconds
  'robot-address': 422, // not https, or a host that is not on the administrator's list
  'robot-secret': 422, // our own shape is signed, so it needs a secret
  // system
  'database-away': 503, // nothing was saved; what you typed is kept, try again
  'busy': 503,
  'folder-in-use': 409, // another platform runs on the data folder; says its process id
  'backup-folder-taken': 409, // there is something of that name
  'backup-damaged': 422, // a file differs from the manifest; says which
  'backup-newer': 409, // made by a newer program
  'restore-not-empty': 409, // says what is there already
  'port-in-use': 409, // another program listens on the port that was asked for
  'settings-invalid': 422, // a setting in the environment is wrong; says which
  'bug': 500, // says the request id
} as const

export type ProblemCode = keyof typeof problems

/** One thing that is wrong, at one place: `path` is a field path (`values.income`) or a place in a file. */
export type Finding = {
  code: string
  path: string
  facts?: Record<string, unknown>
}

export class Problem extends Error {
  readonly code: ProblemCode
  readonly status: number
  /** The field the problem is about, if it is about one. */
  readonly field: string | undefined
  /** What the sentence needs: names, dates, both versions. Never personal data. */
  readonly facts: Record<string, unknown>
  /** One entry per wrong place, when there are several. */
  readonly findings: Finding[]

  constructor(
    code: ProblemCode,
    { field, facts = {}, findings = [] }: { field?: string; facts?: Record<string, unknown>; findings?: Finding[] } = {},
  ) {
    super(`${code}${field ? ` (${field})` : ''} ${JSON.stringify(facts)}`)
    this.name = 'Problem'
    this.code = code
    this.status = problems[code]
    this.field = field
    this.facts = facts
    this.findings = findings
  }
}

/** @returns whether `error` is a Problem, optionally of one code */
export function isProblem(error: unknown, code?: ProblemCode): error is Problem {
  return error instanceof Problem && (code === undefined || error.code === code)
}
