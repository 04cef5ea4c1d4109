import { Button } from '@mantine/core'
import { lazy, Suspense, useState } from 'react'
import { CopyText } from '../../shared/copy-text.tsx'
import { t } from '../texts/texts.ts'
import type { Field } from './fields.tsx'
import { Skeleton } from './skeleton.tsx'
import { Time } from './time.tsx'

/** With the library that draws it. */
const QrPicture = lazy(async () => ({ default: (await import('./qr-picture.tsx')).QrPicture }))

/** A secret, shown once; a link also as a picture for a phone. */
export function SecretText({ label, text }: { readonly label: string; readonly text: string }) {
  const [isDrawn, setIsDrawn] = useState(false)
  const isLink = /^https?:/.test(text)
  return (
    <div className="secret">
      <strong>{label}</strong>
      <code>{text}</code>
      <div className="actions">
        <CopyText text={text} label={t.copy} done={t.copied} />
        {isLink && (
          <Button variant="subtle" size="compact-xs" aria-expanded={isDrawn} onClick={() => setIsDrawn(!isDrawn)}>
            {t.qr.label}
          </Button>
        )}
      </div>
      {isDrawn && (
        <Suspense fallback={<Skeleton rows={2} />}>
          <QrPicture text={text} label={t.qr.label} />
          <p className="soft small">{t.qr.says}</p>
        </Suspense>
      )}
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
