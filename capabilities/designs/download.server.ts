import type { ServerResponse } from 'node:http'
import { Problem } from '../../rules/problem.ts'
import type { PackPart } from '../../server/pack.ts'
import type { RawRoute } from '../../server/raw.ts'
import { appliedPacks, packFiles, type PackContent } from '../../tools/pack/write-pack.ts'
import { asPack } from './design.ts'
import { readableDesign } from './designs.server.ts'
import { zipOf } from './pack-file.ts'

function send(response: ServerResponse, name: string, content: PackContent, parts: readonly PackPart<any>[]): void {
  const zip = zipOf(packFiles(content, parts))
  response.writeHead(200, { 'content-type': 'application/zip', 'content-length': zip.length, 'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}.zip` })
  response.end(zip)
}

/** What is designed and what is applied, each as a pack in one zip; the same content gives the same bytes. */
export function packRoutes(parts: () => readonly PackPart<any>[]): RawRoute[] {
  return [
    {
      method: 'GET',
      path: '/designs/{id}/pack',
      needs: 'signedIn',
      summary: 'A design as a pack (zip): pack.yaml and one file per section',
      async handle({ response, params, actor, database }) {
        const id = Number(params['id'])
        if (!Number.isInteger(id)) throw new Problem('not-found', { facts: { what: 'design', id: params['id'] } })
        const design = await readableDesign(database.db, actor, id)
        send(response, `${design.content.head.code}-${design.id}`, { head: design.content.head, sections: asPack(design.content.sections) }, parts())
      },
    },
    {
      method: 'GET',
      path: '/packs/{code}/export',
      needs: 'form.register',
      summary: 'An applied pack as it is in force (zip), for `sanji pack apply` elsewhere',
      async handle({ response, params, database }) {
        const [pack] = await appliedPacks(database.db, params['code'])
        if (!pack) throw new Problem('not-found', { facts: { what: 'pack', code: params['code'] } })
        send(response, `${pack.code}-${pack.version}`, pack.content, parts())
      },
    },
  ]
}
