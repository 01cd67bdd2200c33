import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { q, queryClient } from '../../../web/api/queries.ts'
import { sendFile } from '../../../web/api/send-file.ts'
import { useGo } from '../../../web/shell/address.ts'
import { Failure } from '../../../web/ui/notes.tsx'

/** Brings a workbook back and goes to what came of it. With `form` and `period` only a workbook of that return is taken. */
export function Bring({ unit, form, period }: { unit: number; form?: string; period?: string }) {
  const { t } = useTranslation('workbooks')
  const go = useGo()
  const id = useId()
  const [share, setShare] = useState<number>()
  const [problem, setProblem] = useState<unknown>()
  const bring = async (file: File) => {
    setShare(0)
    setProblem(undefined)
    try {
      const query = new URLSearchParams({ unit: String(unit), name: file.name, ...(form ? { form } : {}), ...(period ? { period } : {}) })
      const { id: brought, same } = await sendFile<{ id: number; same: boolean }>(`/api/workbooks/in?${query}`, file, setShare)
      await queryClient.invalidateQueries({ queryKey: q.workbooks.key() })
      go(`/workbooks/${brought}`, same ? { same: '1' } : {})
    } catch (error) {
      setProblem(error)
      setShare(undefined)
    }
  }
  return (
    <div className="stack">
      <div className="field">
        <label className="label" htmlFor={id}>{t('bring.choose')}</label>
        <input
          id={id} type="file" className="input" accept=".xlsx" disabled={share !== undefined}
          onChange={(event) => {
            const file = event.target.files?.[0]
            event.target.value = ''
            if (file) void bring(file)
          }}
        />
      </div>
      {share !== undefined && <span role="status" className="faint">{t('bring.sending', { percent: Math.round(share * 100) })}</span>}
      <Failure problem={problem} />
    </div>
  )
}
