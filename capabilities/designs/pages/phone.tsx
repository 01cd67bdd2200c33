import { useEffect, useRef, useState, type ReactNode } from 'react'
import { createPortal } from 'react-dom'
import { languageNow } from '../../../web/i18n.ts'

/**
 * A phone of 360 px: a document of its own, so that everything in it is laid out as on a real one, drawn live by the page
 * around it. Styles of the page are copied into it, also those that come later.
 */
export function Phone({ title, children }: { title: string; children: ReactNode }) {
  const frame = useRef<HTMLIFrameElement>(null)
  const [body, setBody] = useState<HTMLElement>()
  useEffect(() => {
    const inside = frame.current?.contentDocument
    if (!inside) return undefined
    const fill = () => {
      inside.documentElement.lang = languageNow()
      inside.title = title
      inside.head.querySelectorAll('[data-copied]').forEach((one) => one.remove())
      document.head.querySelectorAll('link[rel="stylesheet"], style').forEach((one) => {
        const copy = one.cloneNode(true) as HTMLElement
        copy.dataset['copied'] = ''
        inside.head.append(copy)
      })
      inside.body.classList.add('in-phone')
    }
    fill()
    setBody(inside.body)
    const watch = new MutationObserver(fill)
    watch.observe(document.head, { childList: true })
    return () => watch.disconnect()
  }, [title])
  return (
    <div className="phone">
      {/* oxlint-disable-next-line react/iframe-missing-sandbox -- the document is empty and ours; a sandbox would stop its events in Safari */}
      <iframe ref={frame} title={title} />
      {body && createPortal(children, body)}
    </div>
  )
}
