/**
 * Mutation operators: each one looks at a node of the syntax tree and returns replacement texts. Types, imports and property names are skipped:
 * Node.js strips or resolves them before anything runs.
 */
import type { Node, SourceFile } from 'typescript/unstable/ast'
import * as is from 'typescript/unstable/ast/is'

export interface Mutant {
  readonly operator: string
  readonly start: number
  readonly end: number
  readonly replacement: string
}

type Change = { readonly node: Node; readonly text: string }
type Operator = (node: Node, text: (node: Node) => string) => readonly Change[]

/** Binary operators and their replacements. */
const binaryOperators = new Map(
  Object.entries({
    '===': ['!=='],
    '!==': ['==='],
    '<': ['<=', '>='],
    '<=': ['<', '>'],
    '>': ['>=', '<='],
    '>=': ['>', '<'],
    '&&': ['||'],
    '||': ['&&'],
    '??': ['&&'],
    '+': ['-'],
    '-': ['+'],
    '*': ['/'],
    '/': ['*'],
    '%': ['*'],
    '**': ['*'],
    '|': ['&'],
    '&': ['|'],
    '<<': ['>>>'],
    '>>>': ['<<'],
    '+=': ['-='],
    '-=': ['+='],
  }),
)

const methods = new Map(
  Object.entries({
    min: 'max',
    max: 'min',
    floor: 'ceil',
    ceil: 'floor',
    some: 'every',
    every: 'some',
    startsWith: 'endsWith',
    endsWith: 'startsWith',
    toLowerCase: 'toUpperCase',
    toUpperCase: 'toLowerCase',
  }),
)

const operators: Readonly<Record<string, Operator>> = {
  condition: (node) => {
    if (is.isIfStatement(node) || is.isWhileStatement(node)) return eitherWay(node.expression)
    return is.isConditionalExpression(node) ? eitherWay(node.condition) : []
  },
  binary: (node, text) =>
    is.isBinaryExpression(node)
      ? (binaryOperators.get(text(node.operatorToken)) ?? []).map((other) => ({ node: node.operatorToken, text: other }))
      : [],
  negation: (node, text) =>
    is.isPrefixUnaryExpression(node) && text(node).startsWith('!') ? [{ node, text: `(${text(node.operand)})` }] : [],
  update: (node, text) => {
    if (!is.isPrefixUnaryExpression(node) && !is.isPostfixUnaryExpression(node)) return []
    const whole = text(node)
    if (whole.includes('++')) return [{ node, text: whole.replace('++', '--') }]
    return whole.includes('--') ? [{ node, text: whole.replace('--', '++') }] : []
  },
  boolean: (node, text) => (/^(true|false)$/.test(text(node)) ? [{ node, text: text(node) === 'true' ? 'false' : 'true' }] : []),
  string: (node, text) => {
    if (is.isStringLiteral(node)) return [{ node, text: text(node).length === 2 ? "'mutated'" : "''" }]
    return is.isTemplateExpression(node) || is.isNoSubstitutionTemplateLiteral(node) ? [{ node, text: '``' }] : []
  },
  'regular expression': (node, text) => {
    if (!is.isRegularExpressionLiteral(node)) return []
    const whole = text(node)
    const looser = [whole.replace(/^\/\^/, '/'), whole.replace(/\$(?=\/[a-z]*$)/, '')]
    return looser.filter((other) => other !== whole).map((other) => ({ node, text: other }))
  },
  array: (node) => (is.isArrayLiteralExpression(node) && node.elements.length > 0 ? [{ node, text: '[]' }] : []),
  object: (node) => (is.isObjectLiteralExpression(node) && node.properties.length > 0 ? [{ node, text: '{}' }] : []),
  function: (node) => {
    if (!is.isArrowFunction(node) || is.isBlock(node.body)) return []
    return [{ node: node.body, text: 'undefined' }]
  },
  statement: (node, text) => {
    if (is.isExpressionStatement(node) || is.isThrowStatement(node)) return [{ node, text: ';' }]
    return is.isReturnStatement(node) && node.expression === undefined && text(node) !== '' ? [{ node, text: ';' }] : []
  },
  method: (node, text) => {
    if (!is.isPropertyAccessExpression(node)) return []
    const other = methods.get(text(node.name))
    return other === undefined ? [] : [{ node: node.name, text: other }]
  },
}

function eitherWay(node: Node): readonly Change[] {
  return [
    { node, text: 'true' },
    { node, text: 'false' },
  ]
}

/** Every mutant of a file, in order. */
export function mutantsOf(file: SourceFile): readonly Mutant[] {
  const mutants: Mutant[] = []
  const text = (node: Node) => file.text.slice(node.getStart(file), node.end)
  const visit = (node: Node): void => {
    for (const [operator, changesOf] of Object.entries(operators)) {
      for (const change of changesOf(node, text)) {
        mutants.push({ operator, start: change.node.getStart(file), end: change.node.end, replacement: change.text })
      }
    }
    node.forEachChild((child) => {
      if (!isLeftAlone(child, node)) visit(child)
    })
  }
  visit(file)
  return mutants.sort((a, b) => a.start - b.start || a.end - b.end)
}

/** Nodes that never run, and names written as strings. */
function isLeftAlone(node: Node, parent: Node): boolean {
  if (is.isImportDeclaration(node) || is.isExportDeclaration(node)) return true
  if (is.isInterfaceDeclaration(node) || is.isTypeAliasDeclaration(node) || is.isTypeNode(node)) return true
  return is.isPropertyAssignment(parent) && node === parent.name
}
