const shape = /^\d{4}-\d{2}-\d{2}$/u

/** @returns the number of days from 1970-01-01 to a civil date, or null when the text is not a day of the calendar */
export function dayNumberOf(text: string): number | null {
  if (!shape.test(text)) return null
  const instant = Date.parse(`${text}T00:00:00Z`)
  // Some engines roll 30 February over into March; a day that does not come back as itself does not exist.
  if (Number.isNaN(instant) || new Date(instant).toISOString().slice(0, 10) !== text) return null
  return instant / 86_400_000
}
