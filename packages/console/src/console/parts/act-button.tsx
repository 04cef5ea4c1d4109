import { type AdminInput, type AdminOperationName, type AdminOutput, etagOf } from '@lobbykey/contract/admin'
import { Button, type ButtonProps, Group, Stack, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { AdminError } from 'lobbykey-client/admin'
import { type ReactNode, useState } from 'react'
import { useMay } from '../api/account.ts'
import { useAct } from '../api/use-act.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from './dialog.tsx'
import { type Field, Fields, initialValues, type Values } from './fields.tsx'
import { ProblemText, problemText } from './problem-text.tsx'

export interface ActButtonProps<Name extends AdminOperationName> {
  readonly name: Name
  readonly label: string
  /** Describes the effect beforehand. */
  readonly says?: ReactNode
  readonly fields?: readonly Field[]
  readonly input: (values: Values) => AdminInput<Name>
  /** The object as it was read: a colleague's change in between is reported, not overwritten. */
  readonly current?: object
  /** Whether a rehearsal returns the effect on the last day's calls. */
  readonly hasEffects?: boolean
  readonly isDangerous?: boolean
  /** Whether the button is shown. An open dialog stays, for a result that its own operation would hide. */
  readonly isOffered?: boolean
  /** Content of the dialog afterwards; without it the dialog closes. */
  readonly done?: (output: AdminOutput<Name>) => ReactNode
  readonly onDone?: (output: AdminOutput<Name>) => void
  readonly button?: ButtonProps
}

/** A button for an operation, shown to accounts that may run it: its dialog explains the effect, takes input, and shows the result. */
export function ActButton<Name extends AdminOperationName>(props: ActButtonProps<Name>) {
  const { name, label, isDangerous, isOffered = true, button } = props
  const [isOpen, setIsOpen] = useState(false)
  const isAllowed = useMay()(name)
  if (!isAllowed || !(isOffered || isOpen)) return null
  return (
    <>
      <Button variant="default" size="xs" {...(isDangerous ? { className: 'danger' } : {})} {...button} onClick={() => setIsOpen(true)}>
        {label}
      </Button>
      <Dialog title={label} isOpen={isOpen} onClose={() => setIsOpen(false)}>
        <ActForm {...props} onClose={() => setIsOpen(false)} />
      </Dialog>
    </>
  )
}

function ActForm<Name extends AdminOperationName>(props: ActButtonProps<Name> & { readonly onClose: () => void }) {
  const { name, label, says, fields = [], input, current, hasEffects, isDangerous, done, onDone, onClose } = props
  const [values, setValues] = useState(() => initialValues(fields))
  const [output, setOutput] = useState<AdminOutput<Name> | null>(null)
  const [effects, setEffects] = useState<readonly string[] | null>(null)
  const act = useAct(name)
  const queries = useQueryClient()
  const fault = act.problem instanceof AdminError ? { field: act.problem.field, text: problemText(act.problem) } : null
  const isAtField = fault !== null && fields.some((field) => field.name === fault.field)
  const isOutdated = act.problem instanceof AdminError && act.problem.key === 'changed_meanwhile'

  const etag = current === undefined ? null : etagOf(current)
  const options = etag === null ? {} : { ifMatch: etag }
  const rehearse = async () => {
    const rehearsed = (await act.run(input(values), { ...options, validateOnly: true })) as { effects?: string[] } | null
    setEffects(rehearsed?.effects ?? null)
  }
  const submit = async () => {
    const answer = await act.run(input(values), options)
    if (answer === null) return
    onDone?.(answer)
    if (done === undefined) onClose()
    else setOutput(answer)
  }

  if (output !== null && done !== undefined) {
    return (
      <Stack gap="md">
        <div role="status">{done(output)}</div>
        <Group justify="flex-end">
          <Button onClick={onClose} data-autofocus>
            {t.close}
          </Button>
        </Group>
      </Stack>
    )
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <Stack gap="md">
        {says !== undefined && <Text component="div">{says}</Text>}
        <Fields
          fields={fields}
          values={values}
          fault={fault}
          onChange={(field, value) => {
            setValues({ ...values, [field]: value })
            setEffects(null)
          }}
        />
        {effects !== null && <EffectList effects={effects} />}
        {act.problem !== null && !isAtField && <ProblemText problem={act.problem} />}
        {isOutdated && (
          <Button variant="default" onClick={() => void queries.invalidateQueries().then(act.forgetProblem)}>
            {t.act.readAgain}
          </Button>
        )}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            {t.cancel}
          </Button>
          {hasEffects && (
            <Button variant="default" onClick={() => void rehearse()} loading={act.isRunning}>
              {t.act.rehearse}
            </Button>
          )}
          <Button type="submit" loading={act.isRunning} {...(isDangerous ? { color: 'red' } : {})}>
            {label}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

/** The effect that a change would have had on the last day's calls. */
export function EffectList({ effects }: { readonly effects: readonly string[] }) {
  return (
    <div className="note" role="status">
      <strong>{t.act.lastDay}</strong>
      {effects.length === 0 ? (
        <p>{t.act.noEffect}</p>
      ) : (
        <ul>
          {effects.map((effect) => (
            <li key={effect}>{effect}</li>
          ))}
        </ul>
      )}
    </div>
  )
}
