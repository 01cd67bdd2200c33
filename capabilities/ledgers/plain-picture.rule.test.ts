import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { typeToKeep } from './file-kinds.ts'
import { plainPicture } from './plain-picture.ts'

const pictures = { 'image/jpeg': 'place.jpg', 'image/png': 'place.png', 'image/webp': 'place.webp' }
const bytesOf = (name: string) => new Uint8Array(readFileSync(new URL(`../../tests/files/${name}`, import.meta.url)))

describe.each(Object.entries(pictures))('%s', (type, name) => {
  const given = bytesOf(name)
  test('plain once is plain for good', () => {
    const once = plainPicture(type, given)!
    expect(once.length).toBeLessThan(given.length)
    expect(plainPicture(type, once)).toEqual(once)
  })

  test('whatever is broken in it, it is refused or plain: no part of the camera’s words gets through', () => {
    const places = fc.array(fc.tuple(fc.nat(given.length - 1), fc.nat(255)), { maxLength: 4 })
    fc.assert(
      fc.property(places, fc.nat(given.length), (changes, length) => {
        const broken = given.slice(0, length)
        for (const [at, byte] of changes) if (at < length) broken[at] = byte
        const plain = plainPicture(type, broken)
        return plain === undefined || Buffer.from(plainPicture(type, plain) ?? []).equals(plain)
      }),
      { seed: 13, numRuns: 400 },
    )
    expect(plainPicture(type, given.slice(0, 40))).toBeUndefined()
  })

  test('what hangs behind the picture (a film, a second picture with its place) is cut off', () => {
    const plain = plainPicture(type, given)!
    const longer = new Uint8Array(given.length + 500)
    longer.set(given)
    longer.set(given.subarray(0, 500), given.length)
    expect(plainPicture(type, longer)).toEqual(plain)
  })
})

test('a name and its bytes must agree; a picture may be another kind of picture', () => {
  const png = bytesOf('place.png')
  expect([typeToKeep('a.jpg', png), typeToKeep('a.pdf', png), typeToKeep('a.txt', png), typeToKeep('a.txt', new TextEncoder().encode('内容'))]).toEqual(['image/png', undefined, undefined, 'text/plain'])
})
