import { many, sql, type Tx } from '../../server/db.ts'

// ---- what waits (for the inbox); asked with units on which `burden.approve` is held

export type WaitingDesign = { design: number; title: string; titleEn: string; unit: number; unitName: string; submittedAt: string }

/** @returns designs of these units and of those below them that wait for a burden officer who is none of their authors, the oldest first */
export async function waitingDesigns(tx: Tx, units: readonly number[], account: string): Promise<WaitingDesign[]> {
  if (units.length === 0) return []
  return many(
    tx,
    sql`select d.id as design, d.title_zh as title, d.title_en as "titleEn", d.unit_id as unit, u.name as "unitName", d.submitted_at as "submittedAt"
        from design d join unit u on u.id = d.unit_id
        where d.state = 'review' and not ${account} in (d.created_by, d.saved_by, d.submitted_by)
          and (array[u.id, u.l1, u.l2, u.l3, u.l4, u.l5] && ${units}::int[] or u.line_path && ${units}::int[])
        order by d.submitted_at, d.id limit 200`,
  )
}
