import { type ErrorAnswer, errorAnswer, type Operation, surfaceErrors } from '@lobbykey/contract'

/** The catalogue entries that an answer may stand for: of those with its code, the ones whose text it begins with, longest first. */
export function explainCode(operation: Operation, code: string | number, message: string): readonly ErrorAnswer[] {
  const known = [...operation.errors, ...surfaceErrors].map((key) => errorAnswer(operation.api, key, 'contract'))
  const fitting = known.filter((answer) => answer.code === code && message.startsWith(answer.text))
  const longest = Math.max(0, ...fitting.map(({ text }) => text.length))
  const best = fitting.filter(({ text }) => text.length === longest)
  // An invalid body and an invalid field share code and text; only the latter names a field.
  const named = best.find(({ key, text }) => key === 'invalid_parameter' && namesField(operation, message.slice(text.length)))
  return named === undefined ? best : [named]
}

function namesField({ schema }: Operation, detail: string): boolean {
  return Object.keys(schema.properties).some((name) => detail.startsWith(`: ${name} `))
}
