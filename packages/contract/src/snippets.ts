/**
 * A request as a program in the languages integrators use: one model of the request, one writer per language. Each program computes
 * the signature from the key, so it can grow into an integration.
 */
import { csharpSnippet } from './snippets-csharp.ts'
import { curlSnippet } from './snippets-curl.ts'
import { goSnippet } from './snippets-go.ts'
import { javaSnippet } from './snippets-java.ts'
import { javascriptSnippet } from './snippets-javascript.ts'
import { phpSnippet } from './snippets-php.ts'
import { pythonSnippet } from './snippets-python.ts'
import type { SnippetRequest } from './snippets-request.ts'

export interface SnippetLanguage {
  readonly id: string
  readonly title: string
  readonly write: (request: SnippetRequest) => string
}

export const snippetLanguages: readonly SnippetLanguage[] = [
  { id: 'curl', title: 'curl', write: curlSnippet },
  { id: 'javascript', title: 'JavaScript', write: javascriptSnippet },
  { id: 'python', title: 'Python', write: pythonSnippet },
  { id: 'php', title: 'PHP', write: phpSnippet },
  { id: 'java', title: 'Java', write: javaSnippet },
  { id: 'go', title: 'Go', write: goSnippet },
  { id: 'csharp', title: 'C#', write: csharpSnippet },
]
