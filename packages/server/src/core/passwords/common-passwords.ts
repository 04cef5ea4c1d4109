/**
 * Which new passwords anybody would guess early (check 6; NIST SP 800-63B section 3.1.1.2; ASVS 6.2.4, 6.2.11). Whole passwords that
 * people use do not often have 15 characters; what people do to a short one to get there is append, repeat and join. So this is a
 * list of 49,000 common passwords and a rule over them, not a list of long ones.
 *
 * A password is taken apart into the fewest pieces: common passwords and words of the seller's context, runs (of the alphabet, of
 * digits, of the keyboard, of one character), numbers, marks, single letters. Few pieces are few guesses, and repeating them adds none.
 */
import { dictionary } from '@zxcvbn-ts/language-common'

/** Pieces shorter than this are letters, not words. */
const wordLengthMin = 4
const wordLengthMax = 24
const runLengthMin = 3
/** As many digits and marks beside words as are one piece. */
const fillerLengthMax = 8
/** Below this a password is refused: three common words joined by nothing, or two with a number and a mark, are not enough. */
const costMin = 3.5
/** A run, a number or a mark beside words is what people append. */
const costs = { word: 1, filler: 0.5, letter: 1 }
/** A unit of so few characters is a pattern, whatever they are. */
const shortUnitMax = 8
/** Texts of fewer different characters are patterns, whatever the characters. */
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

/** Why a password of the right length is easily guessed, as the end of "the password must …"; null when it is not. */
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

/** What an attacker who knows the account tries first: its e-mail and the parts of it, and what this is. */
export function contextWordsOf(email: string): readonly string[] {
  const [local = '', domain = ''] = email.split('@')
  return [email, local, domain, ...local.split(/[^a-z0-9]+/), ...domain.split(/[.-]/), 'lobbykey', 'lobby', 'seller', 'merchant']
}

/** What a text is made of again and again, the last time perhaps cut; the text itself when there is no such unit of half of it or less. */
function repeatedUnit(chars: readonly string[]): readonly string[] {
  for (let length = 1; length <= chars.length / 2; length++) {
    if (chars.every((char, index) => index < length || char === chars[index - length])) return chars.slice(0, length)
  }
  return chars
}

/** The least cost of a text as pieces; `spelling` is the same text with what stands for letters read as letters. */
function costOf(chars: readonly string[], spelling: readonly string[], lengthMax: number, isWord: (text: string) => boolean): number {
  const best: number[] = [0]
  // A number alone may be a long random one: then each of its digits counts.
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

/** Every step, or every character, follows from the one before; the last step is enough, as a run's beginning is a run. */
function isRun(chars: readonly string[], start: number, end: number): boolean {
  for (let index = start + 1; index < end; index++) {
    const pair = `${chars[index - 1]}${chars[index]}`
    if (!steps.has(pair) && chars[index - 1] !== chars[index]) return false
  }
  return true
}
