import { open as openFile } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import yauzl, { type Entry, type ZipFile } from 'yauzl'
import { Problem } from '../../rules/problem.ts'

/** What a workbook may be, before anything of it is inflated; a spreadsheet of a whole province stays far below. */
export const zipLimits = {
  bytes: 50 * 1024 * 1024,
  entries: 2_000,
  /** All parts together, inflated. */
  inflated: 500 * 1024 * 1024,
  /** A part larger than `ratioFrom` must not inflate by more than this; spreadsheets inflate by 5 to 40. */
  ratio: 200,
  ratioFrom: 20 * 1024 * 1024,
} as const

/** Why a file is not taken as a workbook; each has its sentence with the way out in `problem` locales. */
export type WhyNot =
  | 'empty' | 'pdf' | 'old-xls' | 'encrypted' | 'csv' | 'html' | 'not-xlsx' | 'ods' | 'xlsb' | 'word' | 'damaged' | 'file-gone' | 'too-large' | 'too-many-parts' | 'too-much-inside'
  | 'not-ours' | 'no-stamp' | 'other-form' | 'form-changed' | 'two-headings' | 'too-many-rows'

/** @returns the Problem for a file that cannot be taken, with its reason as the one finding */
export const refused = (why: WhyNot, facts: Record<string, unknown> = {}): Problem =>
  new Problem('workbook-refused', { facts: { ...facts, reason: why }, findings: [{ code: `workbook-${why}`, path: '', facts }] })

export type Parts = {
  names: string[]
  has: (name: string) => boolean
  /** Throws Problem `workbook-refused` when the part is missing. */
  open: (name: string) => Promise<Readable>
  close: () => void
}

/**
 * Opens the zip of a workbook by its central directory and looks at what it declares. The sizes that it declares are
 * held against the limits here, and against what really comes out while a part is read: more than declared is an error
 * at that byte. Parts that the directory does not name are never read.
 * Throws Problem `workbook-refused` with the reason.
 */
export async function openParts(path: string): Promise<Parts> {
  await mustLookLikeZip(path)
  const zip = await yauzl.openPromise(path, { autoClose: false }).catch(() => {
    throw refused('damaged')
  })
  try {
    const entries = await entriesOf(zip)
    mustBeWorkbook(entries)
    return {
      names: [...entries.keys()],
      has: (name) => entries.has(name),
      open: async (name) => {
        const entry = entries.get(name)
        if (!entry) throw refused('damaged', { part: name })
        return zip.openReadStreamPromise(entry).catch(() => {
          throw refused('damaged', { part: name })
        })
      },
      close: () => zip.close(),
    }
  } catch (error) {
    zip.close()
    throw error
  }
}

async function entriesOf(zip: ZipFile): Promise<Map<string, Entry>> {
  if (zip.entryCount > zipLimits.entries) throw refused('too-many-parts', { limit: zipLimits.entries })
  const entries = new Map<string, Entry>()
  let inflated = 0
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.isEncrypted()) throw refused('encrypted')
      inflated += entry.uncompressedSize
      const ratio = entry.uncompressedSize / Math.max(1, entry.compressedSize)
      const bomb = entry.uncompressedSize > zipLimits.ratioFrom && ratio > zipLimits.ratio
      if (bomb || inflated > zipLimits.inflated) throw refused('too-much-inside', { limit: zipLimits.inflated })
      if (!entry.fileName.endsWith('/')) entries.set(entry.fileName, entry)
    }
  } catch (error) {
    throw error instanceof Problem ? error : refused('damaged')
  }
  return entries
}

function mustBeWorkbook(entries: ReadonlyMap<string, Entry>): void {
  if (entries.has('xl/workbook.xml')) return
  if (entries.has('xl/workbook.bin')) throw refused('xlsb')
  if (entries.has('word/document.xml')) throw refused('word')
  if (entries.has('content.xml')) throw refused('ods')
  throw refused('not-xlsx')
}

const oldOffice = Buffer.from([0xd0, 0xcf, 0x11, 0xe0])
/** The name of the stream in which Office keeps an encrypted workbook, as its directory spells it. */
const encryptedPackage = Buffer.from('EncryptedPackage', 'utf16le')

/** What a file is, by its first bytes; its name says nothing. */
async function mustLookLikeZip(path: string): Promise<void> {
  const file = await openFile(path, 'r')
  try {
    const { size } = await file.stat()
    if (size === 0) throw refused('empty')
    if (size > zipLimits.bytes) throw refused('too-large', { limit: zipLimits.bytes })
    const head = Buffer.alloc(Math.min(size, 4_096))
    await file.read(head, 0, head.length, 0)
    if (head.subarray(0, 4).equals(Buffer.from('PK\x03\x04'))) return
    if (head.subarray(0, 5).equals(Buffer.from('%PDF-'))) throw refused('pdf')
    if (head.subarray(0, 4).equals(oldOffice)) {
      const whole = Buffer.alloc(size)
      await file.read(whole, 0, size, 0)
      throw refused(whole.includes(encryptedPackage) ? 'encrypted' : 'old-xls')
    }
    if (/^\s*<(!doctype|html|\?xml|table)/i.test(head.toString('latin1').replace(/^\xEF\xBB\xBF/, ''))) throw refused('html')
    if (!head.includes(0)) throw refused('csv')
    throw refused('not-xlsx')
  } finally {
    await file.close()
  }
}
