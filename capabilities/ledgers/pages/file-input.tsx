import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { isApiProblem } from '../../../web/api/problem.ts'
import { useMe } from '../../../web/shell/me.ts'
import { Button } from '../../../web/ui/button.tsx'
import { useField } from '../../../web/ui/field.tsx'
import { StateTag } from '../../../web/ui/marks.tsx'
import { Failure } from '../../../web/ui/notes.tsx'

export type GivenFile = { id: string; name: string }
/** Sending, and keeping what cannot be sent yet: loaded when a form has a file, not before. */
const onDevice = () => import('../../../web/offline/files.ts')

/**
 * Files are given one by one, never demanded. Each is kept on the device until it has arrived; without a line it waits
 * there and leaves with the return.
 */
export function FileInput({ files, unit, onChange }: { files: readonly GivenFile[]; unit: number; onChange: (files: GivenFile[]) => void }) {
  const { t } = useTranslation('ledgers')
  const { account } = useMe()
  const { input } = useField()
  const [problem, setProblem] = useState<unknown>()
  const [part, setPart] = useState<number>()
  const [here, setHere] = useState<ReadonlySet<string>>(new Set())
  const lookAgain = () => void onDevice().then(({ filesHere }) => filesHere(account)).then(setHere, () => undefined)
  // A browser that keeps nothing has nothing here; a missing script of this kind means no line, and is told when used.
  useEffect(lookAgain, [account, files])
  const give = async (chosen: File) => {
    setPart(0)
    setProblem(undefined)
    try {
      const { takeFile, sendFile, forgetFile } = await onDevice()
      const file = await takeFile(account, unit, chosen)
      try {
        await sendFile(account, file.id, setPart)
      } catch (error) {
        if (!isApiProblem(error) || !waits.has(error.code)) {
          await forgetFile(account, file.id)
          throw error
        }
      }
      onChange([...files, file])
    } catch (error) {
      setProblem(error)
    }
    setPart(undefined)
  }
  const drop = (file: GivenFile) => {
    onChange(files.filter((one) => one.id !== file.id))
    void onDevice().then(({ forgetFile }) => forgetFile(account, file.id))
  }
  return (
    <>
      <ul>
        {files.map((file) => (
          <li key={file.id} className="row">
            {here.has(file.id) ? <span>{file.name} <StateTag tone="busy">{t('return.fileHere')}</StateTag></span> : <a href={`/api/ledgers/files/${file.id}`} download>{file.name}</a>}
            <Button small kind="quiet" onClick={() => drop(file)}>{t('return.dropFile', { name: file.name })}</Button>
          </li>
        ))}
      </ul>
      <input
        {...input} type="file" className="input" disabled={part !== undefined || files.length >= 10} accept=".pdf,.docx,.xlsx,.wps,.et,.csv,.txt,.png,.jpg,.jpeg,.webp,image/*"
        onChange={(event) => {
          const file = event.target.files?.[0]
          event.target.value = ''
          if (file) void give(file)
        }}
      />
      {part !== undefined && <span role="status" className="faint">{t('return.fileComing')} {part > 0 && `${Math.round(part * 100)} %`}</span>}
      <Failure problem={problem} />
    </>
  )
}

/** Problems after which a file waits on the device instead of being refused. */
const waits = new Set<string>(['offline', 'busy', 'database-away', 'not-signed-in', 'bug'])
