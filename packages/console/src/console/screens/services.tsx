import { ActButton } from '../parts/act-button.tsx'
import { DataList } from '../parts/data-list.tsx'
import { linesOf } from '../parts/fields.tsx'
import { FilterRow } from '../parts/filter-row.tsx'
import { isLabel, labelFilter, labelsOf, labelText } from '../parts/labels.ts'
import { Page, State } from '../parts/page.tsx'
import { handOverField, NewSecret } from '../parts/secret-text.tsx'
import { Time } from '../parts/time.tsx'
import { useSearchFields } from '../parts/use-search-fields.ts'
import { t } from '../texts/texts.ts'

const overlapSeconds = '86400'

/** Programs that check tokens. */
export function ServicesScreen() {
  const [{ label }] = useSearchFields()
  return (
    <Page
      title={t.pages.services}
      says={t.services.says}
      actions={
        <ActButton
          name="service.add"
          label={t.services.add}
          says={t.services.addSays}
          button={{ variant: 'filled' }}
          fields={[
            { name: 'serviceId', label: t.services.serviceId, isRequired: true },
            { name: 'labels', label: t.labels.title, says: t.labels.says, kind: 'lines' },
            handOverField(),
          ]}
          input={({ serviceId = '', labels, handOver }) => ({
            serviceId,
            labels: labelsOf(linesOf(labels)),
            ...(handOver === 'true' ? { handOver: true } : {}),
          })}
          done={({ secret, handOver }) => <NewSecret label={t.services.secret} secret={secret} handOver={handOver} />}
        />
      }
    >
      <section className="panel" aria-label={t.pages.services}>
        <FilterRow fields={[labelFilter()]} />
        <DataList
          name="service.list"
          input={label ? { label } : {}}
          isEnabled={!label || isLabel(label)}
          label={t.pages.services}
          keyOf={({ serviceId }) => serviceId}
          empty={t.services.empty}
          columns={[
            { title: t.services.serviceId, cell: ({ serviceId }) => <strong>{serviceId}</strong> },
            { title: t.services.status, cell: ({ status }) => <State tone={status === 'enabled' ? 'good' : 'plain'}>{t[status]}</State> },
            { title: t.labels.title, cell: ({ labels }) => labelText(labels) || '–' },
            { title: t.services.secretSince, cell: ({ secretCreatedAt }) => <Time at={secretCreatedAt} /> },
            { title: t.services.oldUntil, cell: ({ previousGoodUntil }) => <Time at={previousGoodUntil} none="–" /> },
            {
              title: t.services.actions,
              needs: ['service.rotate-secret', 'service.update'],
              cell: (service) => {
                const { serviceId, status, labels } = service
                const input = () => ({ serviceId })
                return (
                  <div className="actions">
                    <ActButton
                      name="service.rotate-secret"
                      label={t.services.rotate}
                      says={t.services.rotateSays}
                      fields={[
                        { name: 'overlapSeconds', label: t.services.overlap, kind: 'number', initial: overlapSeconds },
                        handOverField(),
                      ]}
                      input={({ overlapSeconds, handOver }) => ({
                        serviceId,
                        overlapSeconds: Number(overlapSeconds),
                        ...(handOver === 'true' ? { handOver: true } : {}),
                      })}
                      done={({ secret, handOver }) => <NewSecret label={t.services.secret} secret={secret} handOver={handOver} />}
                    />
                    <ActButton
                      name="service.update"
                      label={t.services.edit}
                      current={service}
                      fields={[
                        {
                          name: 'labels',
                          label: t.labels.title,
                          says: t.labels.says,
                          kind: 'lines',
                          initial: labelText(labels),
                        },
                      ]}
                      input={({ labels }) => ({ serviceId, labels: labelsOf(linesOf(labels)) })}
                    />
                    {status === 'enabled' ? (
                      <ActButton
                        name="service.disable"
                        label={t.services.disable}
                        says={t.services.disableSays}
                        isDangerous
                        input={input}
                      />
                    ) : (
                      <ActButton name="service.enable" label={t.services.enable} says={t.services.enableSays} input={input} />
                    )}
                    <ActButton name="service.delete" label={t.services.delete} says={t.services.deleteSays} isDangerous input={input} />
                  </div>
                )
              },
            },
          ]}
        />
      </section>
    </Page>
  )
}
