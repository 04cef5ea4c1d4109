import { clientFacts } from '@lobbykey/contract'
import { hiddenClass } from './hidden-characters.ts'
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
    '# Characters that do not show as themselves.',
    `HIDDEN = r"${hiddenClass(escaped, true)}"`,
    '',
  ].join('\n')
}

function escaped(codePoint: number): string {
  return `\\U${codePoint.toString(16).padStart(8, '0')}`
}
