import {
  type CallbackRule,
  callbackRules,
  type SignedCall,
  type SigningAlgorithmId,
  type SigningProfile,
  signingAlgorithmIds,
  signingAlgorithms,
} from '@lobbykey/contract'
import { Checkbox, Group, NativeSelect, Paper, PasswordInput, Stack } from '@mantine/core'
import { useState } from 'react'
import { type Draft, lacksKey } from './draft.ts'
import { findRememberedKey, forgetKey, rememberKey } from './remembered-key.ts'

export interface SigningInputsProps {
  readonly draft: Draft
  readonly call: SignedCall
  readonly onDraft: (draft: Draft) => void
}

/** The merchant's key and profile. The key stays in this page, and in this browser on request. */
export function SigningInputs({ draft, call, onDraft }: SigningInputsProps) {
  const [isRemembered, setIsRemembered] = useState(() => findRememberedKey() !== null)
  const changeProfile = (profile: Partial<SigningProfile>) => onDraft({ ...draft, profile: { ...draft.profile, ...profile } })

  function changeKey(key: string) {
    if (isRemembered) rememberKey(key)
    onDraft({ ...draft, key })
  }

  function changeRemembered(checked: boolean) {
    if (checked) rememberKey(draft.key)
    else forgetKey()
    setIsRemembered(checked)
  }

  return (
    <Paper withBorder p="md" component="section" aria-label="Signing">
      <Stack gap="sm">
        <PasswordInput
          label="Merchant key"
          description="Signs here, in this page. It is never sent."
          inputWrapperOrder={['label', 'input', 'error', 'description']}
          error={lacksKey(draft, call) ? 'is required to sign' : null}
          value={draft.key}
          onChange={(event) => changeKey(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
          visibilityToggleButtonProps={{ 'aria-label': 'Show the key' }}
        />
        <Checkbox
          label="Remember the key in this browser"
          checked={isRemembered}
          onChange={(event) => changeRemembered(event.currentTarget.checked)}
        />
        <Group gap="sm" grow>
          <NativeSelect
            label="Algorithm"
            value={draft.profile.algorithm}
            data={signingAlgorithmIds.map((value) => ({ value, label: signingAlgorithms[value].label }))}
            onChange={(event) => changeProfile({ algorithm: event.currentTarget.value as SigningAlgorithmId })}
          />
          {call.byProfile.length > 0 && (
            <NativeSelect
              label="Callback"
              value={draft.profile.callback}
              data={callbackRules}
              onChange={(event) => changeProfile({ callback: event.currentTarget.value as CallbackRule })}
            />
          )}
        </Group>
      </Stack>
    </Paper>
  )
}
