/** What is wrong in a form or a data item and what to do, in the words of the pack tool and the designer. */
type Sentences = Readonly<Record<string, { zh: string; en: string }>>

export const itemSentences: Sentences = {
  'choices-missing': { zh: '数据项 {{item}} 是选项，却没有列出选项。请补上。', en: 'The data item {{item}} is a choice without choices. List them.' },
  'columns-missing': { zh: '数据项 {{item}} 是表格，却没有列。请补上。', en: 'The data item {{item}} is a table without columns. List them.' },
  'unit-of-measure-missing': { zh: '数据项 {{item}} 是数字，要写计量单位（人与人次是两个单位）。', en: 'The data item {{item}} is a number and needs its unit of measure (人 and 人次 are two units).' },
  'red-line': { zh: '“{{word}}”属于红线内容，不得采集。请删去这一项。', en: '“{{word}}” is behind a red line and must not be asked. Take it out.' },
}

export const formSentences: Sentences = {
  'field-one-kind': { zh: '字段 {{field}} 要么填报、要么带出、要么计算，只能选一种。', en: 'The field {{field}} is asked, shown or computed: choose exactly one.' },
  'field-twice': { zh: '字段 {{field}} 出现两次。请改名或删去其一。', en: 'The field {{field}} stands twice. Rename or delete one.' },
  'field-unknown': { zh: '没有字段 {{field}}。请改正。', en: 'There is no field {{field}}. Correct it.' },
  'item-unknown': { zh: '数据项 {{item}} 不存在。请改正代码，或先写出这个数据项。', en: 'There is no data item {{item}}. Correct the code or add the item.' },
  'item-already-asked': { zh: '数据项 {{item}} 已由《{{name}}》（{{form}}）填报，不能再要一次。请改为带出。', en: 'The data item {{item}} is asked by “{{name}}” ({{form}}) already. Show it instead of asking again.' },
  'file-demanded': { zh: '附件 {{field}} 不能设为必填：不得强制上传材料。', en: 'The attachment {{field}} cannot be required: no material may be demanded.' },
  'computed-needs-name': { zh: '计算字段 {{field}} 要有名称。', en: 'The computed field {{field}} needs a name.' },
  'computed-order': { zh: '字段 {{field}} 用到了排在它后面的 {{later}}。请调整顺序。', en: 'The field {{field}} uses {{later}}, which stands below it. Change their order.' },
  'formula-type': { zh: '算式“{{formula}}”的结果类型不对：{{type}}。', en: 'The formula “{{formula}}” gives the wrong kind of value: {{type}}.' },
  'formula-invalid': { zh: '算式“{{formula}}”有误：{{says}}。', en: 'The formula “{{formula}}” is wrong: {{says}}.' },
  'red-line': { zh: '“{{word}}”属于红线内容，不得采集或显示。请删去。', en: '“{{word}}” is behind a red line and must not be asked or shown. Take it out.' },
}
