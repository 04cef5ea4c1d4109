import { CopyText } from '../../shared/copy-text.tsx'
import { t } from '../texts/texts.ts'

/** A secret that is shown once. */
export function SecretText({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <div className="secret">
      <strong>{label}</strong>
      <code>{text}</code>
      <CopyText text={text} label={t.copy} />
      <p>{t.shownOnce}</p>
    </div>
  )
}
