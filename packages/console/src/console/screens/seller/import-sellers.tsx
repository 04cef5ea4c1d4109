import type { AdminOutput } from '@lobbykey/contract/admin'
import { Button, Group, Stack } from '@mantine/core'
import { useState } from 'react'
import { useMay } from '../../api/account.ts'
import { useAct } from '../../api/use-act.ts'
import { Dialog } from '../../parts/dialog.tsx'
import { Fields, type Values } from '../../parts/fields.tsx'
import { FileButton } from '../../parts/file-button.tsx'
import { ProblemText } from '../../parts/problem-text.tsx'
import { t } from '../../texts/texts.ts'

type Outcome = AdminOutput<'seller.import'>

/** Imports sellers from a file, after a dry run. */
export function ImportSellers() {
  const [isOpen, setIsOpen] = useState(false)
  if (!useMay()('seller.import')) return null
  return (
    <>
      <Button variant="default" size="xs" onClick={() => setIsOpen(true)}>
        {t.sellers.import}
      </Button>
      <Dialog title={t.sellers.import} isOpen={isOpen} onClose={() => setIsOpen(false)}>
        <ImportForm onClose={() => setIsOpen(false)} />
      </Dialog>
    </>
  )
}

function ImportForm({ onClose }: { readonly onClose: () => void }) {
  const [values, setValues] = useState<Values>({ form: 'csv', text: '' })
  const [outcome, setOutcome] = useState<{ readonly isTrial: boolean; readonly result: Outcome } | null>(null)
  const act = useAct('seller.import')
  const run = async (isTrial: boolean) => {
    const result = await act.run({ form: values.form as 'csv', text: values.text ?? '' }, { validateOnly: isTrial })
    setOutcome(result === null ? null : { isTrial, result })
  }
  const isTried = outcome?.isTrial === true
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void run(!isTried)
      }}
    >
      <Stack gap="md">
        <p>{t.sellers.importSays}</p>
        <Fields
          fields={[
            {
              name: 'form',
              label: t.sellers.format,
              kind: 'choice',
              choices: [
                { value: 'csv', label: 'CSV' },
                { value: 'ndjson', label: 'JSON' },
              ],
            },
            { name: 'text', label: t.sellers.lines, says: t.sellers.linesSays, kind: 'long', isRequired: true },
          ]}
          values={values}
          onChange={(name, value) => {
            setValues({ ...values, [name]: value })
            setOutcome(null)
          }}
        />
        <FileButton
          label={t.sellers.file}
          accept=".csv,.json,.ndjson,.txt"
          onFile={async (file) => {
            setValues({ ...values, text: await file.text() })
            setOutcome(null)
          }}
        />
        {outcome !== null && <ImportOutcome {...outcome} />}
        {act.problem !== null && <ProblemText problem={act.problem} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            {outcome !== null && !outcome.isTrial ? t.close : t.cancel}
          </Button>
          {(outcome === null || outcome.isTrial) && (
            <Button type="submit" loading={act.isRunning}>
              {isTried ? t.sellers.import : t.sellers.try}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  )
}

function ImportOutcome({ isTrial, result }: { readonly isTrial: boolean; readonly result: Outcome }) {
  const { added, existing, refused } = result
  return (
    <div className="note" role="status">
      <p>{isTrial ? t.sellers.wouldImport(added, existing) : t.sellers.imported(added, existing)}</p>
      {refused.length > 0 && (
        <ul>
          {refused.map(({ line, reason }) => (
            <li key={line}>{t.sellers.refusedLine(line, reason)}</li>
          ))}
        </ul>
      )}
    </div>
  )
}
