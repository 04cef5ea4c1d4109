import { type KeyUse, signingAlgorithms } from '@lobbykey/contract'
import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { useState } from 'react'
import { CopyText } from '../shared/copy-text.tsx'
import type { Draft } from './draft.ts'
import { hueOf } from './part-colour.ts'
import type { PreparedRequest } from './prepared-request.ts'
import type { Signature } from './signature.ts'

export interface SignaturePanelProps {
  readonly draft: Draft
  readonly prepared: PreparedRequest
  readonly signature: Signature
}

const keyTexts: Readonly<Record<KeyUse, { readonly recipe: string; readonly digest: string; readonly isKeyInText: boolean }>> = {
  'key-in-text': { recipe: 'The key, then the signed fields sorted by name.', digest: '', isKeyInText: true },
  hmac: { recipe: 'The signed fields sorted by name; the key is the HMAC’s.', digest: ' under the key', isKeyInText: false },
}

/** How the signature is computed: the canonical string, what it leaves out, and the digest. */
export function SignaturePanel({ draft, prepared, signature }: SignaturePanelProps) {
  const { key, profile } = draft
  const { signedCall } = prepared.operation
  const sent = String(prepared.fields.sign).toLowerCase()
  const [isKeyShown, setIsKeyShown] = useState(false)
  const { label, keyUse } = signingAlgorithms[profile.algorithm]
  const texts = keyTexts[keyUse]
  const shownKey = isKeyShown ? key : '•'.repeat(Math.min(key.length, 16))
  return (
    <Paper withBorder p="md" component="section" aria-label="Signature">
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={3} size="h5">
            Signature
          </Title>
          <Group gap="xs">
            <Button variant="subtle" size="compact-xs" onClick={() => setIsKeyShown(!isKeyShown)}>
              {isKeyShown ? 'Hide the key' : 'Show the key'}
            </Button>
            <CopyText text={signature.canonical} label="Copy the string" />
          </Group>
        </Group>
        <Text size="sm" c="dimmed">
          {texts.recipe} Raw values, UTF-8.
        </Text>
        <p className="canonical mono" data-testid="canonical">
          {texts.isKeyInText && <span className="part key-part">{shownKey}</span>}
          {signature.parts.map(({ name, value }, index) => (
            <span key={name}>
              {(texts.isKeyInText || index > 0) && '&'}
              <span className="part" style={{ '--hue': hueOf(signedCall, profile.callback, name) ?? 0 }}>
                {name}={value}
              </span>
            </span>
          ))}
        </p>
        <div>
          <Text size="sm" fw={600}>
            Left out
          </Text>
          <ul className="left-out">
            {signature.leftOut.map(({ name, reason }) => (
              <li key={name}>
                <span className="mono">{name}</span>: {reason}
              </li>
            ))}
          </ul>
        </div>
        <div>
          <Text size="sm" fw={600}>
            {label + texts.digest}
          </Text>
          <Group gap="xs">
            <output className="mono digest" data-testid="digest">
              {signature.sign}
            </output>
            <CopyText text={signature.sign} label="Copy" />
          </Group>
          {sent !== signature.sign && (
            <Text size="sm" className="warning">
              The request carries the signature that was typed, which is another one.
            </Text>
          )}
        </div>
      </Stack>
    </Paper>
  )
}
