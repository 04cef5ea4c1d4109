import { type AdminOutput, rights } from '@lobbykey/contract/admin'
import { Button, Stack } from '@mantine/core'
import { useState } from 'react'
import { useAccount } from '../api/account.ts'
import { useAct } from '../api/use-act.ts'
import { Fields } from '../parts/fields.tsx'
import { Facts, Page, Section } from '../parts/page.tsx'
import { ProblemText } from '../parts/problem-text.tsx'
import { Time } from '../parts/time.tsx'
import { t } from '../texts/texts.ts'

type Request = AdminOutput<'connection.show'>
type Outcome = 'allowed' | 'denied'

/**
 * Lets a program that shows a code have a token. The code is typed here and is in no link: otherwise whoever sends a link could have somebody else's
 * program let in.
 */
export function ConnectScreen() {
  const [request, setRequest] = useState<Request | null>(null)
  const [outcome, setOutcome] = useState<Outcome | null>(null)
  return (
    <Page title={t.connect.title} says={t.connect.says}>
      {outcome !== null ? (
        <section className="panel" aria-label={t.connect.title}>
          <p role="status">{outcome === 'allowed' ? t.connect.allowed : t.connect.denied}</p>
        </section>
      ) : request === null ? (
        <CodeForm onFound={setRequest} />
      ) : (
        <Decision request={request} onDecided={setOutcome} onBack={() => setRequest(null)} />
      )}
    </Page>
  )
}

function CodeForm({ onFound }: { readonly onFound: (request: Request) => void }) {
  const [userCode, setUserCode] = useState('')
  const { run, isRunning, problem } = useAct('connection.show')
  const submit = async () => {
    const request = await run({ userCode })
    if (request !== null) onFound(request)
  }
  return (
    <section className="panel" aria-label={t.connect.title}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit()
        }}
      >
        <Stack gap="md">
          <Fields
            fields={[{ name: 'userCode', label: t.connect.code, says: t.connect.codeSays, isRequired: true }]}
            values={{ userCode }}
            onChange={(_name, value) => setUserCode(value)}
          />
          {problem !== null && <ProblemText problem={problem} />}
          <div className="actions">
            <Button type="submit" loading={isRunning}>
              {t.connect.next}
            </Button>
          </div>
        </Stack>
      </form>
    </section>
  )
}

interface DecisionProps {
  readonly request: Request
  readonly onDecided: (outcome: Outcome) => void
  readonly onBack: () => void
}

function Decision({ request, onDecided, onBack }: DecisionProps) {
  const { userCode, missingRights } = request
  const account = useAccount()
  const [allow, deny] = [useAct('connection.allow'), useAct('connection.deny')]
  const problem = allow.problem ?? deny.problem
  const isRunning = allow.isRunning || deny.isRunning
  return (
    <Section title={t.connect.who} says={t.connect.compare}>
      <p className="secret">
        <code>{userCode}</code>
      </p>
      <Facts
        facts={[
          [t.connect.host, request.host],
          [t.connect.user, request.user],
          [t.connect.address, request.address ?? t.none],
          [t.account.tokenName, request.name],
          [t.connect.actsAs, account.email],
          [t.operators.merchants, request.agentIds?.join(', ') ?? t.operators.all],
          [t.account.days, request.days],
          [t.account.tokenConfirmed, request.allowConfirmed ? t.yes : t.no],
          [t.connect.asked, <Time key="asked" at={request.requestedAt} />],
          [t.connect.until, <Time key="until" at={request.expiresAt} />],
        ]}
      />
      <p>
        <strong>{t.connect.mayDo}</strong>
      </p>
      <RightList names={request.rights} />
      {missingRights.length > 0 && (
        <div className="problem">
          {t.connect.missing}
          <RightList names={missingRights} />
        </div>
      )}
      {problem !== null && <ProblemText problem={problem} />}
      <div className="actions">
        <Button
          loading={isRunning}
          disabled={missingRights.length > 0}
          onClick={() => void allow.run({ userCode }).then((done) => done !== null && onDecided('allowed'))}
        >
          {t.connect.allow}
        </Button>
        <Button
          variant="default"
          className="danger"
          loading={isRunning}
          onClick={() => void deny.run({ userCode }).then((done) => done !== null && onDecided('denied'))}
        >
          {t.connect.deny}
        </Button>
        <Button variant="default" onClick={onBack}>
          {t.connect.otherCode}
        </Button>
      </div>
    </Section>
  )
}

function RightList({ names }: { readonly names: readonly string[] }) {
  return (
    <ul>
      {names.map((name) => (
        <li key={name}>
          <code>{name}</code> {rights[name as keyof typeof rights]}
        </li>
      ))}
    </ul>
  )
}
