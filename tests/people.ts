import type { Actor } from '../capabilities/access/permission.ts'
import { verbs, type Verb } from '../capabilities/access/verbs.ts'

/** An actor who holds one post with `verbs` on `unit`; by default every verb, so that only the unit decides. */
export function holder(unit: number, may: readonly Verb[] = Object.keys(verbs) as Verb[], name = '测试员'): Actor {
  const grant = { post: 0, kind: 'tester', title: '测试岗', unit, unitName: '', level: 0, verbs: may, acting: false }
  return { account: `${name}@${unit}`, name, locale: 'zh-CN', mustChangePassword: false, grants: [grant] }
}
