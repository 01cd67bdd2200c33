import ExcelJS from 'exceljs'
import { Writable } from 'node:stream'
import { IndicatorDefinition } from '../../capabilities/indicators/indicator-definition.ts'
import type { Ranked } from '../../capabilities/indicators/indicators.contract.ts'
import { writeWorkbook } from '../../capabilities/indicators/workbook.server.ts'
import type { ResolvedForm } from '../../capabilities/ledgers/form-definition.ts'
import { pair, print } from '../measure.ts'

const field = { code: 'a', item: 'a', kind: 'asks', name: { zh: '数', en: 'Figure' }, definition: null, help: null, type: 'number', unit: '户', precision: 0, hedged: false, required: true, min: null, max: null, choices: null, columns: null, computed: null, section: 0 } as const
const form: ResolvedForm = { code: 'f', version: 1, name: { zh: '表', en: 'Form' }, purpose: null, audience: ['village'], cycle: 'month', minutes: 1, sections: [{ zh: '一', en: 'One' }], fields: [field, { ...field, code: 'b' }], checks: [] }

function ranked(n: number): Ranked {
  const figure = { value: String((n % 1000) / 1000), why: null, num: String(n % 900), den: '1000', reported: 1, expected: 1 }
  const judged = { figure, target: null, attainment: null, lastYear: null, yearOnYear: null, previous: null, change: null, gap: null, band: null }
  return { unit: n, name: `第${n}村`, code: `99${String(n).padStart(10, '0')}`, level: 5, parentName: '某镇', judged, rank: n + 1, belowMean: false, third: 'first', hasChildren: false }
}

/** 132,000 rows of an export against the bare exceljs stream writing the same cells. */
export async function workbook(): Promise<void> {
  const rows = 132_000
  const cells = (n: number) => [`99${String(n).padStart(10, '0')}`, `第${n}村`, '某镇', (n % 1000) / 1000, n % 900, 1000, 1, 1, '完整', n, null, null, null, null, null]
  async function* batches(): AsyncGenerator<Ranked[]> {
    for (let from = 0; from < rows; from += 5_000) yield Array.from({ length: Math.min(5_000, rows - from) }, (_, at) => ranked(from + at))
  }
  const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() })
  const bare = async () => {
    const book = new ExcelJS.stream.xlsx.WorkbookWriter({ stream: nowhere(), useStyles: true, useSharedStrings: false })
    const sheet = book.addWorksheet('数据')
    for (let n = 0; n < rows; n++) sheet.addRow(cells(n)).commit()
    sheet.commit()
    await book.commit()
  }
  const definition = IndicatorDefinition.parse({ code: 'x', name: { zh: '指标', en: 'Indicator' }, pillar: 'foundation', form: 'f', num: 'sum(a)', den: 'sum(b)', population: { zh: '全部村', en: 'All villages' }, shown: 'percent' })
  const whole = () => writeWorkbook(nowhere(), { definition, form, title: '某省 · 指标 · 2018年11月', locale: 'zh-CN', coverage: { reported: rows, expected: rows }, batches: batches() })
  const [a, b] = await pair(['export, whole', whole], ['bare exceljs stream', bare], { runs: 3, warm: 1 })
  print({ claim: `a workbook of ${rows} rows`, bar: '≤ 3 × the bare stream', measured: `rss ${Math.round(process.memoryUsage().rss / 1e6)} MB`, ratio: a.median / b.median, holds: a.median / b.median <= 3, figures: [a, b] })
}
