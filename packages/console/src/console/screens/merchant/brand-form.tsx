import { type AdminInput, type AdminOutput, logoBytesMax } from '@lobbykey/contract/admin'
import { Button, Group } from '@mantine/core'
import { AdminError } from 'lobbykey-client/admin'
import { useState } from 'react'
import { useMay } from '../../api/account.ts'
import { useAct } from '../../api/use-act.ts'
import { useRead } from '../../api/use-read.ts'
import { ActButton } from '../../parts/act-button.tsx'
import { type Field, Fields, initialValues, type Values } from '../../parts/fields.tsx'
import { FileButton } from '../../parts/file-button.tsx'
import { Facts, Section } from '../../parts/page.tsx'
import { ProblemText, problemText } from '../../parts/problem-text.tsx'
import { Skeleton } from '../../parts/skeleton.tsx'
import { t } from '../../texts/texts.ts'

/** The ID of the brand for merchants without their own. */
export const forAll = '*'

type Brand = AdminOutput<'brand.show'>

/** How players see a merchant, or all that have no brand of their own. */
export function BrandSection({ agentId }: { readonly agentId: string }) {
  const isMay = useMay()
  const { data, error } = useRead('brand.show', { agentId })
  // A removed brand starts the form anew.
  const [round, setRound] = useState(0)
  const isMissing = error instanceof AdminError && error.key === 'not_found'
  if (error !== null && !isMissing) return <ProblemText problem={error} />
  if (data === undefined && !isMissing) return <Skeleton />
  const brand = isMissing || data === undefined ? null : data
  const [title, says] = agentId === forAll ? [t.brand.forAll, t.brand.forAllSays] : [t.brand.title, t.brand.says]
  const removal = brand !== null && (
    <ActButton
      name="brand.remove"
      label={t.brand.remove}
      says={agentId === forAll ? t.brand.removeForAllSays : t.brand.removeSays}
      input={() => ({ agentId })}
      isDangerous
      onDone={() => setRound(round + 1)}
    />
  )
  return (
    <Section title={title} says={says} actions={removal}>
      {isMay('brand.set') ? <BrandForm key={round} agentId={agentId} brand={brand} /> : <BrandFacts brand={brand} />}
    </Section>
  )
}

function BrandFacts({ brand }: { readonly brand: Brand | null }) {
  if (brand === null) return <p className="empty">{t.brand.none}</p>
  const logo = brand.logo === null ? t.none : <Logo url={urlOf(brand.logo)} />
  return <Facts facts={[...fieldsOf(brand).map(({ label, initial }) => [label, initial || t.none] as const), [t.brand.logo, logo]]} />
}

function BrandForm({ agentId, brand }: { readonly agentId: string; readonly brand: Brand | null }) {
  const fields = fieldsOf(brand)
  // As it was when the form was opened: later refreshes do not overwrite input.
  const [read, setRead] = useState<Values>({ ...initialValues(fields), logo: urlOf(brand?.logo ?? null) })
  const [values, setValues] = useState(read)
  const [adjustments, setAdjustments] = useState(brand?.adjustments ?? [])
  const [isSaved, setIsSaved] = useState(false)
  const [isTooLarge, setIsTooLarge] = useState(false)
  const { logo = '' } = values
  const act = useAct('brand.set')
  const changed = Object.entries(values).filter(([name, value]) => value !== read[name])
  const fault = act.problem instanceof AdminError ? { field: act.problem.field, text: problemText(act.problem) } : null
  const isAtField = fault !== null && fields.some(({ name }) => name === fault.field)
  const change = (name: string, value: string) => {
    setValues((now) => ({ ...now, [name]: value }))
    setIsSaved(false)
    setIsTooLarge(false)
  }
  const save = async () => {
    const sent = changed.map(([name, value]) => [name, value.trim() === '' ? null : name === 'logo' ? dataOf(value) : value.trim()])
    const answer = await act.run({ agentId, ...Object.fromEntries(sent) } as AdminInput<'brand.set'>)
    if (answer === null) return
    // The server rewrites colours and links.
    const saved: Values = { ...initialValues(fieldsOf(answer)), logo }
    setRead(saved)
    setValues(saved)
    setAdjustments(answer.adjustments)
    setIsSaved(true)
  }
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <Fields fields={fields} values={values} fault={fault} onChange={change} />
      <div>
        <p className="field-name">{t.brand.logo}</p>
        <p className="soft small">{t.brand.logoSays}</p>
        {logo !== '' && <Logo url={logo} ground={values.headerColor} />}
        <Group gap="sm" mt="xs">
          <FileButton
            label={t.brand.chooseLogo}
            accept=".png,.webp"
            onFile={(file) => {
              if (file.size > logoBytesMax) setIsTooLarge(true)
              else void readUrl(file).then((url) => change('logo', url))
            }}
          />
          {logo !== '' && (
            <Button variant="default" size="xs" onClick={() => change('logo', '')}>
              {t.brand.removeLogo}
            </Button>
          )}
        </Group>
        {isTooLarge && (
          <p role="alert" className="problem">
            {t.brand.tooLarge(logoBytesMax / 1024)}
          </p>
        )}
      </div>
      {adjustments.length > 0 && (
        <ul className="warnings">
          {adjustments.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
      {act.problem !== null && !isAtField && <ProblemText problem={act.problem} />}
      <Group gap="sm">
        <Button type="submit" loading={act.isRunning} disabled={changed.length === 0}>
          {t.save}
        </Button>
        {isSaved && <span role="status">{t.brand.saved}</span>}
      </Group>
    </form>
  )
}

function fieldsOf(brand: Omit<Brand, 'logo'> | null): (Field & { readonly initial: string })[] {
  const names = ['title', 'accentColor', 'headerColor', 'supportUrl'] as const
  return names.map((name) => {
    const [label = '', says = ''] = t.brand.fields[name]
    return { name, label, says, kind: name.endsWith('Color') ? 'color' : 'text', initial: brand?.[name] ?? '' }
  })
}

/** On the header's colour, as players see it. */
function Logo({ url, ground = '' }: { readonly url: string; readonly ground?: string | undefined }) {
  return (
    <p className="logo-shown" style={{ background: ground }}>
      <img src={url} alt={t.brand.logo} />
    </p>
  )
}

function urlOf(logo: Brand['logo']): string {
  return logo === null ? '' : `data:${logo.type};base64,${logo.data}`
}

function dataOf(url: string): string {
  return url.slice(url.indexOf(',') + 1)
}

function readUrl(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result))
    reader.onerror = () => reject(reader.error)
    reader.readAsDataURL(file)
  })
}
