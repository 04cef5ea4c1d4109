import type { Role } from '@lobbykey/contract/admin'
import { useParams } from '@tanstack/react-router'
import { useRead } from '../../api/use-read.ts'
import { ActButton } from '../../parts/act-button.tsx'
import { linesOf } from '../../parts/fields.tsx'
import { Facts, Page, Section, State } from '../../parts/page.tsx'
import { ProblemText } from '../../parts/problem-text.tsx'
import { SecretText } from '../../parts/secret-text.tsx'
import { Skeleton } from '../../parts/skeleton.tsx'
import { Time } from '../../parts/time.tsx'
import { t } from '../../texts/texts.ts'
import { roleChoices } from '../operators.tsx'
import { ConsoleSessionList } from './console-session-list.tsx'
import { TokenList } from './token-list.tsx'

export function OperatorScreen() {
  const { operatorId = '' } = useParams({ strict: false }) as { operatorId?: string }
  const { data: operator, error } = useRead('operator.show', { operatorId })
  if (error !== null && operator?.operatorId !== operatorId) return <ProblemText problem={error} />
  if (operator === undefined || operator.operatorId !== operatorId) return <Skeleton />
  const whom = { operatorId }
  const isLocal = operator.signsInBy === 'local'
  return (
    <Page
      title={operator.name}
      says={<State tone={operator.status === 'enabled' ? 'good' : 'bad'}>{t[operator.status]}</State>}
      actions={
        <>
          <ActButton
            name="operator.update"
            label={t.operators.edit}
            {...(isLocal ? {} : { says: t.operators.roleFromProvider })}
            current={operator}
            fields={[
              { name: 'name', label: t.operators.name, initial: operator.name, isRequired: true },
              ...(isLocal
                ? ([
                    { name: 'role', label: t.operators.role, kind: 'choice', choices: roleChoices(), initial: operator.role },
                    {
                      name: 'agentIds',
                      label: t.operators.merchants,
                      says: t.operators.merchantsSays,
                      kind: 'lines',
                      initial: (operator.agentIds ?? []).join('\n'),
                    },
                  ] as const)
                : []),
            ]}
            input={({ name = '', role, agentIds }) => ({
              ...whom,
              name,
              ...(isLocal ? { role: role as Role, agentIds: linesOf(agentIds).length === 0 ? null : linesOf(agentIds) } : {}),
            })}
          />
          <ActButton
            name="operator.reset"
            label={t.operators.reset}
            says={isLocal ? t.operators.resetSays : t.operators.resetSsoSays}
            input={() => whom}
            done={({ link }) => link !== undefined && <SecretText label={t.operators.link} text={link} />}
          />
          {operator.status === 'enabled' ? (
            <ActButton name="operator.disable" label={t.operators.disable} says={t.operators.disableSays} isDangerous input={() => whom} />
          ) : (
            <ActButton name="operator.enable" label={t.operators.enable} says={t.operators.enableSays} input={() => whom} />
          )}
        </>
      }
    >
      <Section title={t.operators.facts}>
        <Facts
          facts={[
            [t.operators.email, operator.email],
            [t.operators.role, t.operators.roles[operator.role]],
            [t.operators.merchants, operator.agentIds?.join(', ') ?? t.operators.all],
            [t.operators.signsIn, t.operators.waysIn[operator.signsInBy]],
            [t.operators.changed, <Time key="changed" at={operator.updatedAt} />],
          ]}
        />
      </Section>
      <Section title={t.operators.sessions}>
        <ConsoleSessionList operatorId={operatorId} />
      </Section>
      <Section
        title={t.operators.tokens}
        actions={
          <ActButton
            name="operator.revoke-tokens"
            label={t.operators.revokeTokens}
            says={t.operators.revokeTokensSays}
            isDangerous
            input={() => whom}
          />
        }
      >
        <TokenList operatorId={operatorId} />
      </Section>
    </Page>
  )
}
