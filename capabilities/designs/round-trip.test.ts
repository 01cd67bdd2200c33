import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { packParts } from '../../server/rooms.ts'
import { readPackFiles } from '../../tools/pack/read-pack.ts'
import { packFiles } from '../../tools/pack/write-pack.ts'
import { asDesigned, asPack, designable, mergeInto, type Content, type Identity, type Member } from './design.ts'
import { daysFrom, daysText, listFrom, withoutEmpty, wordLines, wordLinesText } from './edit.ts'
import { unzipPack, zipOf } from './pack-file.ts'
import { identityOf } from './review.server.ts'

const chinese = fc.array(fc.constantFrom(...'村户报填会议公开年月服务场所面积收入第一二三'), { minLength: 1, maxLength: 10 }).map((signs) => signs.join(''))
const latin = fc.array(fc.constantFrom(...'abcdefgh'), { minLength: 1, maxLength: 8 }).map((signs) => signs.join(''))
const words = fc.record({ zh: chinese, en: latin })
const slug = latin
const day = fc.date({ min: new Date('2018-01-01'), max: new Date('2018-12-31'), noInvalidDate: true }).map((date) => date.toISOString().slice(0, 10))
const few = <T>(of: fc.Arbitrary<T>) => fc.array(of, { minLength: 1, maxLength: 4 })
/** What people leave empty is left out, as the page does. */
const sparse = (member: fc.Arbitrary<Record<string, unknown>>) => member.map((one) => withoutEmpty(one))
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined })
const pillar = fc.constantFrom('organisation', 'foundation', 'ability')

const item = sparse(fc.record({ code: slug, name: words, type: fc.constantFrom('text', 'number', 'money', 'yesNo'), unit: maybe(chinese), definition: words, cycle: fc.constantFrom('month', 'year'), precision: maybe(fc.nat(6)), hedged: maybe(fc.boolean()), sensitivity: maybe(fc.constantFrom('open', 'internal')) }))
const form = sparse(fc.record({
  code: slug, name: words, purpose: maybe(words), audience: few(slug), cycle: fc.constantFrom('month', 'once'), minutes: fc.integer({ min: 1, max: 90 }), expires: day,
  sections: few(fc.record({ name: words, fields: few(sparse(fc.record({ code: slug, asks: maybe(slug), required: maybe(fc.boolean()), min: maybe(fc.constantFrom('0', '1.5')), help: maybe(words) }))) })),
  checks: maybe(few(sparse(fc.record({ code: slug, holds: fc.constantFrom('a >= 0', 'a <= b'), level: maybe(fc.constantFrom('error', 'warning')), message: words })))),
}))
const sections: fc.Arbitrary<Required<Content['sections']>> = fc.record({
  dataItems: few(item),
  synonyms: few(fc.record({ code: slug, words: fc.array(chinese, { minLength: 2, maxLength: 5 }) })),
  forms: few(form),
  indicators: few(sparse(fc.record({ code: slug, name: words, pillar, form: slug, num: fc.constantFrom('sum(a)', 'count(b > 1)'), den: maybe(fc.constant('sum(b)')), population: words, targets: maybe(fc.dictionary(fc.constantFrom('2018', '2019'), fc.constantFrom('60', '0.5'))) }))),
  targets: few(fc.record({ indicator: slug, year: fc.integer({ min: 2017, max: 2030 }), unit: fc.constantFrom('990121101000', 'QH-01'), value: fc.constantFrom('5', '12.5') })),
  programmes: few(fc.record({
    code: slug, name: words, fromYear: fc.constant(2017), toYear: fc.constant(2019), pillars: fc.tuple(...['organisation', 'foundation', 'ability'].map((code) => fc.record({ code: fc.constant(code), name: words, aim: words }))),
    years: few(fc.record({ year: fc.constantFrom(2017, 2018), theme: words, goals: few(sparse(fc.record({ code: slug, name: words, pillar: maybe(pillar) }))) })),
    bundles: few(sparse(fc.record({ code: slug, name: words, members: few(words), complete: fc.boolean(), validFrom: maybe(day), local: maybe(few(fc.record({ place: chinese, meaning: words }))) }))),
  })),
  listTemplates: few(fc.record({ code: slug, programme: slug, year: fc.constant(2018), name: words, items: few(sparse(fc.record({ title: words, deliverable: words, measure: words, pillar: maybe(pillar), classes: maybe(few(slug)), due: maybe(day) }))) })),
  calendar: few(sparse(fc.record({ year: fc.integer({ min: 2018, max: 2030 }), notice: chinese, off: maybe(fc.dictionary(day, chinese, { minKeys: 1, maxKeys: 5 })), worked: maybe(fc.dictionary(day, chinese, { minKeys: 1, maxKeys: 3 })), source: maybe(fc.constantFrom('verified', 'unverified')) }))),
  matterKinds: few(sparse(fc.record({ code: slug, name: words, acknowledgeWorkingDays: maybe(fc.integer({ min: 1, max: 9 })) }))),
  burdenRules: fc.tuple(sparse(fc.record({ meetingWeight: maybe(fc.nat(50)), fieldsMonth: maybe(fc.dictionary(slug, fc.integer({ min: 1, max: 99 }), { minKeys: 1, maxKeys: 3 })), listsNeedApproval: maybe(fc.boolean()), minutesPerField: maybe(fc.record({ number: fc.constantFrom(0.5, 1, 2) })) }))),
}) as never

const head = { code: 'drawn', version: '1.0.0', title: { zh: '画的', en: 'Drawn' } }
const filesOf = (content: Content['sections']) => packFiles({ head, sections: asPack(content) }, packParts)

describe('what the page makes and what a pack file says are one thing, whatever it is', () => {
  test('every part that can be designed goes out as files, comes back as the same design, and goes out byte for byte the same', async () => {
    await fc.assert(fc.asyncProperty(sections, async (drawn) => {
      const files = filesOf(drawn)
      const unzipped = unzipPack(zipOf(files))
      expect('files' in unzipped).toBe(true)
      const read = await readPackFiles((unzipped as { files: Map<string, string> }).files, packParts)
      expect(read.findings).toEqual([])
      const back = asDesigned(read.sections)
      expect(Object.keys(back).sort()).toEqual([...designable].sort())
      expect([...filesOf(back)]).toEqual([...files])
    }), { numRuns: 60, seed: 20180629 })
  }, 60_000)

  test('nothing that was drawn is lost on the way: what stands in a member stands in it when it comes back, but for plain defaults', async () => {
    await fc.assert(fc.asyncProperty(sections, async (drawn) => {
      const { sections: back } = await readPackFiles(filesOf(drawn), packParts)
      for (const part of packParts.filter((one) => (designable as readonly string[]).includes(one.name))) {
        const meaning = (value: unknown) => {
          const read = part.schema.safeParse(value)
          // Forms lie in files by code, in the order of the names of the files.
          const sorted = (members: unknown) => (part.name === 'forms' ? (members as Member[]).map((one) => JSON.stringify(one)).sort() : members)
          return read.success ? sorted(read.data) : undefined
        }
        expect(meaning(back[part.name])).toEqual(meaning(asPack(drawn)[part.name]))
      }
    }), { numRuns: 30, seed: 20180630 })
  }, 60_000)

  test('taking everything of a section out leaves no section; what is drawn anew stays', () => {
    const identity: Identity = identityOf(packParts)
    fc.assert(fc.property(sections, (drawn) => {
      const applied = asPack(drawn)
      const groups = drawn.synonyms.map((member) => identity('synonyms', member)!)
      expect('synonyms' in mergeInto(applied, {}, identity, { synonyms: groups }).sections).toBe(false)
      const kept = mergeInto(applied, { synonyms: [drawn.synonyms[0]!] }, identity, { synonyms: groups }).sections['synonyms']
      expect(kept).toEqual([drawn.synonyms[0]])
      expect(mergeInto(applied, {}, identity, {}).sections).toEqual(applied)
    }), { numRuns: 50, seed: 7 })
  })
})

describe('what is typed as lines', () => {
  test('days, words and lists are the same after they were written and read', () => {
    fc.assert(fc.property(fc.dictionary(day, chinese, { maxKeys: 6 }), fc.array(words, { maxLength: 5 }), fc.array(chinese, { maxLength: 5 }), (days, texts, list) => {
      expect(daysFrom(daysText(days)) ?? {}).toEqual(days)
      expect(wordLines(wordLinesText(texts))).toEqual(texts)
      expect(listFrom(list.join('、'))).toEqual(list)
    }), { seed: 11 })
  })
})
