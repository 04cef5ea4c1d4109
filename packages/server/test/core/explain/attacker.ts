/**
 * Plays a party without the key who knows some digits of a valid sign, or some letters of the key, and asks the explainer for the rest. The
 * next character is guessed in every way of putting the question that there is: where one guess is answered otherwise than the others,
 * the attacker takes it for right, keeps it and goes on.
 */
import { createHmac, hash } from 'node:crypto'
import { memberLogin } from '@lobbykey/contract'
import { explainSignature } from '../../../src/core/explain/explain-signature.ts'

export interface Question {
  readonly sign: string
  /** The text that the asker claims was hashed. */
  readonly text?: string
}

/** One way to ask: the known characters plus one guess, and how many characters there are in all. */
type Move = (guessed: string, length: number) => Question

export interface Game {
  readonly alphabet: string
  readonly length: number
  readonly moves: readonly Move[]
  /** What the attacker is after. */
  readonly secret: string
  readonly ask: (question: Question) => string
}

export interface Gain {
  /** The characters that the attacker finally believes, from the first on. */
  readonly believed: string
  readonly asked: number
}

/**
 * Asks at most so many questions, beginning with the first `known` characters.
 *
 * @param guessesMax of the alphabet, the right character always among them: fewer answer sooner, and the right one is no less rare
 */
export function attack({ alphabet, length, moves, secret, ask }: Game, known: number, questionsMax: number, guessesMax = 99): Gain {
  let believed = secret.slice(0, known)
  let asked = 0
  let move = 0
  let untold = 0
  while (untold < moves.length && believed.length < length) {
    const right = secret.charAt(believed.length)
    const guesses = [right, ...alphabet.replace(right, '')].slice(0, guessesMax)
    if (asked + guesses.length > questionsMax) break
    const put = moves[move++ % moves.length] as Move
    // An answer may repeat what the asker sent: that reveals nothing.
    const answers = guesses.map((guess) => ask(put(believed + guess, length)).replaceAll(believed + guess, ''))
    asked += guesses.length
    const rare = answers.findIndex((answer) => answers.filter((other) => other === answer).length === 1)
    untold = rare === -1 ? untold + 1 : 0
    if (rare !== -1) believed += guesses[rare]
  }
  return { believed, asked }
}

const key = 'l4gnD61pz4arJyv8'
const fields = {
  agent_id: 'agent001',
  user_id: 'uid001',
  token: 'tokena8c2aaef3880162a',
  platform: 'h5',
  language: 'en-US',
  currency: 'VND2',
  timestamp: 1_734_417_873_301,
}
const text = 'agent_id=agent001&currency=VND2&language=en-US&platform=h5&timestamp=1734417873301&token=tokena8c2aaef3880162a&user_id=uid001'

const md5 = (message: string) => hash('md5', message, 'hex')
const bytes = (hex: string) => Buffer.from(hex.length % 2 === 0 ? hex : `${hex}5`, 'hex')

/** Ways to send a part of a digest, or a whole one of which only a part is known. No secret here ends as it is filled up: that would be a right guess. */
const signMoves: readonly Move[] = [
  (guess) => ({ sign: guess }),
  (guess, length) => ({ sign: guess.padEnd(length, '5') }),
  (guess) => ({ sign: guess.padEnd(32, 'e') }),
  (guess) => ({ sign: guess.slice(0, 16) }),
  (guess) => ({ sign: guess.slice(-16) }),
  (guess) => ({ sign: guess.slice(8, 24) }),
  (guess, length) => ({ sign: guess.padEnd(length - 1, '5') }),
  (guess, length) => ({ sign: guess.padEnd(length - 2, '5') }),
  (guess) => ({ sign: guess.toUpperCase() }),
  (guess) => ({ sign: `0x${guess}` }),
  (guess) => ({ sign: `"${guess}"` }),
  (guess) => ({ sign: bytes(guess).toString('base64') }),
  (guess) => ({ sign: Buffer.from(guess).toString('base64') }),
  (guess) => ({ sign: Buffer.from(guess).toString('hex') }),
  (guess) => ({ sign: [...bytes(guess)].join(',') }),
  (guess) => ({ sign: BigInt(`0x${guess}`).toString() }),
  (guess) => ({ sign: guess.replace(/^0+/, '').replace(/0(.)/g, '$1') }),
  (guess) => ({ sign: guess.replace(/../g, '$&-') }),
]

/** The same with a text that claims to give it. */
const signAndTextMoves: readonly Move[] = signMoves
  .filter((_move, index) => index % 4 === 0)
  .map(
    (move): Move =>
      (guess, length) => ({ ...move(guess, length), text: `KEY&${text}` }),
  )

const places: readonly ((key: string) => string)[] = [
  (guess) => `${guess}&${text}`,
  (guess) => `${text}&${guess}`,
  (guess) => `${text}&key=${guess}`,
  (guess) => `"${guess}"&${text}`,
  (guess) => `${guess}\n&${text}`,
  (guess) => `${guess}`,
]

/** Ways to sign with what is known of a key. */
const keyMoves: readonly Move[] = [
  ...places.map(
    (place): Move =>
      (guess) => ({ sign: md5(place(guess)) }),
  ),
  (guess, length) => ({ sign: md5(`${guess.padEnd(length, 'A')}&${text}`) }),
  (guess, length) => ({ sign: md5(`${guess.padEnd(length - 1, 'A')}&${text}`) }),
  (guess) => ({ sign: md5(`${guess.toLowerCase()}&${text}`) }),
  (guess) => ({ sign: md5(`${Buffer.from(guess).toString('base64')}&${text}`) }),
  (guess) => ({ sign: md5(`${Buffer.from(guess, 'base64').toString('latin1')}&${text}`) }),
  (guess) => ({ sign: md5(`${md5(guess)}&${text}`) }),
  (guess) => ({ sign: createHmac('sha256', guess).update(text).digest('hex') }),
]

function asked(algorithm: 'md5' | 'hmac-sha256') {
  return ({ sign, text }: Question) => {
    // What a question reaches within its processor time.
    let looks = 24
    return JSON.stringify(
      explainSignature({
        call: memberLogin,
        body: JSON.stringify({ ...fields, sign }),
        keys: { active: [key], published: [], retired: ['retiredKey123456'], others: ['otherKey12345678'] },
        profile: { algorithm, callback: 'unsigned' },
        now: fields.timestamp,
        text: text ?? null,
        hasTime: () => looks-- > 0,
      }),
    )
  }
}

const hex = '0123456789abcdef'

/** Ways to put a part of a key into the text, with KEY or without. */
const keyTextMoves: readonly Move[] = [
  ...places.slice(0, 3).map(
    (place): Move =>
      (guess) => ({ sign: md5(place(guess)), text: place(guess) }),
  ),
  (guess) => ({ sign: md5(`${guess}&${text}`), text: `KEY&${text}` }),
  (guess, length) => ({ sign: md5(`${guess.padEnd(length, 'A')}&${text}`), text: `${guess.padEnd(length, 'A')}&${text}` }),
  (guess) => ({ sign: md5(text), text: `${guess}&${text}` }),
]

export const games: Readonly<Record<string, Game>> = {
  'an MD5 signature': {
    alphabet: hex,
    length: 32,
    moves: [...signMoves, ...signAndTextMoves],
    secret: md5(`${key}&${text}`),
    ask: asked('md5'),
  },
  'an HMAC': {
    alphabet: hex,
    length: 64,
    moves: [...signMoves, ...signAndTextMoves],
    secret: createHmac('sha256', key).update(text).digest('hex'),
    ask: asked('hmac-sha256'),
  },
  // The guesses include the right letter and others of its kind; a whole alphabet would add nothing new.
  'the key': { alphabet: 'lL1Dpz4aJyv86gnrx', length: key.length, moves: [...keyMoves, ...keyTextMoves], secret: key, ask: asked('md5') },
}
