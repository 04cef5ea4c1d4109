import { CopyText } from '../../shared/copy-text.tsx'
import { t } from '../texts/texts.ts'
import type { Field } from './fields.tsx'
import { Time } from './time.tsx'

/** A secret, shown once. */
export function SecretText({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <div className="secret">
      <strong>{label}</strong>
      <code>{text}</code>
      <CopyText text={text} label={t.copy} done={t.copied} />
      <p>{t.shownOnce}</p>
    </div>
  )
}

/** Whether a new secret goes to its recipient by a one-time link instead of being shown. */
export function handOverField(): Field {
  return { name: 'handOver', label: t.handOver.label, says: t.handOver.says, kind: 'check' }
}

export interface NewSecretProps {
  readonly label: string
  readonly secret: string | undefined
  readonly handOver: { readonly url: string; readonly expiresAt: string } | undefined
}

/** A new secret, or the link to it. */
export function NewSecret({ label, secret, handOver }: NewSecretProps) {
  if (secret !== undefined) return <SecretText label={label} text={secret} />
  if (handOver === undefined) return null
  return (
    <>
      <SecretText label={t.handOver.link} text={handOver.url} />
      <p>
        {t.handOver.until} <Time at={handOver.expiresAt} />
      </p>
    </>
  )
}
