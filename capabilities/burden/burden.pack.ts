import type { Applied, PackPart } from '../../server/pack.ts'
import { BurdenRules } from './burden-definition.ts'
import { knownClasses, rulesBefore, saveRules } from './pack.sql.ts'

/** What a province sets about the burden: one set of rules; the pack that was applied last holds. */
export const burdenRulesPart: PackPart<BurdenRules> = {
  name: 'burdenRules',
  schema: BurdenRules,
  async check(rules, { tx, sections }) {
    const inPack = new Set(((sections.unitClasses ?? []) as { code: string }[]).map((one) => one.code))
    const known = await knownClasses(tx, Object.keys(rules.fieldsMonth))
    return Object.keys(rules.fieldsMonth)
      .filter((code) => !inPack.has(code) && !known.has(code))
      .map((code) => ({ code: 'burden-class-unknown', path: `fieldsMonth.${code}`, facts: { id: code } }))
  },
  async apply(tx, rules, { pack }) {
    const applied: Applied = { added: [], changed: [], removed: [], same: 0 }
    const before = await rulesBefore(tx, rules)
    if (before === 'same') applied.same++
    else {
      await saveRules(tx, rules, pack)
      applied[before === 'none' ? 'added' : 'changed'].push('burdenRules')
    }
    return applied
  },
  sentences: {
    'burden-class-unknown': { zh: '单位类别“{{id}}”不存在。请改成单位类别表里的编码', en: 'There is no unit class “{{id}}”. Use a code of the table of unit classes' },
  },
}
