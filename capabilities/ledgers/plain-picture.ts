/**
 * A picture without what the camera wrote beside it: place, device, time, names, hidden pictures (a red line: where somebody was).
 * The picture itself is not touched. What is not known to be needed for showing it is left out.
 */
export function plainPicture(type: string, bytes: Uint8Array): Uint8Array | undefined {
  try {
    if (type === 'image/jpeg') return plainJpeg(bytes)
    if (type === 'image/png') return plainPng(bytes)
    if (type === 'image/webp') return plainWebp(bytes)
  } catch (error) {
    if (error instanceof RangeError) return undefined // it ends in the middle of a part
    throw error
  }
  return undefined
}

const text = (bytes: Uint8Array, from: number, length: number) => String.fromCharCode(...bytes.subarray(from, from + length))
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** JPEG (ITU T.81): of the application parts only JFIF, the colour profile and Adobe's colour mark stay, and which side is up. */
function plainJpeg(bytes: Uint8Array): Uint8Array | undefined {
  const view = viewOf(bytes)
  if (view.getUint16(0) !== 0xffd8) return undefined
  const kept: Uint8Array[] = []
  let up = 1
  let pictureSeen = false
  let at = 2
  for (;;) {
    if (view.getUint8(at) !== 0xff) return undefined
    while (view.getUint8(at + 1) === 0xff) at++ // fill bytes
    const marker = view.getUint8(at + 1)
    if (marker === 0xd9) break // what follows the end is another picture or a film
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) {
      kept.push(bytes.subarray(at, at + 2))
      at += 2
      continue
    }
    const length = view.getUint16(at + 2)
    const end = at + 2 + length
    if (length < 2 || end > bytes.length) return undefined
    const part = bytes.subarray(at, end)
    if (marker === 0xe1 && text(part, 4, 6) === 'Exif\0\0') up = orientationIn(part.subarray(10))
    const stays =
      (marker === 0xe0 && text(part, 4, 5) === 'JFIF\0') ||
      (marker === 0xe2 && text(part, 4, 12) === 'ICC_PROFILE\0') ||
      (marker === 0xee && text(part, 4, 5) === 'Adobe') ||
      (marker < 0xe0 || marker > 0xef) && marker !== 0xfe
    if (stays) kept.push(part)
    at = end
    if (marker !== 0xda) continue
    pictureSeen = true
    const from = at
    // The coded picture: an ff in it is followed by 00 or by a restart mark.
    for (;;) {
      if (view.getUint8(at) !== 0xff) at++
      else if (view.getUint8(at + 1) === 0 || (view.getUint8(at + 1) >= 0xd0 && view.getUint8(at + 1) <= 0xd7)) at += 2
      else break
    }
    kept.push(bytes.subarray(from, at))
  }
  if (!pictureSeen) return undefined
  const jfif = kept[0]?.[1] === 0xe0 ? [kept.shift()!] : []
  return joined([bytes.subarray(0, 2), ...jfif, ...(up > 1 ? [whichSideIsUp(up)] : []), ...kept, Uint8Array.of(0xff, 0xd9)])
}

/** @returns the orientation 1 to 8 (Exif 2.3, tag 0x0112) in a TIFF structure; 1 when it says nothing */
function orientationIn(tiff: Uint8Array): number {
  if (tiff.length < 14) return 1
  const view = viewOf(tiff)
  const little = view.getUint16(0) === 0x4949
  const first = view.getUint32(4, little)
  if (first + 2 > tiff.length) return 1
  const entries = view.getUint16(first, little)
  for (let n = 0; n < entries; n++) {
    const at = first + 2 + n * 12
    if (at + 12 > tiff.length) return 1
    if (view.getUint16(at, little) !== 0x0112) continue
    const value = view.getUint16(at + 8, little)
    return value >= 1 && value <= 8 ? value : 1
  }
  return 1
}

/** An Exif part that says nothing but which side is up. */
function whichSideIsUp(orientation: number): Uint8Array {
  const part = new Uint8Array(36)
  const view = viewOf(part)
  view.setUint16(0, 0xffe1)
  view.setUint16(2, 34)
  part.set([0x45, 0x78, 0x69, 0x66, 0, 0], 4)
  view.setUint16(10, 0x4d4d)
  view.setUint16(12, 42)
  view.setUint32(14, 8)
  view.setUint16(18, 1)
  view.setUint16(20, 0x0112)
  view.setUint16(22, 3)
  view.setUint32(24, 1)
  view.setUint16(28, orientation)
  return part
}

const pngParts = new Set(['IHDR', 'PLTE', 'IDAT', 'IEND', 'tRNS', 'gAMA', 'cHRM', 'sRGB', 'iCCP', 'sBIT', 'bKGD', 'pHYs', 'acTL', 'fcTL', 'fdAT', 'cICP'])

function plainPng(bytes: Uint8Array): Uint8Array | undefined {
  const view = viewOf(bytes)
  const kept = [bytes.subarray(0, 8)]
  for (let at = 8; ; ) {
    const name = text(bytes, at + 4, 4)
    const end = at + 12 + view.getUint32(at)
    if (end > bytes.length) return undefined
    if (pngParts.has(name)) kept.push(bytes.subarray(at, end))
    if (name === 'IEND') return joined(kept)
    at = end
  }
}

const webpParts = new Set(['VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF', 'ICCP'])

function plainWebp(bytes: Uint8Array): Uint8Array | undefined {
  const view = viewOf(bytes)
  const end = Math.min(8 + view.getUint32(4, true), bytes.length)
  const kept: Uint8Array[] = []
  for (let at = 12; at + 8 <= end; ) {
    const name = text(bytes, at, 4)
    const length = view.getUint32(at + 4, true)
    const next = at + 8 + length + (length % 2)
    if (at + 8 + length > bytes.length) return undefined
    const part = bytes.slice(at, next)
    // The head no longer announces what is left out: Exif (bit 3) and XMP (bit 2).
    if (name === 'VP8X') part[8]! &= ~0x0c
    if (webpParts.has(name)) kept.push(part)
    at = next
  }
  if (kept.length === 0) return undefined
  const head = bytes.slice(0, 12)
  viewOf(head).setUint32(4, 4 + kept.reduce((sum, part) => sum + part.length, 0), true)
  return joined([head, ...kept])
}
