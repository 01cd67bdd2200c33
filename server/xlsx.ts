import ExcelJS from 'exceljs'
import type { ServerResponse } from 'node:http'
import type { Writable } from 'node:stream'

export type Book = ExcelJS.stream.xlsx.WorkbookWriter
export type Sheet = ExcelJS.Worksheet

/** A workbook that is written as it is made; neither rows nor book are held in memory whole. */
export function bookInto(stream: Writable): Book {
  return new ExcelJS.stream.xlsx.WorkbookWriter({ stream: stream as never, useStyles: true, useSharedStrings: false })
}

/** Says that a workbook follows, and what it is called. */
export function sendsBook(response: ServerResponse, title: string): void {
  response.setHeader('content-type', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet')
  response.setHeader('content-disposition', `attachment; filename*=UTF-8''${encodeURIComponent(`${title.replace(/[\\/:*?"<>|]/g, ' ')}.xlsx`)}`)
}

/**
 * Waits until what was written has left for the reader. The writer of exceljs never waits by itself: a slow reader
 * would leave the whole sheet in memory.
 */
export async function taken(sheet: Sheet, stream: Writable): Promise<void> {
  type Pipe = NodeJS.WritableStream & { _writableState: { needDrain: boolean } }
  const [pipe] = (sheet as unknown as { stream: { pipes: Pipe[] } }).stream.pipes
  if (!pipe?._writableState.needDrain || stream.destroyed) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const go = () => resolve()
  pipe.once('drain', go)
  stream.once('close', go)
  await promise
  pipe.off('drain', go)
  stream.off('close', go)
}
