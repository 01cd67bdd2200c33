import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { sampleCity } from './city.ts'

/** Files of packs/sample-city by name, made from the seed. */
export function sampleFiles(): Record<string, string> {
  const { units, posts } = sampleCity()
  const csv = (head: readonly string[], rows: readonly object[]) =>
    `${[head.join(','), ...rows.map((row) => head.map((name) => String((row as Record<string, unknown>)[name] ?? '')).join(','))].join('\n')}\n`
  return {
    'pack.yaml': [
      '# 示例数据：地名、机构、人名全部虚构，由 tools/sample-city 按固定种子生成，不要手改。',
      '# Sample data: places, organisations and people are invented, made from a fixed seed by tools/sample-city.',
      'code: sample-city',
      "version: '1.0.0'",
      'title: { zh: 示例城市青河市（虚构）, en: "Sample city Qinghe (invented)" }',
      'sample: true',
      'requires: [three-basics-2018]',
      '',
    ].join('\n'),
    'units.csv': csv(['code', 'name', 'kind', 'class', 'areaParent', 'lineParent', 'management', 'validFrom', 'residents'], units),
    'posts.csv': csv(['unit', 'kind', 'title', 'required', 'ab', 'validFrom'], posts),
    'bodies.yaml': [
      '- unit: "990100000000"',
      '  name: 青河市三基建设领导小组',
      '  office: QH-01',
      '  members: [QH-01, QH-02, QH-05, QH-07, QH-14, QH-17]',
      '',
    ].join('\n'),
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = fileURLToPath(new URL('../../packs/sample-city/', import.meta.url))
  await mkdir(folder, { recursive: true })
  for (const [name, content] of Object.entries(sampleFiles())) await writeFile(`${folder}${name}`, content)
}
