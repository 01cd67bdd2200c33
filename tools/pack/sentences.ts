import type { PackPart } from '../../server/pack.ts'

type Sentence = { zh: string; en: string }

/** What the pack tool itself finds: what is wrong, and what to do. A part brings the sentences of its own codes. */
const sentences: Readonly<Record<string, Sentence>> = {
  'folder-missing': { zh: '没有文件夹 {{folder}}。请核对路径。', en: 'There is no folder {{folder}}. Check the path.' },
  'head-missing': {
    zh: '缺少 pack.yaml。请新建，写明 code、version、title（zh 与 en）。',
    en: 'pack.yaml is missing. Create it with code, version and title (zh and en).',
  },
  'pack-required': {
    zh: '本包需要先应用 {{pack}}。请先应用该包，或从 requires 中去掉。',
    en: 'This pack needs {{pack}} first. Apply that pack, or take it out of requires.',
  },
  'file-unknown': {
    zh: '不认识文件 {{file}}。请改名为以下之一，或删除：{{known}}。',
    en: 'The file {{file}} belongs to no section. Rename it to one of these, or delete it: {{known}}.',
  },
  'yaml-syntax': { zh: 'YAML 语法错误：{{says}}。请改正这一行。', en: 'YAML cannot be read: {{says}}. Correct this line.' },
  'key-twice': { zh: '同一处写了两次相同的键：{{says}}。请只保留一个。', en: 'A key stands twice in one place: {{says}}. Keep one of them.' },
  'csv-syntax': { zh: 'CSV 无法读取：{{says}}。请改正这一行。', en: 'The CSV cannot be read: {{says}}. Correct this line.' },
  'csv-cells': {
    zh: '这一行有 {{cells}} 格，表头有 {{columns}} 列。请补齐或删去多余的格；格内有逗号时请加双引号。',
    en: 'This row has {{cells}} cells, the header has {{columns}}. Add or remove cells; a cell with a comma needs double quotes.',
  },
  'join-not-possible': {
    zh: '{{file}} 与 {{first}} 不能合并成“{{section}}”：两个文件都应是列表，或都是列表的对象。请改成相同的形式。',
    en: '{{file}} and {{first}} cannot be joined to "{{section}}": both must be lists, or both maps of lists. Give them the same shape.',
  },
  missing: { zh: '缺少 {{field}}。请填写。', en: '{{field}} is missing. Give it.' },
  type: { zh: '{{field}} 应为 {{expected}}。请改正（文本形式的数字请加引号）。', en: '{{field}} must be {{expected}}. Correct it (a number that is meant as text needs quotes).' },
  format: { zh: '{{field}} 的格式不对：{{says}}。请改正。', en: '{{field}} does not have the right form: {{says}}. Correct it.' },
  size: { zh: '{{field}} 过大或过小：{{says}}。请改正。', en: '{{field}} is too large or too small: {{says}}. Correct it.' },
  choice: { zh: '{{field}} 只能是：{{options}}。请选其一。', en: '{{field}} must be one of: {{options}}. Choose one.' },
  rule: { zh: '{{field}} 不符合要求：{{says}}。请改正。', en: '{{field}} does not hold: {{says}}. Correct it.' },
  'key-unknown': { zh: '不认识的键 {{key}}。请改正拼写或删除。', en: 'The key {{key}} is not known here. Correct its spelling or delete it.' },
  'id-twice': { zh: '{{id}} 出现两次，第一次在 {{first}}。请改名或删除其一。', en: '{{id}} stands twice, first at {{first}}. Rename or delete one.' },
  'forbidden-word': {
    zh: '“{{word}}”触及红线（{{redLine}}），平台不得收集。请删除这一项；改写措辞并不够。',
    en: '"{{word}}" crosses a red line ({{redLine}}): the platform must not collect it. Remove the thing itself; other words for it are not enough.',
  },
  'section-still-used': {
    zh: '上一版本有“{{section}}”，本版本没有，且无法清空。请写入该部分。',
    en: 'The applied version has the section "{{section}}" and it cannot be emptied. Write the section.',
  },
}

/** @returns the finding as a sentence in both languages; a code without a sentence of its own is told with its facts */
export function sentenceOf(code: string, facts: Record<string, unknown>, part?: PackPart<any>): Sentence {
  const sentence = part?.sentences?.[code] ?? sentences[code]
  if (sentence) return { zh: filled(sentence.zh, facts, 'zh'), en: filled(sentence.en, facts, 'en') }
  const told = (language: 'zh' | 'en') => Object.entries(facts).map(([key, value]) => `${key}: ${textOf(value, language)}`).join('; ')
  const [zh, en] = [told('zh'), told('en')]
  return { zh: `不符合规则 ${code}${zh ? `（${zh}）` : ''}。请改正这一处。`, en: `The rule ${code} does not hold${en ? ` (${en})` : ''}. Correct this place.` }
}

function filled(text: string, facts: Record<string, unknown>, language: 'zh' | 'en'): string {
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => textOf(facts[name], language))
}

/** A fact that is itself in both languages is told in the sentence's. */
function textOf(value: unknown, language: 'zh' | 'en'): string {
  if (value === undefined || value === null) return '–'
  if (typeof value !== 'object') return String(value)
  const words = (value as Partial<Sentence>)[language]
  return words === undefined ? JSON.stringify(value) : words
}
