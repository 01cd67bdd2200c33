import { useTranslation } from 'react-i18next'
import { Button } from '../ui/button.tsx'
import { toast } from '../ui/toast.tsx'

/** What was typed, to be copied or taken along as a file. */
export function GiveText({ name, text }: { name: string; text: string }) {
  const { t } = useTranslation('offline')
  const copy = async () => {
    if (await copyText(text)) toast(t('outbox.copied'))
    else saveText(`${name}.txt`, text)
  }
  return (
    <>
      <Button small onClick={() => void copy()}>{t('outbox.copy')}</Button>
      <Button small onClick={() => saveText(`${name}.txt`, text)}>{t('outbox.save')}</Button>
    </>
  )
}

/** Copies a text, also where the browser allows no clipboard (plain http). @returns whether it could */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

/** Gives a text to the person as a file. */
function saveText(name: string, text: string): void {
  const link = document.createElement('a')
  // The mark at its beginning lets WPS and Excel read it as UTF-8.
  link.href = URL.createObjectURL(new Blob(['\ufeff', text], { type: 'text/plain;charset=utf-8' }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
