/** A civil date of Asia/Shanghai as text, such as 2018-06-29. */
export type CivilDate = string

/** @param instant milliseconds since 1970. @returns the civil date in Asia/Shanghai (UTC+8 all year) */
export function todayIn(instant: number): CivilDate {
  return new Date(instant + 8 * 3_600_000).toISOString().slice(0, 10)
}
