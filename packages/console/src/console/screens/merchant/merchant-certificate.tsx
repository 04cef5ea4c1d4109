import type { AdminOutput } from '@lobbykey/contract/admin'
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import { useRead } from '../../api/use-read.ts'
import { Section, State } from '../../parts/page.tsx'
import { ProblemText } from '../../parts/problem-text.tsx'
import { Skeleton } from '../../parts/skeleton.tsx'
import { Time } from '../../parts/time.tsx'
import { t } from '../../texts/texts.ts'

type Certificate = AdminOutput<'merchant.certificate'>
type Item = Certificate['items'][number]

/** While it is watched, calls tick it. */
const everyMs = 5_000

const marks = { seen: '✓', missing: '○', wrong: '✗', 'not-needed': '–' } as const

/** A merchant's go-live certificate, ticked from real calls. Prints on one page. */
export function MerchantCertificate({ agentId }: { readonly agentId: string }) {
  const { data, error } = useRead('merchant.certificate', { agentId }, { everyMs })
  if (data?.agentId !== agentId) return error === null ? <Skeleton /> : <ProblemText problem={error} />
  const open = data.items.filter(({ todo }) => todo !== null).length
  return (
    <Section
      title={t.certificate.title(agentId)}
      says={
        <>
          <State tone={data.isComplete ? 'good' : 'warn'}>
            {data.isComplete ? t.certificate.complete : t.certificate.open(open, data.items.length)}
          </State>{' '}
          <span className="small">
            {t.certificate.asOf} <Time at={data.at} />
          </span>
        </>
      }
      actions={
        <Button variant="default" size="xs" onClick={() => print()}>
          {t.certificate.print}
        </Button>
      }
    >
      <p className="soft">{t.certificate.says}</p>
      <ol className="certificate">
        {data.items.map((item) => (
          <CertificateItem key={item.item} item={item} />
        ))}
      </ol>
      <p className="soft small printed">{t.certificate.issued(location.origin, Intl.DateTimeFormat().resolvedOptions().timeZone)}</p>
    </Section>
  )
}

function CertificateItem({ item: { item, state, seenAt, about } }: { readonly item: Item }) {
  const text = t.certificate.items[item]
  return (
    <li className={state}>
      <span className="tick" role="img" aria-label={t.certificate.states[state]}>
        {marks[state]}
      </span>
      <span className="item">{text.title}</span>
      <span className="when small">{state === 'not-needed' ? t.certificate.states[state] : seenAt !== null && <Time at={seenAt} />}</span>
      {(state === 'missing' || state === 'wrong') && <p className="todo">{isolated(text[state], about)}</p>}
    </li>
  )
}

/** The sentence, in which no text that it is about turns the direction of the rest. Numbers are worded by the sentence itself. */
function isolated(sentence: (...about: string[]) => string, about: readonly string[]): ReactNode[] {
  const places = about.map((value, index) => (Number.isNaN(Number(value)) ? `\0${index}\0` : value))
  return sentence(...places)
    .split('\0')
    .map((part, index) => (index % 2 === 0 ? part : <bdi key={part}>{about[Number(part)]}</bdi>))
}
