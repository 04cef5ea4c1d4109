import { clientFacts } from '@lobbykey/contract'
import { braced, hiddenClass } from './hidden-characters.ts'
import { literal, php } from './literals.ts'
import { generatedNote } from './note.ts'

const [begin, end] = ['// begin contract\n', '// end contract\n']

/** PHP's single file, with its last part regenerated. */
export function phpFile(source: string, vector: object): string {
  const [before = ''] = source.split(begin)
  const contract = [
    `/** @internal ${generatedNote} */`,
    'final class Contract',
    '{',
    `    public const FACTS = ${literal(clientFacts, php, '    ')};`,
    '',
    `    public const VECTOR = ${literal(vector, php, '    ')};`,
    '',
    '    /** Characters that do not show as themselves. */',
    `    public const HIDDEN = '/${hiddenClass(braced, false)}/u';`,
    '}',
    '',
  ].join('\n')
  return before + begin + contract + end
}
