/** Kinds that offices exchange, by the end of the name; nothing that a browser would run. */
export const fileKinds: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  wps: 'application/octet-stream',
  et: 'application/octet-stream',
  csv: 'text/csv',
  txt: 'text/plain',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
}

/** An attachment is never demanded; what is given stays small. In bytes. */
export const fileLimit = 20 * 1024 * 1024

/** @returns the media type that a name promises, undefined for a kind that is not taken */
export function typeOfName(name: string): string | undefined {
  return fileKinds[name.split('.').at(-1)?.toLowerCase() ?? '']
}

const ascii = (bytes: Uint8Array, from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to))

/** @returns what the first bytes say a file is; undefined when they say nothing */
export function typeOfBytes(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'image/jpeg'
  if (ascii(bytes, 0, 8) === '\x89PNG\r\n\x1a\n') return 'image/png'
  if (ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 12) === 'WEBP') return 'image/webp'
  if (ascii(bytes, 4, 8) === 'ftyp') return /^(heic|heix|hevc|heim|heis|hevm|mif1|msf1|avif|avis)$/.test(ascii(bytes, 8, 12)) ? 'image/heic' : 'video'
  if (ascii(bytes, 0, 1024).includes('%PDF-')) return 'application/pdf'
  if (ascii(bytes, 0, 4) === 'PK\x03\x04') return 'zip'
  if (ascii(bytes, 0, 4) === '\xd0\xcf\x11\xe0') return 'ole'
  if (ascii(bytes, 0, 4) === 'II*\0' || ascii(bytes, 0, 4) === 'MM\0*') return 'image/tiff'
  if (ascii(bytes, 0, 3) === 'GIF') return 'image/gif'
  return undefined
}

/** What may lie behind the end of a name; a picture may be any picture (chat programs rename them). */
const behind: Readonly<Record<string, readonly (string | undefined)[]>> = {
  pdf: ['application/pdf'],
  docx: ['zip'],
  xlsx: ['zip'],
  wps: ['zip', 'ole'],
  et: ['zip', 'ole'],
  csv: [undefined],
  txt: [undefined],
}
const pictures = ['image/jpeg', 'image/png', 'image/webp']

/** @returns the media type to keep a file under; undefined when its bytes are not what its name says */
export function typeToKeep(name: string, bytes: Uint8Array): string | undefined {
  const promised = typeOfName(name)
  const found = typeOfBytes(bytes)
  if (promised && pictures.includes(promised)) return found && pictures.includes(found) ? found : undefined
  return promised && behind[name.split('.').at(-1)!.toLowerCase()]!.includes(found) ? promised : undefined
}
