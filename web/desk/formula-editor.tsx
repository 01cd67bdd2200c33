import { autocompletion, completionKeymap, startCompletion, type Completion, type CompletionContext } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { linter, type Diagnostic } from '@codemirror/lint'
import { Annotation, Compartment, EditorState } from '@codemirror/state'
import { EditorView, keymap, placeholder as placeholderText } from '@codemirror/view'
import { useEffect, useLayoutEffect, useRef } from 'react'
import { completionsAt } from '../../rules/formula/completions.ts'
import type { FieldTypes, FormulaLevel } from '../../rules/formula/ast.ts'
import { typeName } from '../../rules/formula/says.ts'
import { pickWords } from '../i18n.ts'

export type FormulaEditorProps = {
  value: string
  onChange: (value: string) => void
  fields: FieldTypes
  level: FormulaLevel
  /** What the editor is called. */
  label: string
  /** What a field is called, beside its code. */
  nameOf?: (code: string) => string | undefined
  /** The first fault, if there is one, marked in place. */
  fault?: { at: number; length: number; says: { zh: string; en: string } } | undefined
  describedBy?: string
  placeholder?: string
  disabled?: boolean
}

const fromOutside = Annotation.define<boolean>()

const look = EditorView.theme({
  '&': { border: '1px solid var(--line-strong)', borderRadius: 'var(--radius)', background: 'var(--paper)', fontSize: '0.95rem', minHeight: 'var(--touch)' },
  '&.cm-focused': { outline: '3px solid #2f7fd0', outlineOffset: '1px' },
  '.cm-content': { fontFamily: 'var(--mono)', padding: '0.45rem 0.3rem' },
  '.cm-scroller': { lineHeight: '1.5' },
  '.cm-tooltip': { border: '1px solid var(--line)', background: 'var(--paper)', borderRadius: 'var(--radius)' },
  '.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--font)', maxHeight: '16rem' },
  '.cm-tooltip-autocomplete > ul > li': { padding: '0.3rem 0.6rem' },
  '.cm-tooltip-autocomplete > ul > li[aria-selected]': { background: 'var(--main)', color: '#fff' },
  '.cm-completionDetail': { fontStyle: 'normal', marginLeft: '0.6rem', color: 'inherit' },
  '.cm-placeholder': { color: 'var(--ink-faint)' },
})

const attributesOf = ({ label, describedBy, fault, disabled }: FormulaEditorProps) =>
  EditorView.contentAttributes.of({
    'aria-label': label, ...(describedBy ? { 'aria-describedby': describedBy } : {}), 'aria-invalid': fault ? 'true' : 'false', 'aria-multiline': 'false', spellcheck: 'false', autocapitalize: 'off',
    ...(disabled ? { 'aria-disabled': 'true' } : {}),
  })

/** One formula in CodeMirror: completes names and functions, marks the first fault in place. Tab leaves it. Loaded lazily. */
export default function FormulaEditor(props: FormulaEditorProps) {
  const { value } = props
  const box = useRef<HTMLDivElement>(null)
  const view = useRef<EditorView>(undefined)
  // The editor lives as long as the page; what the page says now is read through this.
  const said = useRef(props)
  useLayoutEffect(() => {
    said.current = props
  })
  const attributes = useRef(new Compartment())

  useEffect(() => {
    if (!box.current) return undefined
    const editor = new EditorView({ parent: box.current, state: stateFor(said, attributes.current) })
    view.current = editor
    return () => editor.destroy()
  }, [])

  useEffect(() => {
    const editor = view.current
    if (!editor || editor.state.doc.toString() === value) return
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value }, annotations: fromOutside.of(true) })
  }, [value])

  const seen = JSON.stringify([props.label, props.describedBy, props.disabled, props.fault])
  useEffect(() => {
    // Also wakes the marks up when the fields around the formula have changed.
    if (seen) view.current?.dispatch({ effects: attributes.current.reconfigure(attributesOf(said.current)) })
  }, [seen])
  return <div ref={box} className="formula-editor" />
}

function stateFor(said: { readonly current: FormulaEditorProps }, attributes: Compartment): EditorState {
  const complete = (context: CompletionContext) => {
    const { fields, level, nameOf } = said.current
    const { from, to, items } = completionsAt(context.state.doc.toString(), context.pos, fields, level)
    if (items.length === 0 || (!context.explicit && from === context.pos)) return null
    const options = items.map((item): Completion => {
      const name = item.kind === 'name' ? nameOf?.(item.text) : undefined
      const type = item.type ? pickWords(typeName(item.type)) : ''
      return { label: item.text, detail: [name, type].filter(Boolean).join(' · '), apply: item.insert, type: item.kind === 'function' ? 'function' : 'variable' }
    })
    return { from, to, options, filter: false }
  }
  const faults = (view: EditorView): Diagnostic[] => {
    const { fault } = said.current
    const { length } = view.state.doc
    if (!fault || length === 0) return []
    const from = Math.min(fault.at, length - 1)
    return [{ from, to: Math.max(from + 1, Math.min(length, fault.at + Math.max(1, fault.length))), severity: 'error', message: pickWords(fault.says) }]
  }
  return EditorState.create({
    doc: said.current.value,
    extensions: [
      history(), autocompletion({ override: [complete], icons: false }), keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap]),
      EditorView.lineWrapping, placeholderText(said.current.placeholder ?? ''), look, attributes.of(attributesOf(said.current)), EditorState.readOnly.of(said.current.disabled ?? false),
      linter(faults, { delay: 150, needsRefresh: () => true }),
      EditorView.updateListener.of((update) => {
        if (update.docChanged && !update.transactions.some((one) => one.annotation(fromOutside))) said.current.onChange(update.state.doc.toString())
        if (update.focusChanged && update.view.hasFocus && update.state.doc.length === 0) startCompletion(update.view)
      }),
    ],
  })
}
