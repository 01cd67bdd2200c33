import { pino, type Logger } from 'pino'

/**
 * Structured logs, one JSON object a line. They carry routes, codes, times and ids of requests, never what people typed
 * and never who they are: a database error quotes values, so of its message only the words outside quotes are kept.
 */
export function makeLog(level: string): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: errorForLog } })
}

/** @returns what is logged of an error: kind, code, place in the program; of a database error no value it quotes */
export function errorForLog(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: typeof error }
  const { code, severity, table, column, constraint, routine } = error as Error & Record<string, unknown>
  const isFromDatabase = severity !== undefined
  const places = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '))
  return {
    type: error.name,
    message: isFromDatabase ? error.message.replace(/"[^"]*"/g, '"…"') : error.message,
    code,
    ...(isFromDatabase && { table, column, constraint, routine }),
    stack: places.join('\n'),
    ...(error.cause instanceof Error && { cause: errorForLog(error.cause) }),
  }
}
