import type { DataItemDefinition, FormDefinition } from '../capabilities/ledgers/form-definition.ts'

const both = (zh: string, en: string) => ({ zh, en })

/** Sample items of the tests: a village's month. */
export const villageItems: DataItemDefinition[] = [
  { code: 'households', name: both('户数', 'Households'), type: 'number', unit: '户', definition: both('期末户籍户数', 'Registered households at the end of the period'), cycle: 'month', precision: 0, hedged: false, sensitivity: 'open' },
  { code: 'covered', name: both('已覆盖户数', 'Households covered'), type: 'number', unit: '户', definition: both('已上门服务的户数', 'Households served'), cycle: 'month', precision: 0, hedged: false, sensitivity: 'open' },
  { code: 'income', name: both('集体经济收入', 'Collective income'), type: 'money', definition: both('当期集体经济收入', 'Collective income in the period'), cycle: 'month', precision: 0, hedged: false, sensitivity: 'open' },
]

/** Sample form of the tests: what a village reports each month. */
export const villageMonth: FormDefinition = {
  code: 'village-month',
  name: both('村月报', 'Village month'),
  audience: ['village'],
  cycle: 'month',
  minutes: 5,
  expires: '2019-12-31',
  approval: { by: '测试减负审核员', on: '2018-01-01' },
  sections: [
    {
      name: both('基本情况', 'Basics'),
      fields: [
        { code: 'households', asks: 'households', required: true, min: '1' },
        { code: 'covered', asks: 'covered', required: true, min: '0' },
        { code: 'income', asks: 'income', required: false },
        { code: 'open', computed: 'households - covered', name: both('未覆盖户数', 'Not covered'), required: false, type: 'number', unit: '户' },
      ],
    },
  ],
  checks: [{ code: 'covered-in-households', holds: 'covered <= households', level: 'error', fields: ['covered'], message: both('已覆盖户数不能多于户数', 'Not more households covered than there are') }],
}
