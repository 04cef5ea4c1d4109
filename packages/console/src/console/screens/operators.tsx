import { type Role, roleNames } from '@lobbykey/contract/admin'
import { ActButton } from '../parts/act-button.tsx'
import { Actor } from '../parts/actor.tsx'
import { DataList } from '../parts/data-list.tsx'
import { linesOf } from '../parts/fields.tsx'
import { Page, Section, State } from '../parts/page.tsx'
import { PageLink, pathOf } from '../parts/page-link.tsx'
import { SecretText } from '../parts/secret-text.tsx'
import { Time } from '../parts/time.tsx'
import { roleName, wordOf } from '../parts/words.ts'
import { t } from '../texts/texts.ts'
import { TokenList } from './operator/token-list.tsx'

export const roleChoices = () => roleNames.map((value) => ({ value, label: t.operators.roles[value] ?? value }))

/** People, invitations and API tokens. */
export function OperatorsScreen() {
  return (
    <Page
      title={t.pages.operators}
      says={t.operators.says}
      actions={
        <ActButton
          name="invitation.add"
          label={t.operators.invite}
          says={t.operators.inviteSays}
          button={{ variant: 'filled' }}
          fields={[
            { name: 'email', label: t.operators.email, isRequired: true },
            { name: 'name', label: t.operators.name, isRequired: true },
            { name: 'role', label: t.operators.role, kind: 'choice', choices: roleChoices(), initial: 'support' },
            { name: 'agentIds', label: t.operators.merchants, says: t.operators.merchantsSays, kind: 'lines' },
          ]}
          input={({ email = '', name = '', role, agentIds }) => ({
            email,
            name,
            role: role as Role,
            ...(linesOf(agentIds).length === 0 ? {} : { agentIds: linesOf(agentIds) }),
          })}
          done={({ link }) => link !== undefined && <SecretText label={t.operators.link} text={link} />}
        />
      }
    >
      <section className="panel" aria-label={t.pages.operators}>
        <DataList
          name="operator.list"
          input={{}}
          label={t.pages.operators}
          keyOf={({ operatorId }) => operatorId}
          empty={t.operators.empty}
          columns={[
            { title: t.operators.name, cell: ({ operatorId, name }) => <PageLink to={pathOf('operators', operatorId)}>{name}</PageLink> },
            { title: t.operators.email, cell: ({ email }) => email },
            { title: t.operators.role, cell: ({ role }) => roleName(role) },
            { title: t.operators.merchants, cell: ({ agentIds }) => agentIds?.join(', ') ?? t.operators.all },
            { title: t.operators.signsIn, cell: ({ signsInBy }) => t.operators.waysIn[signsInBy] },
            { title: t.operators.status, cell: ({ status }) => <State tone={status === 'enabled' ? 'good' : 'plain'}>{t[status]}</State> },
          ]}
        />
      </section>
      <Section title={t.operators.invitations}>
        <DataList
          name="invitation.list"
          input={{}}
          label={t.operators.invitations}
          keyOf={({ invitationId }) => invitationId}
          empty={t.operators.noInvitations}
          columns={[
            { title: t.operators.email, cell: ({ email }) => email },
            { title: t.operators.role, cell: ({ role }) => roleName(role) },
            { title: t.operators.state, cell: ({ state }) => wordOf(t.operators.states, state) },
            { title: t.operators.by, cell: ({ invitedBy }) => <Actor actor={invitedBy} /> },
            { title: t.operators.until, cell: ({ expiresAt }) => <Time at={expiresAt} /> },
            {
              title: t.operators.actions,
              needs: ['invitation.revoke'],
              cell: ({ invitationId, state }) =>
                state === 'open' && (
                  <ActButton
                    name="invitation.revoke"
                    label={t.operators.revoke}
                    says={t.operators.revokeSays}
                    isDangerous
                    input={() => ({ invitationId })}
                  />
                ),
            },
          ]}
        />
      </Section>
      <Section title={t.operators.tokens}>
        <TokenList />
      </Section>
    </Page>
  )
}
