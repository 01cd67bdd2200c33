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

const markFill = { bad: 'FFFFC7CE', look: 'FFFFEB9C' }

/** Colours a cell and says in its comment what is wrong and what to do; `bad`: it must be mended, otherwise looked at. */
export function markCell(cell: ExcelJS.Cell, text: string, bad: boolean): void {
  cell.style = { ...cell.style, fill: { type: 'pattern', pattern: 'solid', fgColor: { argb: bad ? markFill.bad : markFill.look } } }
  cell.note = { texts: [{ text }], margins: { insetmode: 'auto' } }
}

/**
 * The workbook that somebody gave, as it is, with the wrong cells of its first sheet marked; several words about a cell
 * stand below each other. Marks of a round before are taken off.
 * @param bytes a workbook whose size inflated was looked at before
 */
export async function markBook(bytes: Buffer, marks: readonly { cell: string; text: string }[]): Promise<Buffer> {
  const book = new ExcelJS.Workbook()
  await book.xlsx.load(bytes as never)
  const sheet = book.worksheets[0]!
  sheet.eachRow((row) =>
    row.eachCell({ includeEmpty: true }, (cell) => {
      if (!cell.note || (cell.fill as { fgColor?: { argb?: string } } | undefined)?.fgColor?.argb !== markFill.bad) return
      cell.style = { ...cell.style, fill: { type: 'pattern', pattern: 'none' } }
      // The library can set a comment, and has no word for taking it away: it is in the cell and in what the file said.
      Object.assign(cell, { _comment: undefined })
      delete (cell.model as { comment?: unknown }).comment
    }),
  )
  for (const [address, told] of Map.groupBy(marks, ({ cell }) => cell)) markCell(sheet.getCell(address), told.map(({ text }) => text).join('\n'), true)
  return Buffer.from(await book.xlsx.writeBuffer())
}
