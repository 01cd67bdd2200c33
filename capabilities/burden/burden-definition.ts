import { z } from 'zod'

/** What one field takes, in minutes, by its type; a table by each of its lines that people usually fill in. Provisional, each province sets its own. */
export const MinutesPerField = z.strictObject({
  text: z.number().min(0).max(120).default(1),
  number: z.number().min(0).max(120).default(0.5),
  money: z.number().min(0).max(120).default(0.5),
  date: z.number().min(0).max(120).default(0.3),
  choice: z.number().min(0).max(120).default(0.2),
  yesNo: z.number().min(0).max(120).default(0.2),
  table: z.number().min(0).max(120).default(3),
  file: z.number().min(0).max(120).default(2),
  /** A value that is held already and only looked at. */
  shown: z.number().min(0).max(120).default(0.1),
})
export type MinutesPerField = z.infer<typeof MinutesPerField>

/**
 * What a province sets about the burden (pack section `burdenRules`): weights of the meter (C2), caps, and time limits in
 * working days (F-09). Everything has a default, so that a place without the section still counts and warns.
 */
export const BurdenRules = z.strictObject({
  /** What a meeting, a visit and a document weigh in the meter, in fields. */
  meetingWeight: z.number().min(0).max(1000).default(10),
  visitWeight: z.number().min(0).max(1000).default(15),
  documentWeight: z.number().min(0).max(1000).default(5),
  /** From which a form's minutes are estimated, beside those that its designer declares. */
  minutesPerField: MinutesPerField.default(MinutesPerField.parse({})),
  /** An issuer asks no more different forms in a year than in the year before (F-14: not above last year). */
  formsNotAboveLastYear: z.boolean().default(true),
  /** Nor more documents (F-14: the number of documents not above last year). */
  documentsNotAboveLastYear: z.boolean().default(true),
  /** Longest document, and longest special document, in characters (F-14: ≤ 5,000, special ≤ 4,000). */
  documentCharacters: z.number().int().min(100).max(100_000).default(5000),
  specialDocumentCharacters: z.number().int().min(100).max(100_000).default(4000),
  /** How fast a document is read and passed on, for the minutes that it takes. */
  charactersPerMinute: z.number().int().min(50).max(2000).default(300),
  /** Most fields that may be asked of one unit of a class in a month, by unit class; a class that is not named has no cap. */
  fieldsMonth: z.record(z.string(), z.number().int().positive()).default({}),
  /** From this share of a cap on, in per cent, the issuer is warned. */
  warnPercent: z.number().int().min(1).max(100).default(80),
  /** Two visits to one unit within so many days should be one (C6). */
  visitsWithinDays: z.number().int().min(1).max(366).default(30),
  objectionWorkingDays: z.number().int().min(1).max(60).default(5),
  suggestionWorkingDays: z.number().int().min(1).max(60).default(10),
  /** Lists need the burden officer's yes before they are issued; otherwise issuing registers them. */
  listsNeedApproval: z.boolean().default(false),
})
export type BurdenRules = z.infer<typeof BurdenRules>
