import { isGatewayError } from '@lobbykey/contract'
import { AdminError } from 'lobbykey-client/admin'
import { t } from '../texts/texts.ts'

/** What went wrong and what to do, in the API's words. */
export function ProblemText({ problem }: { readonly problem: unknown }) {
  return (
    <p className="problem" role="alert">
      {problemText(problem)}
      {problem instanceof AdminError && problem.requestId !== null && (
        <small>
          {t.request} {problem.requestId}
        </small>
      )}
    </p>
  )
}

export function problemText(problem: unknown): string {
  if (typeof problem === 'string') return sentence(problem)
  if (isGatewayError(problem)) return sentence(problem.details.message ?? problem.message)
  if (problem instanceof AdminError) return problem.key === 'not_reached' ? t.connection.lost : sentence(problem.detail)
  return t.unexpected
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(capital) ? capital : `${capital}.`
}
