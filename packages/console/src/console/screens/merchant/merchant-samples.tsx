import { librarySnippets, signingAlgorithms, snippetLanguages } from '@lobbykey/contract'
import type { AdminOutput } from '@lobbykey/contract/admin'
import { NativeSelect } from '@mantine/core'
import { useState } from 'react'
import { writeOwnFragment } from '../../../playground/deep-link.ts'
import { libraryCall } from '../../../playground/prepared-request.ts'
import { CodeBlock } from '../../../shared/code-block.tsx'
import { CopyText } from '../../../shared/copy-text.tsx'
import { readPageMeta } from '../../../shared/page-meta.ts'
import { Joined } from '../../parts/joined.tsx'
import { Facts, Section } from '../../parts/page.tsx'
import { t } from '../../texts/texts.ts'
import { playgroundStart, sampleDraft, sampleOperations, sampleRequest } from './sample-draft.ts'

type Merchant = AdminOutput<'merchant.show'>

/** Ready-to-run programs with the merchant's settings, and the playground filled with them. Never with a key. */
export function MerchantSamples({ merchant }: { readonly merchant: Merchant }) {
  const [operationId, setOperationId] = useState(sampleOperations[0]?.id ?? '')
  const [languageId, setLanguageId] = useState(snippetLanguages[0]?.id ?? '')
  const { publicUrl = location.origin, hasPlayground = false } = readPageMeta<{ publicUrl: string; hasPlayground: boolean }>() ?? {}
  const draft = sampleDraft(merchant, operationId)
  const call = libraryCall(draft, publicUrl, false)
  const library = librarySnippets[languageId]
  const bare = snippetLanguages.find(({ id }) => id === languageId)?.write(sampleRequest(draft, publicUrl)) ?? ''
  return (
    <>
      <Section title={t.samples.settings}>
        <Facts
          facts={[
            [t.samples.server, <code key="server">{publicUrl}</code>],
            [t.merchants.agentId, <code key="agentId">{merchant.agentId}</code>],
            [t.merchant.signature, signingAlgorithms[merchant.sign].label],
            [t.merchant.fields.callback[0] ?? '', t.merchant.callbacks[merchant.callback]],
            [
              t.merchant.fields.callbackOrigins[0] ?? '',
              merchant.callbackOrigins.length === 0 ? t.none : <Joined key="callbackOrigins" texts={merchant.callbackOrigins} />,
            ],
            [t.merchant.currencies, merchant.currencies.length === 0 ? t.none : <Joined key="currencies" texts={merchant.currencies} />],
          ]}
        />
      </Section>
      <Section
        title={t.samples.title}
        says={t.samples.says}
        actions={
          hasPlayground && (
            <a href={`${publicUrl}/playground${writeOwnFragment(draft, playgroundStart)}`} target="_blank" rel="noopener noreferrer">
              {t.samples.playground}
            </a>
          )
        }
      >
        <div className="filters">
          <NativeSelect
            size="xs"
            label={t.calls.call}
            value={operationId}
            data={sampleOperations.map(({ id, signedCall }) => ({ value: id, label: signedCall?.name ?? id }))}
            onChange={(event) => setOperationId(event.currentTarget.value)}
          />
          <NativeSelect
            size="xs"
            label={t.samples.language}
            value={languageId}
            data={snippetLanguages.map(({ id, title }) => ({ value: id, label: title }))}
            onChange={(event) => setLanguageId(event.currentTarget.value)}
          />
        </div>
        {library !== undefined && call !== null && <Sample title={t.samples.withLibrary(library.install)} source={library.write(call)} />}
        <Sample title={t.samples.withoutLibrary} source={bare} />
      </Section>
    </>
  )
}

function Sample({ title, source }: { readonly title: string; readonly source: string }) {
  return (
    <div className="sample">
      <div className="sample-head">
        <h3>{title}</h3>
        <CopyText text={source} label={t.copy} done={t.copied} />
      </div>
      <CodeBlock label={title} text={source} />
    </div>
  )
}
