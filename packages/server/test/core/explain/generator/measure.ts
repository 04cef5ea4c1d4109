import { createHash } from 'node:crypto'
import { canonicalString, memberLogin, signedNames } from '@lobbykey/contract'
import fc from 'fast-check'
import { type Explanation, explainSignature, type MistakeKind } from '../../../../src/core/explain/explain-signature.ts'
import { searchCpuMsMax } from '../../../../src/core/explain/explainer.ts'
import { anyRequest, type Request } from '../random-requests.ts'
import { type Kind, kinds, type Pairs, signedBy } from './kinds.ts'
import { runtimeTexts } from './runtimes.ts'

export type Verdict = 'right' | 'unknown' | 'wrong'
export type Form = 'single' | 'double' | 'keyed' | 'runtime'

export interface Measured {
  readonly name: string
  readonly form: Form
  readonly isHeldOut: boolean
  readonly withoutText: Verdict
  readonly withText: Verdict
  /** What was answered instead. */
  readonly said: string
}

interface Wrong {
  readonly request: Request
  readonly name: string
  readonly form: Form
  readonly isHeldOut: boolean
  readonly accepts: readonly MistakeKind[]
  /** With the key in it. */
  readonly text: string
  readonly sign: string
  readonly key: string
}

/** Where the requests went. */
const origin = 'https://login.example.com'

/** Every third kind is held out while the search is written: its mistakes are not read, only counted. */
function isHeldOut(index: number): boolean {
  return index % 3 === 2
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex')

/** Keys beside the one that would be right, the one that is retired and another merchant's. */
export interface Besides {
  readonly active: number
  readonly retired: number
  readonly others: number
}

/**
 * Requests signed wrongly in every kind, `count` of each form, explained without the text and with it, within the processor time that the
 * worker gives a question. The same requests each time.
 */
export function* measure(count: number, seed = 15, besides: Besides = { active: 0, retired: 0, others: 0 }): Generator<Measured> {
  const requests = fc.sample(
    anyRequest.filter(({ profile, call }) => profile.algorithm === 'md5' && call === memberLogin),
    { seed, numRuns: kinds.length * count },
  )
  for (const wrong of [...composed(requests, count), ...fromRuntimes(requests.slice(0, count))]) {
    const { request, key } = wrong
    if (wrong.text === `${key}&${canonical(request)}` && wrong.sign === md5(wrong.text)) continue
    const { verdict: withoutText, said } = judged(wrong, explain(wrong, null, besides))
    const given = key === '' ? wrong.text : wrong.text.replaceAll(key, 'KEY')
    const { name, form, isHeldOut } = wrong
    yield { name, form, isHeldOut, withoutText, withText: judgedByText(given, wrong, explain(wrong, given, besides)), said }
  }
}

function canonical({ fields, profile }: Request): string {
  return canonicalString(fields, signedNames(memberLogin, profile.callback))
}

function pairsOf({ fields, profile }: Request): Pairs {
  return signedNames(memberLogin, profile.callback).flatMap((name) => {
    const value = fields[name]
    return value === undefined || value === null || value === '' ? [] : [[name, String(value)] as const]
  })
}

function* composed(requests: readonly Request[], count: number): Generator<Wrong> {
  for (const [index, kind] of kinds.entries()) {
    for (let at = 0; at < count; at++) {
      const request = requests[index * count + at] as Request
      const make = (form: Form, chosen: readonly Kind[], key: string, more: readonly MistakeKind[] = []): Wrong => ({
        request,
        form,
        name: chosen.map(({ name }) => name).join(' + '),
        isHeldOut: isHeldOut(index),
        accepts: [...chosen.flatMap(({ accepts }) => accepts), ...more],
        key,
        ...signedBy(chosen, pairsOf(request), key, request),
      })
      yield make('single', [kind], request.key)
      yield make('keyed', [kind], request.retiredKey, ['key-retired'])
      const others = kinds.filter(({ stage }) => stage !== kind.stage)
      yield make('double', [kind, others[request.dice % others.length] as Kind], request.key)
    }
  }
}

function* fromRuntimes(requests: readonly Request[]): Generator<Wrong> {
  const asked = requests.map((request) => ({ request, pairs: pairsOf(request), key: request.key }))
  const { texts } = runtimeTexts(asked)
  for (const [at, list] of texts.entries()) {
    const request = requests[at] as Request
    for (const [index, { name, accepts, text }] of list.entries()) {
      yield { request, name, form: 'runtime', isHeldOut: isHeldOut(index), accepts, text, sign: md5(text), key: request.key }
    }
  }
}

function explain({ request, sign }: Wrong, text: string | null, besides: Besides): Explanation {
  const { call, profile, fields, key, retiredKey, foreignKey, dice } = request
  const keys = {
    active: among(key, besides.active, dice),
    retired: among(retiredKey, besides.retired, dice),
    others: among(foreignKey, besides.others, dice),
  }
  const begun = process.threadCpuUsage()
  const hasTime = () => {
    const { user, system } = process.threadCpuUsage(begun)
    return user + system < searchCpuMsMax(keys.active.length) * 1_000
  }
  return explainSignature({ call, profile, body: JSON.stringify({ ...fields, sign }), keys, now: null, text, origin, hasTime })
}

/** A key with so many others of its length, at any place of them. */
function among(key: string, count: number, dice: number): string[] {
  const others = Array.from({ length: count }, (_, at) => createHash('sha512').update(`${key} ${at}`).digest('hex').slice(0, key.length))
  return others.toSpliced(dice % (count + 1), 0, key)
}

function judged({ accepts }: Wrong, explanation: Explanation): { verdict: Verdict; said: string } {
  const named = [explanation, ...explanation.also].map(({ kind }) => kind)
  const said = named.join(' + ')
  if (named.some((kind) => kind === 'unknown' || kind === 'sign-form')) return { verdict: 'unknown', said }
  return { verdict: named.every((kind) => accepts.includes(kind) || kind === 'another-form') ? 'right' : 'wrong', said }
}

/** Right when it gives back the very text, or says that the text is right and only what is done with it is not. */
function judgedByText(given: string, wrong: Wrong, explanation: Explanation): Verdict {
  const { kind, sentence, difference } = explanation
  if (kind === 'text-right') return 'unknown'
  if (difference === undefined) return sentence.startsWith('Your text is right') ? 'right' : judged(wrong, explanation).verdict
  const { before, from, to, after } = difference.signed
  const own = before + given.slice(from, to) + after
  const isWhole = difference.parts.map(({ signed }) => own.slice(...signed)).join('') === own
  const isTrue = difference.parts.every(
    ({ how, signed, right }) => (how === 'same') === (own.slice(...signed) === difference.right.slice(...right)),
  )
  return isWhole && isTrue && difference.sentences.length > 0 ? 'right' : 'wrong'
}
