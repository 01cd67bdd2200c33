import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { problems } from '../../rules/problem.ts'

type Texts = { [key: string]: string | Texts }
const folder = new URL('.', import.meta.url)
const read = (language: string, file: string) => JSON.parse(readFileSync(new URL(`${language}/${file}`, folder), 'utf8')) as Texts
const files = (language: string) => readdirSync(new URL(`${language}/`, folder)).sort()

function flat(texts: Texts, before = ''): [string, string][] {
  return Object.entries(texts).flatMap(([key, text]) => (typeof text === 'string' ? [[`${before}${key}`, text] as [string, string]] : flat(text, `${before}${key}.`)))
}
// English has a singular that Chinese has not.
const stem = (key: string) => key.replace(/_(one|other)$/, '')

it('every room speaks Chinese and English', () => {
  expect(files('en')).toEqual(files('zh-CN'))
})

it.each(files('zh-CN'))('%s says the same things in both languages, with the same facts in them', (file) => {
  const both = ['zh-CN', 'en'].map((language) => flat(read(language, file)))
  const [chinese, english] = both.map((texts) => [...new Set(texts.map(([key]) => stem(key)))].sort())
  expect(english).toEqual(chinese)
  const factsIn = (text: string) => [...new Set([...text.matchAll(/\{\{(\w+)/g)].map((found) => found[1]))].sort()
  const other = new Map(both[1]!.map(([key, text]) => [stem(key), text]))
  for (const [key, text] of both[0]!) expect([key, factsIn(other.get(stem(key)) ?? '')]).toEqual([key, factsIn(text)])
})

it.each(['zh-CN', 'en'])('every problem has its sentence in %s', (language) => {
  const texts = read(language, 'problem.json')
  expect(Object.keys(problems).filter((code) => typeof texts[code] !== 'string')).toEqual([])
})
