import { useParams } from '@tanstack/react-router'
import { useRead } from '../api/use-read.ts'
import { Page, Section } from '../parts/page.tsx'
import { ProblemText } from '../parts/problem-text.tsx'
import { Skeleton } from '../parts/skeleton.tsx'
import { Table } from '../parts/table.tsx'
import { t } from '../texts/texts.ts'
import { Activity, limitColumns, Names } from './catalogue.tsx'

/** A game with its tables and bet limits. */
export function GameScreen() {
  const { gameId = '' } = useParams({ strict: false }) as { gameId?: string }
  const { data: game, error } = useRead('catalogue.game', { gameId })
  if (error !== null && game?.gameId !== gameId) return <ProblemText problem={error} />
  if (game === undefined || game.gameId !== gameId) return <Skeleton />
  return (
    <Page title={gameId} says={<Names names={game.names} />}>
      <Section title={t.catalogue.tables}>
        <Table
          label={t.catalogue.tables}
          items={game.tables}
          keyOf={({ instId }) => instId}
          columns={[
            { title: t.catalogue.instId, cell: ({ instId }) => instId },
            { title: t.catalogue.names, cell: ({ names }) => <Names names={names} /> },
            { title: t.catalogue.status, cell: ({ status }) => <Activity status={status} /> },
          ]}
        />
      </Section>
      <Section title={t.catalogue.limits}>
        <Table
          label={t.catalogue.limits}
          items={game.limits}
          keyOf={({ redId, currency }) => `${currency} ${redId}`}
          columns={limitColumns()}
        />
      </Section>
    </Page>
  )
}
