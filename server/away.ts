const codes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT', 'ETIMEDOUT', 'EHOSTUNREACH', '57P01', '57P02', '57P03', '08006', '08001', '08003', '53300'])

/** @returns whether this error says that the database cannot be reached, or no longer; what was under way may have been done or not */
export function databaseIsAway(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: string }
  const message = error instanceof Error ? error.message : ''
  return (code !== undefined && codes.has(code)) || /Connection terminated|connection error and is not queryable|timeout exceeded when trying to connect/.test(message)
}
