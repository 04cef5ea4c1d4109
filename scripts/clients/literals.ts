/** Plain data as a literal of each language. */

type Data = string | number | boolean | readonly Data[] | { readonly [name: string]: Data }

interface Syntax {
  readonly text: (value: string) => string
  readonly list: (items: readonly string[], indent: string) => string
  readonly map: (entries: readonly (readonly [name: string, value: string])[], indent: string) => string
}

export function literal(value: unknown, syntax: Syntax, indent = ''): string {
  const inner = `${indent}${syntax === python || syntax === php ? '    ' : '  '}`
  const data = value as Data
  if (typeof data === 'string') return syntax.text(data)
  if (typeof data !== 'object') return String(data)
  if (Array.isArray(data)) {
    return syntax.list(
      data.map((item) => literal(item, syntax, inner)),
      indent,
    )
  }
  return syntax.map(
    Object.entries(data).map(([name, item]) => [name, literal(item, syntax, inner)] as const),
    indent,
  )
}

/** On one line if it fits, else one item per line. */
function block(open: string, items: readonly string[], close: string, indent: string, step: string): string {
  const line = `${open}${items.join(', ')}${close}`
  if (line.length + indent.length <= 110 && !line.includes('\n')) return line
  return `${open}\n${items.map((item) => `${indent}${step}${item},\n`).join('')}${indent}${close}`
}

const quoted = (value: string) => JSON.stringify(value)

export const python: Syntax = {
  text: quoted,
  list: (items, indent) => block('[', items, ']', indent, '    '),
  map: (entries, indent) =>
    block(
      '{',
      entries.map(([name, value]) => `${quoted(name)}: ${value}`),
      '}',
      indent,
      '    ',
    ),
}

const phpText = (value: string) => `'${value.replace(/[\\']/g, '\\$&')}'`

export const php: Syntax = {
  text: phpText,
  list: (items, indent) => block('[', items, ']', indent, '    '),
  map: (entries, indent) =>
    block(
      '[',
      entries.map(([name, value]) => `${phpText(name)} => ${value}`),
      ']',
      indent,
      '    ',
    ),
}
