import { rights } from '@lobbykey/contract/admin'
import { useAccount } from '../api/account.ts'
import { useRead } from '../api/use-read.ts'
import { ActButton } from '../parts/act-button.tsx'
import { DataList } from '../parts/data-list.tsx'
import { linesOf } from '../parts/fields.tsx'
import { Facts, Page, Section } from '../parts/page.tsx'
import { PageLink } from '../parts/page-link.tsx'
import { SecretText } from '../parts/secret-text.tsx'
import { Time } from '../parts/time.tsx'
import { t } from '../texts/texts.ts'
import { ConsoleSessionList } from './operator/console-session-list.tsx'
import { TokenList } from './operator/token-list.tsx'

const tokenDays = '90'

/** The caller's own sign-in, sessions and tokens. */
export function AccountScreen() {
  const known = useAccount()
  const { data: account = known } = useRead('account.show', {})
  return (
    <Page title={t.pages.account} says={t.account.says}>
      <div className="columns">
        <Section
          title={t.account.who}
          actions={
            account.hasPassword && (
              <ActButton
                name="account.renew-recovery-codes"
                label={t.account.renewCodes}
                says={t.account.renewCodesSays}
                input={() => ({})}
                done={({ recoveryCodes }) => <SecretText label={t.account.codes} text={recoveryCodes.join(' ')} />}
              />
            )
          }
        >
          <Facts
            facts={[
              [t.operators.name, account.name],
              [t.operators.email, account.email],
              [t.operators.role, t.operators.roles[account.role]],
              [t.operators.merchants, account.agentIds?.join(', ') ?? t.operators.all],
              [t.account.confirmed, <Time key="confirmed" at={account.confirmedUntil} none={t.no} />],
              ...(account.hasPassword ? [[t.account.recoveryLeft, account.recoveryCodesLeft] as const] : []),
            ]}
          />
          <details>
            <summary>{t.account.rights}</summary>
            <ul>
              {account.rights.map((right) => (
                <li key={right}>
                  <code>{right}</code> {rights[right as keyof typeof rights]}
                </li>
              ))}
            </ul>
          </details>
        </Section>
        <Section title={t.account.passkeys} actions={<a href="/sign-in">{t.account.addPasskey}</a>}>
          <DataList
            name="passkey.list"
            input={{}}
            label={t.account.passkeys}
            keyOf={({ passkeyId }) => passkeyId}
            empty={t.account.noPasskeys}
            columns={[
              { title: t.operators.name, cell: ({ name }) => name },
              { title: t.members.created, cell: ({ createdAt }) => <Time at={createdAt} /> },
              { title: t.operators.lastUsed, cell: ({ lastUsedAt }) => <Time at={lastUsedAt} /> },
              {
                title: t.account.removePasskey,
                cell: ({ passkeyId }) => (
                  <ActButton
                    name="passkey.remove"
                    label={t.account.removePasskey}
                    says={t.account.removePasskeySays}
                    isDangerous
                    input={() => ({ passkeyId })}
                  />
                ),
              },
            ]}
          />
        </Section>
      </div>
      <Section
        title={t.account.sessions}
        actions={
          <ActButton
            name="console-session.end-others"
            label={t.account.endOthers}
            says={t.account.endOthersSays}
            isDangerous
            input={() => ({})}
            done={({ ended }) => t.account.endedOthers(ended)}
          />
        }
      >
        <ConsoleSessionList />
      </Section>
      <Section
        title={t.operators.tokens}
        actions={
          <>
            <PageLink to="/connect">{t.connect.title}</PageLink>
            <AddToken />
          </>
        }
      >
        <TokenList operatorId={account.operatorId} />
      </Section>
    </Page>
  )
}

function AddToken() {
  return (
    <ActButton
      name="token.add"
      label={t.account.addToken}
      says={t.account.addTokenSays}
      fields={[
        { name: 'name', label: t.account.tokenName, isRequired: true },
        { name: 'rights', label: t.account.tokenRights, says: t.account.tokenRightsSays, kind: 'lines' },
        { name: 'agentIds', label: t.operators.merchants, says: t.operators.merchantsSays, kind: 'lines' },
        { name: 'allow', label: t.account.tokenAllow, says: t.account.tokenAllowSays, kind: 'lines' },
        { name: 'days', label: t.account.days, kind: 'number', initial: tokenDays },
        { name: 'allowConfirmed', label: t.account.tokenConfirmed, kind: 'check' },
      ]}
      input={({ name = '', rights, agentIds, allow, days, allowConfirmed }) => ({
        name,
        days: Number(days),
        ...(linesOf(rights).length === 0 ? {} : { rights: linesOf(rights) as never }),
        ...(linesOf(agentIds).length === 0 ? {} : { agentIds: linesOf(agentIds) }),
        ...(linesOf(allow).length === 0 ? {} : { allow: linesOf(allow) }),
        ...(allowConfirmed === 'true' ? { allowConfirmed: true } : {}),
      })}
      done={({ token }) => <SecretText label={t.account.yourToken} text={token} />}
    />
  )
}
