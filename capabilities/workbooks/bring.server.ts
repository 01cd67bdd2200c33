import { parsePeriod, periodText } from '../../rules/period.ts'
import { Problem } from '../../rules/problem.ts'
import { record } from '../../server/events.ts'
import { later } from '../../server/queue.ts'
import type { RawCall, RawRoute } from '../../server/raw.ts'
import { mustBeAble, type Actor } from '../access/permission.ts'
import { formOf } from '../ledgers/ledgers.reads.ts'
import { mustBeAsked } from '../ledgers/many.reads.ts'
import { pathOf } from '../units/units.reads.ts'
import { keepFor, receive, removeFor } from './kept-file.server.ts'
import { openBook } from './open-book.server.ts'
import { refused, zipLimits } from './open-zip.server.ts'
import { findPlaces } from './read-book.server.ts'
import type { Stamp } from './stamp.ts'
import { addImport, sameBrought, type FillGrant } from './workbooks.sql.ts'

/** @returns the posts that let this person fill in, with the units they reach */
export const fillGrants = (actor: Actor): FillGrant[] => actor.grants.filter(({ verbs }) => verbs.includes('record.fill')).map(({ post, unit }) => ({ post, unit }))

/**
 * Takes a workbook back (?unit&name, and &form&period when the page is about one return). What is no workbook of ours is
 * refused at once with the reason; the rest is read by a job that can be left and found again. The same file brought
 * again by the same person is the import that it was.
 */
export const bringRoute: RawRoute = {
  method: 'POST',
  path: '/workbooks/in',
  needs: 'record.fill',
  summary: 'Bring a workbook of returns back (?unit&name); at most 50 MB',
  async handle({ request, response, query, actor, database, dataDir, files, now }: RawCall) {
    const unit = Number(query.get('unit'))
    const name = (query.get('name') ?? '').trim().slice(0, 200) || 'workbook.xlsx'
    const grant = mustBeAble(actor, 'record.fill', await pathOf(database.db, unit))
    if (Number(request.headers['content-length'] ?? 0) > zipLimits.bytes) throw new Problem('too-large', { facts: { limit: zipLimits.bytes } })
    const coming = await receive(request, dataDir)
    try {
      const stamp = await stampOf(coming.path)
      const asked = { form: query.get('form'), period: query.get('period') }
      if ((asked.form && asked.form !== stamp.form) || (asked.period && asked.period !== stamp.period)) {
        throw refused('other-form', { form: stamp.form, period: stamp.period, wanted: [asked.form, asked.period].filter(Boolean).join(' ') })
      }
      const form = await formOf(database.db, stamp.form).catch(() => {
        throw refused('not-ours', { form: stamp.form })
      })
      await mustBeAsked(database.db, form.code)
      const period = parsePeriod(stamp.period)
      let kept: number | undefined
      const { id, same } = await database.transaction(async (tx) => {
        const before = await sameBrought(tx, { by: actor.account, sha256: coming.sha256, unit })
        if (before) return { id: before.id, same: true }
        const made = await addImport(tx, {
          unit, form: form.code, formVersion: stamp.version, period, layout: stamp.layout === 'one' ? 'one' : 'many', name, sha256: coming.sha256, bytes: coming.bytes,
          grants: fillGrants(actor), by: actor.account, at: now,
        })
        // The file is in its place before anybody can be told to read it.
        await keepFor(files, made, coming.path)
        kept = made
        await later(tx, 'workbooks:read', { id: made }, { key: `workbook:${made}` })
        await record(tx, 'workbook.brought', { by: { account: actor.account, post: grant.post || undefined }, unit, subject: `workbook:${made}`, facts: { form: form.code, period: periodText(period), bytes: coming.bytes } })
        return { id: made, same: false }
      }).catch(async (error: unknown) => {
        if (kept !== undefined) await removeFor(files, kept)
        throw error
      })
      response.writeHead(same ? 200 : 201, { 'content-type': 'application/json' }).end(JSON.stringify({ id, same }))
    } finally {
      await coming.drop()
    }
  },
}

async function stampOf(path: string): Promise<Stamp> {
  const book = await openBook(path)
  try {
    return (await findPlaces(book)).stamp
  } finally {
    book.close()
  }
}
