import { type AdminOutput, importInParts, isTable } from '@lobbykey/contract/admin'
import { Button, Group, Stack } from '@mantine/core'
import { useState } from 'react'
import { useMay } from '../api/account.ts'
import { admin } from '../api/client.ts'
import { useAct } from '../api/use-act.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from './dialog.tsx'
import { Fields, type Values } from './fields.tsx'
import { TextFileButton } from './file-button.tsx'
import { ProblemText } from './problem-text.tsx'

type Outcome = AdminOutput<'seller.import'>

/** The whole list would be longer than anyone reads. */
const shownRefusals = 100

export interface ImportLinesProps {
  readonly name: 'seller.import' | 'member.import'
  /** What else each call takes. */
  readonly target?: { readonly agentId: string }
  readonly label: string
  readonly says: string
  readonly linesSays: string
}

/** Imports lines from a file, after a dry run. */
export function ImportLines(props: ImportLinesProps) {
  const [isOpen, setIsOpen] = useState(false)
  if (!useMay()(props.name)) return null
  return (
    <>
      <Button variant="default" size="xs" onClick={() => setIsOpen(true)}>
        {props.label}
      </Button>
      <Dialog title={props.label} isOpen={isOpen} onClose={() => setIsOpen(false)}>
        <ImportForm {...props} onClose={() => setIsOpen(false)} />
      </Dialog>
    </>
  )
}

function ImportForm({ name, target, label, says, linesSays, onClose }: ImportLinesProps & { readonly onClose: () => void }) {
  const [values, setValues] = useState<Values>({ form: 'csv', text: '' })
  const [outcome, setOutcome] = useState<{ readonly isTrial: boolean; readonly result: Outcome } | null>(null)
  const act = useAct(name, ({ form, text }, options) =>
    // A file name says which form was chosen, as on the command line.
    importInParts(`lines.${form}`, [text], (lines) => admin.run(name, { ...target, ...lines }, options)),
  )
  const change = (changed: Values) => {
    setValues({ ...values, ...changed })
    setOutcome(null)
    act.forgetProblem()
  }
  const run = async (isTrial: boolean) => {
    const result = await act.run({ ...target, form: values.form as 'csv', text: values.text ?? '' }, { validateOnly: isTrial })
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
        <p>{says}</p>
        <Fields
          fields={[
            {
              name: 'form',
              label: t.importLines.format,
              kind: 'choice',
              choices: [
                { value: 'csv', label: 'CSV' },
                { value: 'ndjson', label: 'JSON' },
              ],
            },
            { name: 'text', label: t.importLines.lines, says: linesSays, kind: 'long', isRequired: true },
          ]}
          values={values}
          onChange={(field, value) => change({ [field]: value })}
        />
        <TextFileButton
          label={t.importLines.file}
          onText={(text, file) => change({ text, form: isTable(file, text) ? 'csv' : 'ndjson' })}
        />
        {outcome !== null && <ImportOutcome {...outcome} />}
        {act.problem !== null && <ProblemText problem={act.problem} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            {outcome !== null && !outcome.isTrial ? t.close : t.cancel}
          </Button>
          {(outcome === null || outcome.isTrial) && (
            <Button type="submit" loading={act.isRunning}>
              {isTried ? label : t.importLines.try}
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
      <p>{isTrial ? t.importLines.wouldImport(added, existing) : t.importLines.imported(added, existing)}</p>
      {refused.length > 0 && (
        <>
          <p>{t.importLines.refused(refused.length)}</p>
          <ul>
            {refused.slice(0, shownRefusals).map(({ line, reason }) => (
              <li key={line}>{t.importLines.refusedLine(line, reason)}</li>
            ))}
            {refused.length > shownRefusals && <li>{t.importLines.moreRefused(refused.length - shownRefusals)}</li>}
          </ul>
        </>
      )}
    </div>
  )
}
