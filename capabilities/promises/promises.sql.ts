import { many, run, sql, type Tx } from '../../server/db.ts'
import type { Step } from './promises.contract.ts'

export type StepKind = 'commitment' | 'matter'

/** Writes one line of the history of a commitment or a matter. */
export function addStep(tx: Tx, of: { kind: StepKind; id: number; move: string; by: string; unit: number | null; at: Date; text: string | null }): Promise<number> {
  return run(tx, sql`insert into promise_step (kind, of_id, move, by, unit_id, at, text) values (${of.kind}, ${of.id}, ${of.move}, ${of.by}, ${of.unit}, ${of.at}, ${of.text})`)
}

export function stepsOf(tx: Tx, kind: StepKind, id: number, locale: 'zh-CN' | 'en'): Promise<Step[]> {
  return many(
    tx,
    sql`select s.move, signed_name(s.by, ${`${kind}:${id}`}, ${locale}) as by, u.name as "unitName", s.at, s.text from promise_step s left join unit u on u.id = s.unit_id
        where s.kind = ${kind} and s.of_id = ${id} order by s.id`,
  )
}
