import type { KeyboardEvent } from 'react'

const fields = 'input:not([type=hidden]):not([type=file]):not(:disabled), select:not(:disabled):not(.unit), textarea:not(:disabled)'

/**
 * Enter goes to the next field, as in a workbook, instead of sending a form that is half filled; from the last field it
 * goes to the button. Of several buttons to choose from it stops at the chosen one. Lines of a text stay Enter's own.
 */
export function nextField(event: KeyboardEvent<HTMLElement>): void {
  const from = event.target as HTMLElement
  if (event.key !== 'Enter' || event.nativeEvent.isComposing || event.ctrlKey || event.metaKey || !/^(INPUT|SELECT)$/.test(from.tagName)) return
  event.preventDefault()
  const around = from.closest('[data-month]') ?? event.currentTarget
  const stops = [...around.querySelectorAll<HTMLInputElement>(`${fields}, [type=submit], [data-send]`)].filter((one) => one.getClientRects().length > 0 && isStop(one, from))
  stops[stops.indexOf(from as HTMLInputElement) + 1]?.focus()
}

/** One stop for each group of radio buttons: the chosen one, or the first while none is chosen. */
function isStop(one: HTMLInputElement, from: HTMLElement): boolean {
  if (one === from || one.type !== 'radio') return true
  const group = [...document.querySelectorAll<HTMLInputElement>(`input[type=radio][name="${CSS.escape(one.name)}"]`)]
  if (group.includes(from as HTMLInputElement)) return false
  return one === (group.find((other) => other.checked) ?? group[0])
}
