/**
 * Detects easily guessed new passwords (check 6; NIST SP 800-63B section 3.1.1.2; ASVS 6.2.4, 6.2.11). Common passwords rarely have 15
 * characters; people extend short ones by appending, repeating and joining. So this is a list of 49,000 common passwords with a rule over
 * it, not a list of long ones.
 *
 * A password is taken apart into the fewest pieces: common passwords and words of the seller's context, runs (of the alphabet, of
 * digits, of the keyboard, of one character), numbers, marks, single letters. Few pieces are few guesses, and repeating them adds none.
 */
import { dictionary } from '@zxcvbn-ts/language-common'

/** Pieces shorter than this are letters, not words. */
const wordLengthMin = 4
const wordLengthMax = 24
const runLengthMin = 3
/** Digits and marks beside words that count as one piece. */
const fillerLengthMax = 8
/** Below this a password is refused: three common words joined by nothing, or two with a number and a mark, are not enough. */
const costMin = 3.5
/** Cost of a run, a number or a mark beside words, which people append. */
const costs = { word: 1, filler: 0.5, letter: 1 }
/** A repeated unit of this few characters is a pattern. */
const shortUnitMax = 8
/** Texts with fewer different characters are patterns. */
const distinctMin = 5

const common: ReadonlySet<string> = new Set(dictionary['passwords-common'].filter((word) => word.length >= wordLengthMin))

/** Rows and columns of keyboards, to be walked either way. */
const walks = [
  'abcdefghijklmnopqrstuvwxyz',
  '01234567890',
  'qwertyuiop',
  'asdfghjkl;',
  'zxcvbnm,./',
  'qwertzuiop',
  'yxcvbnm',
  'azertyuiop',
  'qsdfghjklm',
  'wxcvbn',
  '!@#$%^&*()',
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/',
  '1q2w3e4r5t6y7u8i9o0p',
  'q1w2e3r4t5y6u7i8o9p0',
  'qawsedrftgyhujikolp',
]
const steps: ReadonlySet<string> = new Set(
  walks.flatMap((walk) => [...walk].slice(1).flatMap((next, index) => [`${walk[index]}${next}`, `${next}${walk[index]}`])),
)

const substitutes: Readonly<Record<string, string>> = {
  '@': 'a',
  '4': 'a',
  '3': 'e',
  '1': 'i',
  '!': 'i',
  '0': 'o',
  $: 's',
  '5': 's',
  '7': 't',
  '8': 'b',
  '9': 'g',
}

/** Why a password of valid length is easy to guess, completing "the password must …"; null if it is not. */
export function findGuessableProblem(password: string, contextWords: readonly string[]): string | null {
  const folded = [...password.normalize('NFKC').toLowerCase()]
  const unit = repeatedUnit(folded)
  if (new Set(folded).size < distinctMin || unit.length <= shortUnitMax) return 'not be a few characters repeated'
  const words = new Set(contextWords.filter((word) => word.length >= wordLengthMin))
  const lengthMax = Math.max(wordLengthMax, ...[...words].map((word) => word.length))
  const spellings = [
    unit,
    unit.map((char) => substitutes[char] ?? char),
    unit.map((char) => (char === '1' || char === '!' ? 'l' : (substitutes[char] ?? char))),
  ]
  const cost = Math.min(...spellings.map((spelling) => costOf(unit, spelling, lengthMax, (word) => common.has(word) || words.has(word))))
  if (cost >= costMin) return null
  return 'not be a common password, a sequence, or made of little but those or of your name, address or this product'
}

/** What an attacker who knows the account tries first: its e-mail, parts of it, and this product's name. */
export function contextWordsOf(email: string): readonly string[] {
  const [local = '', domain = ''] = email.split('@')
  return [email, local, domain, ...local.split(/[^a-z0-9]+/), ...domain.split(/[.-]/), 'lobbykey', 'lobby', 'seller', 'merchant']
}

/** The unit that a text repeats, perhaps truncated at the end; the text itself if there is none of half its length or less. */
function repeatedUnit(chars: readonly string[]): readonly string[] {
  for (let length = 1; length <= chars.length / 2; length++) {
    if (chars.every((char, index) => index < length || char === chars[index - length])) return chars.slice(0, length)
  }
  return chars
}

/** The least cost of a text as pieces; `spelling` is the same text with look-alike characters read as letters. */
function costOf(chars: readonly string[], spelling: readonly string[], lengthMax: number, isWord: (text: string) => boolean): number {
  const best: number[] = [0]
  // A number alone may be long and random, so each of its digits counts.
  const fillerMax = chars.some(isLetter) ? fillerLengthMax : 1
  const reach = (end: number, cost: number) => {
    best[end] = Math.min(best[end] ?? Number.POSITIVE_INFINITY, cost)
  }
  chars.forEach((char, start) => {
    const before = best[start] ?? Number.POSITIVE_INFINITY
    reach(start + 1, before + (isLetter(char) ? costs.letter : costs.filler))
    for (let end = start + runLengthMin; end <= chars.length && isRun(chars, start, end); end++) reach(end, before + costs.filler)
    for (let end = start + 1; end <= start + fillerMax && isFiller(chars[end - 1]); end++) reach(end, before + costs.filler)
    let word = spelling.slice(start, start + wordLengthMin - 1).join('')
    for (let end = start + wordLengthMin; end <= Math.min(chars.length, start + lengthMax); end++) {
      word += spelling[end - 1]
      if (isWord(word)) reach(end, before + costs.word)
    }
  })
  return best[chars.length] ?? 0
}

function isLetter(char: string): boolean {
  return /[\p{L}\p{M}]/u.test(char)
}

/** Digits and the keyboard's marks and space. */
function isFiller(char: string | undefined): boolean {
  return char !== undefined && /^(?:\p{Nd}|[ -~])$/u.test(char) && !isLetter(char)
}

/** Checks only the last step, since the start of a run is a run. */
function isRun(chars: readonly string[], start: number, end: number): boolean {
  for (let index = start + 1; index < end; index++) {
    const pair = `${chars[index - 1]}${chars[index]}`
    if (!steps.has(pair) && chars[index - 1] !== chars[index]) return false
  }
  return true
}
