import { type Run, runs } from './longest-common.ts'
import { belongs, keyMark, named, stands } from './named-character.ts'

export type How = 'same' | 'more' | 'missing' | 'otherwise' | 'moved'

/** A run of both texts, in the order of the signed one; offsets into each, the key counting one. */
export interface TextPart {
  readonly how: How
  readonly signed: readonly [from: number, to: number]
  readonly right: readonly [from: number, to: number]
}

export interface TextComparison {
  readonly parts: readonly TextPart[]
  /** Each difference in words, the one that explains most first. None when the texts are the same. */
  readonly sentences: readonly string[]
}

/** Of a text split at `&`. */
interface Piece {
  readonly text: string
  readonly name: string
  readonly from: number
  readonly to: number
}

/** How a signed text differs from the right one, exactly. `known` are names of fields, which may be told; the rest of a text may be secret. */
export function compareTexts(signed: string, right: string, known: readonly string[]): TextComparison {
  if (signed === right) return { parts: [{ how: 'same', signed: [0, signed.length], right: [0, right.length] }], sentences: [] }
  const [own, rights] = [piecesOf(signed), piecesOf(right)]
  const texts = new Set(own.map(({ text }) => text))
  const names = new Set(own.map(({ name }) => name))
  const alike = rights.filter(({ text, name }) => texts.has(text) || (name !== '' && names.has(name))).length
  // Where hardly a field is as it should be, the text is of another kind, such as JSON.
  return alike * 2 > rights.length ? compareFields(signed, own, rights, known) : compareWhole(signed, right)
}

function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = []
  let from = 0
  for (const piece of text.split('&')) {
    pieces.push({ text: piece, name: piece.includes('=') ? piece.slice(0, piece.indexOf('=')) : '', from, to: from + piece.length })
    from += piece.length + 1
  }
  return pieces
}

interface Told {
  /** How much of the text it explains. */
  readonly weight: number
  readonly sentence: string
}

function byWeight(told: readonly Told[]): string[] {
  return [...new Set([...told].sort((a, b) => b.weight - a.weight).map(({ sentence }) => sentence))]
}

// --- Field by field -----------------------------------------------------------------------------------------------------------------------

type Pairing = ReadonlyMap<Piece, Piece>

function compareFields(signed: string, own: readonly Piece[], rights: readonly Piece[], known: readonly string[]): TextComparison {
  const partner = pairUp(own, rights)
  const kept = inOrder(own, rights, partner)
  const partnerOf = new Map([...partner].map(([piece, of]) => [of, piece]))
  const parts: TextPart[] = []
  const told: Told[] = []
  const misplaced = own.filter((piece) => partner.has(piece) && !kept.has(piece))
  if (misplaced.length > 0) told.push(orderTold(own, rights, partner, misplaced, known))
  for (const piece of rights) {
    const its = partnerOf.get(piece)
    if (its === undefined) told.push({ weight: piece.text.length + 1, sentence: missingTold(piece, rights) })
  }
  for (const piece of own) {
    const its = partner.get(piece)
    if (its === undefined) told.push({ weight: piece.text.length + 1, sentence: extraTold(piece, own, signed, known) })
    else if (its.text !== piece.text) told.push(...changesTold(piece, its))
  }
  // In the picture what is missing stands where it belongs: after the piece that comes before it in the right text.
  let at = 0
  const missingUpTo = (limit: number) => {
    for (; at < limit; at++) {
      const piece = rights[at] as Piece
      const its = partnerOf.get(piece)
      if (its === undefined || !kept.has(its)) parts.push(pictured(its === undefined ? 'missing' : 'moved', null, piece))
    }
  }
  for (const piece of own) {
    const its = partner.get(piece)
    if (its === undefined || !kept.has(piece)) parts.push(pictured(its === undefined ? 'more' : 'moved', piece, null))
    else {
      missingUpTo(rights.indexOf(its))
      at++
      parts.push(...separatorPart(piece, its), ...innerParts(piece, its))
    }
  }
  missingUpTo(rights.length)
  return { parts: anchored(parts), sentences: byWeight(told) }
}

/** Same text first, then same name, then same value. Each once. */
function pairUp(own: readonly Piece[], rights: readonly Piece[]): Pairing {
  const partner = new Map<Piece, Piece>()
  const taken = new Set<Piece>()
  const tailOf = ({ text, name }: Piece) => text.slice(name.length)
  const tests: ((a: Piece, b: Piece) => boolean)[] = [
    (a, b) => a.text === b.text,
    (a, b) => a.name !== '' && a.name === b.name,
    (a, b) => a.name !== '' && b.name !== '' && tailOf(a).length > 1 && tailOf(a) === tailOf(b),
    (a, b) => a.text.includes(keyMark) && b.text.includes(keyMark),
    (a, b) => b.name !== '' && plain(a.text).startsWith(plain(b.name)),
    (a, b) => a === own[0] && b === rights[0] && b.text === keyMark,
  ]
  for (const test of tests) {
    for (const piece of own) {
      if (partner.has(piece)) continue
      const its = rights.find((candidate) => !taken.has(candidate) && test(piece, candidate))
      if (its === undefined) continue
      partner.set(piece, its)
      taken.add(its)
    }
  }
  return partner
}

/** As it looks, without what is hardly seen. */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
}

/** The most pieces that stand in the right order among themselves. */
function inOrder(own: readonly Piece[], rights: readonly Piece[], partner: Pairing): ReadonlySet<Piece> {
  const paired = own.filter((piece) => partner.has(piece))
  const ranks = paired.map((piece) => rights.indexOf(partner.get(piece) as Piece))
  const chains: number[][] = []
  for (const [index, rank] of ranks.entries()) {
    let longest: readonly number[] = []
    for (const [before, chain] of chains.entries()) if ((ranks[before] as number) < rank && chain.length > longest.length) longest = chain
    chains.push([...longest, index])
  }
  const longest = chains.reduce<readonly number[]>((most, chain) => (chain.length > most.length ? chain : most), [])
  return new Set(longest.map((index) => paired[index] as Piece))
}

function orderTold(
  own: readonly Piece[],
  rights: readonly Piece[],
  partner: Pairing,
  misplaced: readonly Piece[],
  known: readonly string[],
): Told {
  const [piece] = misplaced as [Piece]
  const its = partner.get(piece) as Piece
  const weight = misplaced.reduce((sum, { text }) => sum + text.length + 1, 0)
  if (misplaced.length === 1) {
    const index = own.indexOf(piece)
    const stands = index === 0 ? 'first' : index === own.length - 1 ? 'last' : `after ${label(own[index - 1] as Piece, known)}`
    return { weight, sentence: `${label(its, known)} stands ${stands} in your text; it belongs ${placeOf(its, rights)}.` }
  }
  const order = own.filter((one) => partner.has(one)).map((one) => label(partner.get(one) as Piece, known))
  const should = rights.filter((one) => [...partner.values()].includes(one)).map((one) => label(one, known))
  return { weight, sentence: `The order is otherwise: yours is ${order.join(', ')}; it should be ${should.join(', ')}.` }
}

function label(piece: Piece, known: readonly string[]): string {
  if (piece.text === keyMark) return 'KEY'
  return known.includes(piece.name) ? piece.name : named(piece.name === '' ? piece.text : piece.name)
}

function placeOf(piece: Piece, rights: readonly Piece[]): string {
  const index = rights.indexOf(piece)
  if (index === 0) return 'first, with & after it'
  const before = rights[index - 1] as Piece
  return `after ${before.text === keyMark ? 'KEY' : before.name}`
}

function missingTold(piece: Piece, rights: readonly Piece[]): string {
  const what = piece.text === keyMark ? 'KEY' : piece.name === '' ? named(piece.text) : piece.name
  return `${what} is missing from your text; it belongs ${placeOf(piece, rights)}.`
}

function extraTold(piece: Piece, own: readonly Piece[], signed: string, known: readonly string[]): string {
  if (piece.text === '') {
    if (piece.to === signed.length) return 'Your text has & after its last field, where nothing belongs.'
    return piece.from === 0 ? 'Your text begins with &.' : 'Your text has && where one & belongs.'
  }
  if (piece.text.includes(keyMark)) return `Your text has KEY${piece.text === keyMark ? '' : ' with more around it'} where none belongs.`
  const same = own.find((other) => other !== piece && other.text === piece.text)
  if (same !== undefined) return `${label(piece, known)} stands in your text twice.`
  return known.includes(piece.name)
    ? `${piece.name} stands in your text, and is not to be signed.`
    : `${stands(piece.name === '' ? piece.text : piece.name)} in your text as a field, and no such field is to be signed.`
}

/** What differs within one field. */
function changesTold(piece: Piece, its: Piece): Told[] {
  if (its.text === keyMark) return wholeTold(piece.text, its.text)
  if (piece.name === '' || (piece.name !== its.name && piece.text.slice(piece.name.length) !== its.text.slice(its.name.length)))
    return fieldTold(piece, its)
  const told: Told[] = []
  if (piece.name !== its.name) {
    told.push({ weight: Math.max(piece.name.length, 1), sentence: `${stands(piece.name)} in your text where ${its.name} belongs.` })
  }
  const [value, should] = [piece.text.slice(piece.name.length + 1), its.text.slice(its.name.length + 1)]
  if (value === should) return told
  const weight = Math.max(value.length, should.length)
  const differences = runs(value, should).filter(({ isSame }) => !isSame)
  const changed = differences.reduce((sum, { a, b }) => sum + Math.max(a[1] - a[0], b[1] - b[0]), 0)
  if (value === '') return [...told, { weight, sentence: `${its.name} has no value in your text.` }]
  if (differences.length > 3 && changed * 2 > should.length) {
    return [
      ...told,
      {
        weight,
        sentence: `${its.name} has another value in your text (${[...value].length} characters) than in the body (${[...should].length}).`,
      },
    ]
  }
  const [first] = differences as [Run]
  const more = differences.length > 1 ? `, and ${differences.length - 1} more such ${differences.length === 2 ? 'place' : 'places'}` : ''
  return [...told, { weight: changed, sentence: `In ${its.name}, ${runTold(first, value, should)}${more}.` }]
}

/** Name and value at once. */
function fieldTold(piece: Piece, its: Piece): Told[] {
  const differences = runs(piece.text, its.text).filter(({ isSame }) => !isSame)
  return differences.map((run) => ({ weight: run.b[1] - run.b[0] + 1, sentence: `At ${its.name}, ${runTold(run, piece.text, its.text)}.` }))
}

function runTold({ a, b }: Run, own: string, right: string): string {
  const [piece, should] = [own.slice(...a), right.slice(...b)]
  if (piece.normalize() === should.normalize() || piece.normalize('NFKC') === should.normalize('NFKC')) {
    return `${stands(piece)} where ${belongs(should)}, which looks the same`
  }
  if (piece === '') return `${stands(should).replace(/stands?$/, (verb) => (verb === 'stands' ? 'is' : 'are'))} missing${whereIn(right, b)}`
  if (should === '') return `${stands(piece)}${whereIn(own, a)} where nothing belongs`
  return `${stands(piece)} where ${belongs(should)}`
}

function whereIn(text: string, [from, to]: readonly [number, number]): string {
  return from === 0 ? ' at the beginning' : to === text.length ? ' at the end' : ''
}

function pictured(how: How, own: Piece | null, right: Piece | null): TextPart {
  return { how, signed: own === null ? [0, 0] : withSeparator(own), right: right === null ? [0, 0] : withSeparator(right) }
}

/** The & before it belongs to a piece. */
function withSeparator({ from, to }: Piece): [number, number] {
  return [Math.max(0, from - 1), to]
}

function separatorPart(own: Piece, right: Piece): TextPart[] {
  if (own.from === 0 && right.from === 0) return []
  const how: How = own.from === 0 ? 'missing' : right.from === 0 ? 'more' : 'same'
  return [{ how, signed: [Math.max(0, own.from - 1), own.from], right: [Math.max(0, right.from - 1), right.from] }]
}

function innerParts(own: Piece, right: Piece): TextPart[] {
  return runs(own.text, right.text).map(({ isSame, a, b }) => ({
    how: isSame ? 'same' : howOf(a, b),
    signed: [own.from + a[0], own.from + a[1]],
    right: [right.from + b[0], right.from + b[1]],
  }))
}

function howOf(a: readonly [number, number], b: readonly [number, number]): How {
  return a[0] === a[1] ? 'missing' : b[0] === b[1] ? 'more' : 'otherwise'
}

/** Parts that have nothing of one text stand where that text has got to. */
function anchored(parts: readonly TextPart[]): TextPart[] {
  let at = 0
  return parts.map((part) => {
    const isEmpty = part.signed[1] === part.signed[0]
    if (!isEmpty) at = part.signed[1]
    return isEmpty ? { ...part, signed: [at, at] } : part
  })
}

// --- As a whole ---------------------------------------------------------------------------------------------------------------------------

function compareWhole(signed: string, right: string): TextComparison {
  const found = runs(signed, right)
  const parts = found.map(({ isSame, a, b }): TextPart => ({ how: isSame ? 'same' : howOf(a, b), signed: a, right: b }))
  const same = found.reduce((sum, { isSame, a }) => sum + (isSame ? a[1] - a[0] : 0), 0)
  const details = byWeight(wholeTold(signed, right))
  return { parts, sentences: same * 2 > right.length && details.length <= 4 ? details : [...formTold(signed, right), ...details] }
}

/** Of a text of another form altogether: what of the right one is in it, and where the key stands. */
function formTold(signed: string, right: string): string[] {
  const fields = piecesOf(right).filter(({ name }) => name !== '')
  const absent = fields.filter(({ text, name }) => !signed.includes(text.slice(name.length + 1)))
  const form = /^\s*[{[]/.test(signed) ? ' It is an object, printed.' : ''
  const told = [`Your text is not the fields as name=value, joined with &.${form}`]
  if (absent.length > 0)
    told.push(
      `The ${absent.length === 1 ? 'value' : 'values'} of ${absent.map(({ name }) => name).join(', ')} ${absent.length === 1 ? 'is' : 'are'} not in it as in the body.`,
    )
  const isKeyRight = right.startsWith(keyMark) ? signed.startsWith(`${keyMark}&`) : !signed.includes(keyMark)
  if (!isKeyRight)
    told.push(right.startsWith(keyMark) ? 'KEY and & belong before the fields, and nowhere else.' : 'KEY does not belong in it.')
  return told
}

/** Alike differences are one sentence, with their number. */
function wholeTold(signed: string, right: string): Told[] {
  const groups = new Map<string, { readonly run: Run; count: number; weight: number }>()
  for (const run of runs(signed, right)) {
    if (run.isSame) continue
    const [piece, should] = [signed.slice(...run.a), right.slice(...run.b)]
    const group = groups.get(`${piece}\0${should}`) ?? { run, count: 0, weight: 0 }
    groups.set(`${piece}\0${should}`, group)
    group.count++
    group.weight += Math.max(piece.length, should.length)
  }
  return [...groups.values()].map(({ run, count, weight }) => {
    const sentence = runTold(run, signed, right)
    return { weight, sentence: `In your text, ${sentence}${count > 1 ? `, ${count} times` : ''}.` }
  })
}

/** Several sentences as one. */
export function inShort(sentences: readonly string[]): string {
  const [first = '', ...others] = sentences
  return others.length === 0
    ? first
    : `${first} ${others.length === 1 ? 'One thing more differs.' : `${others.length} things more differ.`}`
}
