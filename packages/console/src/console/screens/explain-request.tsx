import { signedCalls } from '@lobbykey/contract'
import { ActButton } from '../parts/act-button.tsx'
import { ExplanationInWords } from '../parts/explained.tsx'
import { t } from '../texts/texts.ts'

/** Explains a pasted request. */
export function ExplainRequest() {
  return (
    <ActButton
      name="explain.request"
      label={t.calls.explain}
      says={t.explain.says}
      fields={[
        { name: 'request', label: t.explain.request, says: t.explain.requestSays, kind: 'long', isRequired: true },
        { name: 'text', label: t.explain.text, says: t.explain.textSays, kind: 'lines' },
        {
          name: 'call',
          label: t.calls.call,
          kind: 'choice',
          choices: [{ value: '', label: t.explain.byFields }, ...signedCalls.map(({ name }) => ({ value: name, label: name }))],
        },
        { name: 'at', label: t.explain.at },
      ]}
      input={({ request = '', text, call, at }) => ({
        request,
        ...(text ? { text } : {}),
        ...(call ? { call: call as (typeof signedCalls)[number]['name'] } : {}),
        ...(at ? { at } : {}),
      })}
      done={(explanation) => (
        <div className="note">
          <ExplanationInWords explanation={explanation} />
        </div>
      )}
    />
  )
}
