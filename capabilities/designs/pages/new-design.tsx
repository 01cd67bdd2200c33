import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api } from '../../../web/api/client.ts'
import { q, useWrite } from '../../../web/api/queries.ts'
import { pickWords } from '../../../web/i18n.ts'
import { useGo, useQueryPart } from '../../../web/shell/address.ts'
import { myUnits, useMe } from '../../../web/shell/me.ts'
import { Button } from '../../../web/ui/button.tsx'
import { errorAt, Field } from '../../../web/ui/field.tsx'
import { Choice, Select, TextInput } from '../../../web/ui/inputs.tsx'
import { Failure, Loaded } from '../../../web/ui/notes.tsx'
import { Page } from '../../../web/ui/page.tsx'
import { freeCode } from '../edit.ts'
import { WordsInput } from './words-input.tsx'

type Kind = 'empty' | 'form' | 'pack' | 'file'
const kinds: readonly Kind[] = ['empty', 'form', 'pack', 'file']
const largest = 2.5 * 1024 * 1024

/** Begins a design: from nothing, from a registered form, from an applied pack, or from a pack file. */
export default function NewDesign() {
  const { t } = useTranslation('designs')
  const go = useGo()
  const units = myUnits(useMe(), 'form.register')
  const [fromForm] = useQueryPart('form')
  const [kind, setKind] = useState<Kind>(fromForm ? 'form' : 'empty')
  const [unit, setUnit] = useState(String(units[0]?.id ?? ''))
  const [title, setTitle] = useState({ zh: '', en: '' })
  const [code, setCode] = useState('')
  const [form, setForm] = useState(fromForm)
  const [pack, setPack] = useState('')
  const [file, setFile] = useState<{ name: string; zip: string }>()
  const [tried, setTried] = useState(false)
  const [tooLarge, setTooLarge] = useState(false)
  const forms = useQuery({ ...q.ledgers.forms.queryOptions({ input: { limit: 500 } }), enabled: kind === 'form' })
  const packs = useQuery({ ...q.designs.packs.queryOptions({ input: {} }), enabled: kind === 'pack' })
  const create = useWrite(api.designs.create, { refresh: [q.designs.key()], onSuccess: ({ id }) => go(`/designs/${id}`) })
  const usedCode = code || freeCode(title.en === title.zh ? '' : title.en, new Set(), 'new-form', 'hyphen')
  const whole = { empty: title.zh.trim() !== '' && /^[a-z0-9][a-z0-9-]{0,79}$/.test(usedCode), form: form !== '', pack: pack !== '', file: file !== undefined }[kind]
  const missing = (what: Kind) => (tried && kind === what && !whole ? t(`new.missing.${what}`) : undefined)
  const send = () => {
    setTried(true)
    if (!whole) return
    const from =
      kind === 'empty' ? { kind, title: { zh: title.zh.trim(), en: title.en.trim() || title.zh.trim() }, code: usedCode }
      : kind === 'form' ? { kind, form }
      : kind === 'pack' ? { kind, pack }
      : { kind, zip: file!.zip }
    create.mutate({ unit: Number(unit), from })
  }
  const take = async (chosen: File | undefined) => {
    setTooLarge(false)
    if (!chosen) return
    if (chosen.size > largest) return setTooLarge(true)
    const bytes = new Uint8Array(await chosen.arrayBuffer())
    let text = ''
    for (let at = 0; at < bytes.length; at += 8_192) text += String.fromCharCode(...bytes.subarray(at, at + 8_192))
    setFile({ name: chosen.name, zip: btoa(text) })
  }
  return (
    <Page title={t('new.title')} lead={t('new.lead')} narrow crumbs={[{ to: '/designs', label: t('list.title') }]}>
      <form
        className="panel form" noValidate
        onSubmit={(event) => {
          event.preventDefault()
          send()
        }}
      >
        {units.length > 1 && <Field label={t('new.unit')}><Select value={unit} options={units.map((one) => ({ value: String(one.id), label: one.name }))} onChange={setUnit} /></Field>}
        <Field label={t('new.from')} group>
          <Choice value={kind} onChange={(next) => setKind(kinds.find((one) => one === next) ?? 'empty')} options={kinds.map((value) => ({ value, label: t(`new.kind.${value}`), hint: t(`new.hint.${value}`) }))} />
        </Field>
        {kind === 'empty' && (
          <>
            <WordsInput label={t('new.name')} value={title} onChange={setTitle} required error={missing('empty')} />
            <Field label={t('new.code')} hint={t('new.codeHint')} error={errorAt(create.error, 'content.head.code') ?? errorAt(create.error, 'from.code')}><TextInput value={code} placeholder={usedCode} onChange={(next) => setCode(next.toLowerCase().replace(/[^a-z0-9-]/g, ''))} maxLength={80} spellCheck={false} /></Field>
          </>
        )}
        {kind === 'form' && (
          <Loaded query={forms}>
            {({ rows }) => <Field label={t('new.form')} required error={missing('form')}><Select value={form} empty={t('new.choose')} options={rows.map((row) => ({ value: row.code, label: `${pickWords(row.name)}（${row.code}，v${row.version}）` }))} onChange={setForm} /></Field>}
          </Loaded>
        )}
        {kind === 'pack' && (
          <Loaded query={packs}>
            {({ rows }) => <Field label={t('new.pack')} required error={missing('pack')}><Select value={pack} empty={t('new.choose')} options={rows.map((row) => ({ value: row.code, label: `${pickWords(row.title)}（${row.code} ${row.version}）` }))} onChange={setPack} /></Field>}
          </Loaded>
        )}
        {kind === 'file' && (
          <Field label={t('new.file')} hint={file ? t('new.fileChosen', { name: file.name }) : t('new.fileHint')} required error={tooLarge ? t('new.fileTooLarge') : missing('file')}>
            <FilePick onTake={(chosen) => void take(chosen)} />
          </Field>
        )}
        <Failure problem={create.error} />
        <div className="row end"><Button kind="main" type="submit" pending={create.isPending}>{t('new.begin')}</Button></div>
      </form>
    </Page>
  )
}

function FilePick({ onTake }: { onTake: (file: File | undefined) => void }) {
  const { t } = useTranslation('designs')
  return <input type="file" className="input" accept=".zip,application/zip" aria-label={t('new.file')} onChange={(event) => onTake(event.target.files?.[0])} />
}
