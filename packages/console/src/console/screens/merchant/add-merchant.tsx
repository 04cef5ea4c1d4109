import { ActButton } from '../../parts/act-button.tsx'
import { linesOf } from '../../parts/fields.tsx'
import { labelsOf } from '../../parts/labels.ts'
import { PageLink, pathOf } from '../../parts/page-link.tsx'
import { handOverField, NewSecret } from '../../parts/secret-text.tsx'
import { t } from '../../texts/texts.ts'

export function AddMerchant() {
  const { fields } = t.merchant
  return (
    <ActButton
      name="merchant.add"
      label={t.merchants.add}
      says={t.merchants.addSays}
      button={{ variant: 'filled' }}
      fields={[
        { name: 'agentId', label: t.merchants.agentId, isRequired: true },
        { name: 'currencies', label: fields.currencies[0] ?? '', says: fields.currencies[1], kind: 'lines' },
        { name: 'allow', label: fields.allow[0] ?? '', says: fields.allow[1], kind: 'lines' },
        { name: 'callbackOrigins', label: fields.callbackOrigins[0] ?? '', says: fields.callbackOrigins[1], kind: 'lines' },
        { name: 'labels', label: t.labels.title, says: t.labels.says, kind: 'lines' },
        handOverField(),
      ]}
      input={({ agentId = '', currencies, allow, callbackOrigins, labels, handOver }) => ({
        agentId,
        ...(handOver === 'true' ? { handOver: true } : {}),
        currencies: linesOf(currencies),
        allow: linesOf(allow),
        callbackOrigins: linesOf(callbackOrigins),
        labels: labelsOf(linesOf(labels)),
      })}
      done={({ agentId, key, handOver, warnings }) => (
        <>
          <p>
            {t.merchants.added(agentId)} <PageLink to={pathOf('merchants', agentId)}>{t.merchants.open}</PageLink>
          </p>
          {warnings.length > 0 && (
            <ul className="warnings">
              {warnings.map((warning) => (
                <li key={warning}>{warning}</li>
              ))}
            </ul>
          )}
          <NewSecret label={t.merchants.key} secret={key} handOver={handOver} />
        </>
      )}
    />
  )
}
