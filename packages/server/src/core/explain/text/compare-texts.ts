import { listed } from '../mistake.ts'
import { type Run, runs } from './longest-common.ts'
import { belongs, keyMark, named, stands } from './named-character.ts'

export type How = 'same' | 'more' | 'missing' | 'otherwise' | 'moved'

/** A run of both texts, in the order of the signed one; offsets into each, where the key counts as one character. */
export interface TextPart {
  readonly how: How
  readonly signed: readonly [from: number, to: number]
  readonly right: readonly [from: number, to: number]
}

export interface TextComparison {
  readonly parts: readonly TextPart[]
  /** Each difference in words, the most important first; empty if the texts are equal. */
  readonly sentences: readonly string[]
}

/** A piece of a text split at `&`. */
interface Piece {
  /** What separates it from the piece before. */
  readonly lead: string
  readonly text: string
  readonly name: string
  readonly from: number
  readonly to: number
}

/** How a signed text differs from the right one, exactly. `known` are field names, which may be shown; the rest of a text may be secret. */
export function compareTexts(signed: string, right: string, known: readonly string[]): TextComparison {
  if (signed === right) return { parts: [{ how: 'same', signed: [0, signed.length], right: [0, right.length] }], sentences: [] }
  const [own, rights] = [piecesOf(signed, known), piecesOf(right)]
  const texts = new Set(own.map(({ text }) => text))
  // Paired by name, or by value.
  const halves = new Set(own.flatMap((piece) => (piece.name === '' ? [] : [piece.name, tailOf(piece)])))
  const alike = rights.filter(
    (piece) => texts.has(piece.text) || (piece.name !== '' && (halves.has(piece.name) || halves.has(tailOf(piece)))),
  ).length
  // If hardly any field is right, the text is of another kind, such as JSON.
  return alike * 2 > rights.length ? compareFields(signed, own, rights, known) : compareWhole(signed, right)
}

/** A name in `names` is a piece even without a value. */
function piecesOf(text: string, names: readonly string[] = []): Piece[] {
  const pieces: Piece[] = []
  const add = (piece: string, lead: string, from: number) => {
    const name = piece.includes('=') ? piece.slice(0, piece.indexOf('=')) : names.includes(piece) ? piece : ''
    pieces.push({ lead, text: piece, name, from, to: from + piece.length })
  }
  // The key is a piece of its own, whatever separates it from the first field.
  const start = keyAndName.exec(text)
  if (start !== null) add(keyMark, '', 0)
  let from = start === null ? 0 : keyMark.length + (start[1] ?? '').length
  let lead = start?.[1] ?? ''
  for (const whole of text.slice(from).split('&')) {
    // Spaces after & come from joining with more than &.
    const blanks = lead === '&' ? (/^\s+(?=[\p{L}_])/u.exec(whole)?.[0] ?? '') : ''
    add(whole.slice(blanks.length), lead + blanks, from + blanks.length)
    from += whole.length + 1
    lead = '&'
  }
  return pieces
}

/** With at most a few characters other than & between. */
const keyAndName = new RegExp(`^${keyMark}([^\\p{L}\\p{N}_&=]{0,4})(?=[\\p{L}_][\\p{L}\\p{N}_]*=)`, 'u')

/** The value, with the = before it. */
function tailOf({ text, name }: Piece): string {
  return text.slice(name.length)
}

interface Told {
  /** How much of the text it accounts for. */
  readonly weight: number
  readonly sentence: string
}

/** Further ones are only counted: nobody reads them. */
const sentencesMax = 12

function byWeight(told: readonly Told[]): string[] {
  const sentences = [...new Set([...told].sort((a, b) => b.weight - a.weight).map(({ sentence }) => sentence))]
  const more = sentences.length - sentencesMax
  return more < 2 ? sentences : [...sentences.slice(0, sentencesMax), `${more} more places differ.`]
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
  const changed: (readonly [Piece, Piece])[] = []
  for (const piece of own) {
    const its = partner.get(piece)
    if (its === undefined) told.push({ weight: piece.text.length + 1, sentence: extraTold(piece, own, signed, known) })
    else if (its.text !== piece.text) changed.push([piece, its])
  }
  const parted = own.filter((piece) => {
    const its = partner.get(piece)
    return its !== undefined && piece.from > 0 && its.from > 0 && piece.lead !== its.lead
  })
  told.push(...leadsTold(parted, own, known), ...together(changed))
  // In the picture a missing piece is shown where it belongs: after the piece that precedes it in the right text.
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

/** Pairs by text, then by name, then by value; each piece once. */
function pairUp(own: readonly Piece[], rights: readonly Piece[]): Pairing {
  const partner = new Map<Piece, Piece>()
  const taken = new Set<Piece>()
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

/** As it looks, without invisible characters. */
function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
}

/** The longest sequence of pieces in the right order. */
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
  return { weight, sentence: `The order differs: yours is ${order.join(', ')}; it should be ${should.join(', ')}.` }
}

function label(piece: Piece, known: readonly string[]): string {
  if (piece.text === keyMark) return 'KEY'
  return known.includes(piece.name) ? piece.name : named(piece.name === '' ? piece.text : piece.name)
}

/** Wrong separators between fields; equal ones share a sentence with their count. */
function leadsTold(parted: readonly Piece[], own: readonly Piece[], known: readonly string[]): Told[] {
  return [...Map.groupBy(parted, ({ lead }) => lead)].map(([lead, pieces]) => {
    const [piece] = pieces as [Piece]
    const between = `between ${label(own[own.indexOf(piece) - 1] as Piece, known)} and ${label(piece, known)}`
    const [where, count] = pieces.length === 1 ? [`before ${label(piece, known)} `, ''] : ['', `, ${pieces.length} times`]
    const sentence = lead.startsWith('&')
      ? `In your text, ${stands(lead.slice(1))} ${where}where nothing belongs${count}.`
      : lead === ''
        ? `& is missing ${between} in your text.`
        : `In your text, ${stands(lead)} ${between} where & belongs.`
    return { weight: pieces.length * Math.max(lead.length, 1), sentence }
  })
}

/** More than this share a sentence. */
const alikeMax = 2

/** Differences within fields; many wrong names or missing values share a sentence. */
function together(changed: readonly (readonly [Piece, Piece])[]): Told[] {
  const renamed = changed.filter(([piece, its]) => piece.name !== '' && piece.name !== its.name && tailOf(piece) === tailOf(its))
  const empty = changed.filter(([piece, its]) => piece.name === its.name && tailOf(piece).length < 2)
  const told: Told[] = []
  if (renamed.length > alikeMax) {
    const [yours, should] = [renamed.map(([{ name }]) => named(name)), renamed.map(([, { name }]) => name)]
    const weight = renamed.reduce((sum, [{ name }]) => sum + name.length, 0)
    told.push({ weight, sentence: `The names differ: yours are ${yours.join(', ')}; they should be ${should.join(', ')}.` })
  }
  if (empty.length > alikeMax) {
    const weight = empty.reduce((sum, [, { text }]) => sum + text.length, 0)
    told.push({ weight, sentence: `${listed(empty.map(([, { name }]) => name))} have no value in your text.` })
  }
  const alone = changed.filter(
    (one) => (!renamed.includes(one) || renamed.length <= alikeMax) && (!empty.includes(one) || empty.length <= alikeMax),
  )
  return [...told, ...alone.flatMap(([piece, its]) => changesTold(piece, its))]
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
  if (same !== undefined) return `${label(piece, known)} is in your text twice.`
  return known.includes(piece.name)
    ? `${piece.name} is in your text but must not be signed.`
    : `${stands(piece.name === '' ? piece.text : piece.name)} in your text as a field, but there is no such field to sign.`
}

/** What differs within one field. */
function changesTold(piece: Piece, its: Piece): Told[] {
  if (its.text === keyMark) return keyTold(piece.text)
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

/** What is where the bare key belongs. */
function keyTold(text: string): Told[] {
  const at = text.indexOf(keyMark)
  if (at === -1) return wholeTold(text, keyMark)
  const around = [
    ['before', text.slice(0, at)],
    ['after', text.slice(at + keyMark.length)],
  ] as const
  return around.flatMap(([where, more]) =>
    more === '' ? [] : [{ weight: more.length, sentence: `In your text, ${stands(more)} ${where} KEY where nothing belongs.` }],
  )
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

/** A piece includes the separator before it. */
function withSeparator({ lead, from, to }: Piece): [number, number] {
  return [from - lead.length, to]
}

function separatorPart(own: Piece, right: Piece): TextPart[] {
  return runParts([own.lead, own.from - own.lead.length], [right.lead, right.from - right.lead.length])
}

function innerParts(own: Piece, right: Piece): TextPart[] {
  return runParts([own.text, own.from], [right.text, right.from])
}

function runParts([own, from]: readonly [string, number], [right, start]: readonly [string, number]): TextPart[] {
  return runs(own, right).map(({ isSame, a, b }) => ({
    how: isSame ? 'same' : howOf(a, b),
    signed: [from + a[0], from + a[1]],
    right: [start + b[0], start + b[1]],
  }))
}

function howOf(a: readonly [number, number], b: readonly [number, number]): How {
  return a[0] === a[1] ? 'missing' : b[0] === b[1] ? 'more' : 'otherwise'
}

/** Parts that are empty in one text get that text's current offset. Adjacent ones are merged: a text may have thousands. */
function anchored(parts: readonly TextPart[]): TextPart[] {
  let at = 0
  const out: TextPart[] = []
  for (const part of parts) {
    const isEmpty = part.signed[1] === part.signed[0]
    if (!isEmpty) at = part.signed[1]
    const [last, next] = [out.at(-1), isEmpty ? { ...part, signed: [at, at] as const } : part]
    const isOn = last?.how === next.how && next.how !== 'moved' && last.signed[1] === next.signed[0] && goesOn(last.right, next.right)
    if (isOn) out[out.length - 1] = { how: next.how, signed: [last.signed[0], next.signed[1]], right: spanOf(last.right, next.right) }
    else out.push(next)
  }
  return out
}

function goesOn(a: TextPart['right'], b: TextPart['right']): boolean {
  return a[1] === b[0] || a[0] === a[1] || b[0] === b[1]
}

function spanOf(a: TextPart['right'], b: TextPart['right']): TextPart['right'] {
  return a[0] === a[1] ? b : b[0] === b[1] ? a : [a[0], b[1]]
}

// --- As a whole ---------------------------------------------------------------------------------------------------------------------------

function compareWhole(signed: string, right: string): TextComparison {
  const found = runs(signed, right)
  const parts = found.map(({ isSame, a, b }): TextPart => ({ how: isSame ? 'same' : howOf(a, b), signed: a, right: b }))
  const same = found.reduce((sum, { isSame, a }) => sum + (isSame ? a[1] - a[0] : 0), 0)
  const details = byWeight(wholeTold(signed, right))
  return { parts, sentences: same * 2 > right.length && details.length <= 4 ? details : [...formTold(signed, right), ...details] }
}

/** For a text of another form altogether: what it has of the right one, and where the key is. */
function formTold(signed: string, right: string): string[] {
  const fields = piecesOf(right).filter(({ name }) => name !== '')
  const absent = fields.filter(({ text, name }) => !signed.includes(text.slice(name.length + 1)))
  const form = /^\s*[{[]/.test(signed.replace(keyMark, '').replace('&', '')) ? ' It is a printed object.' : ''
  const told = [`Your text is not the fields as name=value, joined with &.${form}`]
  if (absent.length > 0)
    told.push(
      `The ${absent.length === 1 ? 'value' : 'values'} of ${absent.map(({ name }) => name).join(', ')} ${absent.length === 1 ? 'is' : 'are'} not in it as they are in the body.`,
    )
  const isKeyRight = right.startsWith(keyMark) ? signed.startsWith(`${keyMark}&`) : !signed.includes(keyMark)
  if (!isKeyRight)
    told.push(right.startsWith(keyMark) ? 'KEY and & belong before the fields and nowhere else.' : 'KEY does not belong in it.')
  return told
}

/** Equal differences share a sentence with their count. */
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

/** Joins several sentences into one. */
export function inShort(sentences: readonly string[]): string {
  const [first = '', ...others] = sentences
  return others.length === 0
    ? first
    : `${first} ${others.length === 1 ? 'One more thing differs.' : `${others.length} more things differ.`}`
}
