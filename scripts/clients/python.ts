import { clientFacts } from '@lobbykey/contract'
import { literal, python } from './literals.ts'
import { generatedNote } from './note.ts'

export function pythonContract(vector: object): string {
  return [
    `"""${generatedNote}"""`,
    '',
    'from typing import Any, Dict',
    '',
    `FACTS: Dict[str, Any] = ${literal(clientFacts, python)}`,
    '',
    `VECTOR: Dict[str, Any] = ${literal(vector, python)}`,
    '',
  ].join('\n')
}
