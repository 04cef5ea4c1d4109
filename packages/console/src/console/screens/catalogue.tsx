import { type AdminOutput, isTable } from '@lobbykey/contract/admin'
import { Button, Group, Stack } from '@mantine/core'
import { useState } from 'react'
import { useMay } from '../api/account.ts'
import { admin } from '../api/client.ts'
import { useAct } from '../api/use-act.ts'
import { useRead } from '../api/use-read.ts'
import { saveFile } from '../parts/csv.ts'
import { DataList } from '../parts/data-list.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { Fields, type Values } from '../parts/fields.tsx'
import { TextFileButton } from '../parts/file-button.tsx'
import { FilterRow } from '../parts/filter-row.tsx'
import { Joined } from '../parts/joined.tsx'
import { Page, Section, State } from '../parts/page.tsx'
import { PageLink, pathOf } from '../parts/page-link.tsx'
import { ProblemText } from '../parts/problem-text.tsx'
import { decimal, number } from '../parts/time.tsx'
import { useSearchFields } from '../parts/use-search-fields.ts'
import { t } from '../texts/texts.ts'

/** Games, tables and bet limits. */
export function CatalogueScreen() {
  const { data: counts } = useRead('catalogue.show', {})
  return (
    <Page
      title={t.pages.catalogue}
      says={t.catalogue.says}
      actions={
        <>
          <ExportCatalogue />
          <ImportCatalogue />
        </>
      }
    >
      {counts !== undefined && (
        <div className="numbers">
          {(['games', 'tables', 'limits'] as const).map((name) => (
            <div key={name}>
              <strong>{number(counts[name])}</strong>
              <span>{t.catalogue[name]}</span>
            </div>
          ))}
        </div>
      )}
      <Section title={t.catalogue.games}>
        <DataList
          name="catalogue.games"
          input={{}}
          label={t.catalogue.games}
          keyOf={({ gameId }) => gameId}
          empty={t.catalogue.empty}
          columns={[
            { title: t.catalogue.gameId, cell: ({ gameId }) => <PageLink to={pathOf('catalogue', gameId)}>{gameId}</PageLink> },
            { title: t.catalogue.names, cell: ({ names }) => <Names names={names} /> },
          ]}
        />
      </Section>
      <Limits />
    </Page>
  )
}

/** A name in each language. */
export function Names({ names }: { readonly names: Readonly<Record<string, string>> }) {
  return (
    <Joined
      texts={Object.entries(names).map(([language, name]) => (
        <>
          <bdi>{name}</bdi> ({language})
        </>
      ))}
    />
  )
}

type Limit = AdminOutput<'catalogue.game'>['limits'][number]

export const limitColumns = () => [
  { title: t.catalogue.redId, cell: ({ redId }: Limit) => redId },
  { title: t.catalogue.gameId, cell: ({ gameId }: Limit) => gameId },
  { title: t.catalogue.currency, cell: ({ currency }: Limit) => currency },
  { title: t.catalogue.min, isNumber: true, cell: ({ minLimit }: Limit) => decimal(minLimit) },
  { title: t.catalogue.max, isNumber: true, cell: ({ maxLimit }: Limit) => decimal(maxLimit) },
  { title: t.catalogue.status, cell: ({ status }: Limit) => <Activity status={status} /> },
]

export function Activity({ status }: { readonly status: number }) {
  return status === 1 ? <State tone="good">{t.catalogue.active}</State> : <State tone="plain">{t.catalogue.inactive}</State>
}

function Limits() {
  const [{ currency, gameId }] = useSearchFields()
  return (
    <Section title={t.catalogue.limits}>
      <FilterRow
        fields={[
          { name: 'currency', label: t.catalogue.currency },
          { name: 'gameId', label: t.catalogue.gameId },
        ]}
      />
      <DataList
        name="catalogue.limits"
        input={{ ...(currency ? { currency } : {}), ...(gameId ? { gameId } : {}) }}
        label={t.catalogue.limits}
        keyOf={({ redId, gameId, currency }) => `${currency} ${gameId} ${redId}`}
        empty={t.catalogue.noLimits}
        columns={limitColumns()}
      />
    </Section>
  )
}

function ExportCatalogue() {
  const [problem, setProblem] = useState<unknown>(null)
  const save = async () => {
    setProblem(null)
    try {
      const { text } = await admin.run('catalogue.export', { form: 'json' })
      saveFile('catalogue.json', text, 'application/json')
    } catch (error) {
      setProblem(error)
    }
  }
  return (
    <>
      {problem !== null && <ProblemText problem={problem} />}
      <Button variant="default" size="xs" onClick={() => void save()}>
        {t.catalogue.export}
      </Button>
    </>
  )
}

/** Replaces the catalogue, after showing the difference. */
function ImportCatalogue() {
  const [isOpen, setIsOpen] = useState(false)
  if (!useMay()('catalogue.import')) return null
  return (
    <>
      <Button variant="default" size="xs" onClick={() => setIsOpen(true)}>
        {t.catalogue.import}
      </Button>
      <Dialog title={t.catalogue.import} isOpen={isOpen} onClose={() => setIsOpen(false)}>
        <ImportForm onClose={() => setIsOpen(false)} />
      </Dialog>
    </>
  )
}

type Outcome = AdminOutput<'catalogue.import'>

function ImportForm({ onClose }: { readonly onClose: () => void }) {
  const [values, setValues] = useState<Values>({ form: 'json', text: '' })
  const [tried, setTried] = useState<Outcome | null>(null)
  const [isDone, setIsDone] = useState(false)
  const act = useAct('catalogue.import')
  const run = async () => {
    const isTrial = tried === null
    const told = await act.run({ form: values.form as 'json', text: values.text ?? '' }, { validateOnly: isTrial })
    if (told === null) return
    setTried(told)
    setIsDone(!isTrial)
  }
  const change = (changed: Values) => {
    setValues({ ...values, ...changed })
    setTried(null)
    setIsDone(false)
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        void run()
      }}
    >
      <Stack gap="md">
        <p>{t.catalogue.importSays}</p>
        <Fields
          fields={[
            {
              name: 'form',
              label: t.catalogue.format,
              kind: 'choice',
              choices: [
                { value: 'json', label: 'JSON' },
                { value: 'csv', label: 'CSV' },
              ],
            },
            { name: 'text', label: t.catalogue.file, kind: 'long', isRequired: true },
          ]}
          values={values}
          onChange={(name, value) => change({ [name]: value })}
        />
        <TextFileButton
          label={t.catalogue.fromFile}
          onText={(text, file) => change({ text, form: isTable(file, text) ? 'csv' : 'json' })}
        />
        {tried !== null && <Difference difference={tried.difference} />}
        {isDone && <p role="status">{t.catalogue.replaced}</p>}
        {act.problem !== null && <ProblemText problem={act.problem} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            {isDone ? t.close : t.cancel}
          </Button>
          {!isDone && (
            <Button type="submit" loading={act.isRunning}>
              {tried === null ? t.catalogue.try : t.catalogue.import}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  )
}

function Difference({ difference }: { readonly difference: Outcome['difference'] }) {
  const lines = (['games', 'tables', 'limits'] as const).flatMap((name) => {
    const { added, removed, changed } = difference[name]
    return [
      ...added.map((item) => `${t.catalogue[name]} ${item}: ${t.catalogue.added}`),
      ...removed.map((item) => `${t.catalogue[name]} ${item}: ${t.catalogue.removed}`),
      ...changed.map(({ item, fields }) => `${t.catalogue[name]} ${item}: ${t.catalogue.changed}, ${JSON.stringify(fields)}`),
    ]
  })
  return (
    <div className="note" role="status">
      <strong>{t.catalogue.difference}</strong>
      {lines.length === 0 ? (
        <p>{t.catalogue.noDifference}</p>
      ) : (
        <ul>
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </div>
  )
}
