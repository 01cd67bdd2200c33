import { BarChart, HeatmapChart, LineChart, PieChart, ScatterChart } from 'echarts/charts'
import { AriaComponent, DataZoomComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, VisualMapComponent } from 'echarts/components'
import { init, use, type EChartsCoreOption } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Button } from '../ui/button.tsx'

use([
  BarChart, LineChart, PieChart, ScatterChart, HeatmapChart, AriaComponent, DataZoomComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent,
  VisualMapComponent, SVGRenderer,
])

/** Colours that differ in lightness as well, for eyes that do not tell them apart and for grey printers. */
const colours = ['#1d4a73', '#b8860b', '#2f7d55', '#8c1d18', '#6d8fb3', '#5b4a86', '#7b7f85']

/**
 * A chart of echarts (bar, line, pie, scatter, heat map). `table` says the same as a table: it is what screen readers
 * get, and everybody by a press. Import it lazily: `const Chart = lazy(() => import('…/chart.tsx'))`.
 */
export default function Chart({ title, option, table, height = 320 }: {
  title: string
  option: EChartsCoreOption
  table: ReactNode
  height?: number
}) {
  const { t } = useTranslation('ui')
  const box = useRef<HTMLDivElement>(null)
  const [asTable, setAsTable] = useState(false)
  useEffect(() => {
    if (asTable || !box.current) return undefined
    const chart = init(box.current, undefined, { renderer: 'svg' })
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches
    const legend = option.legend ? { legend: { top: 0, left: 0, ...(option.legend as object) } } : {}
    chart.setOption({ color: colours, animation: !still, animationDuration: 300, textStyle: { fontFamily: 'inherit' }, grid: { containLabel: true, left: 8, right: 16, top: 36, bottom: 8 }, ...option, ...legend })
    const watch = new ResizeObserver(() => chart.resize())
    watch.observe(box.current)
    return () => {
      watch.disconnect()
      chart.dispose()
    }
  }, [option, asTable])
  return (
    <figure className="chart">
      <figcaption className="row spread">
        <strong>{title}</strong>
        <Button small kind="quiet" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>{t(asTable ? 'desk.chartPicture' : 'desk.chartTable')}</Button>
      </figcaption>
      {asTable ? table : <div ref={box} style={{ height }} aria-hidden="true" />}
      {!asTable && <div className="sr-only">{table}</div>}
    </figure>
  )
}
