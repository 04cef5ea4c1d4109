import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decideLogin, type LoginFacts } from '../../src/store/login-outcome.ts'

const clear: LoginFacts = { memberStatus: 'Active', request: 'unused', session: 'free', sessionIsLater: false }

const cases: [string, Partial<LoginFacts>, string][] = [
  ['nothing stands against it', {}, 'accepted'],
  ['LockBet may log in', { memberStatus: 'LockBet' }, 'accepted'],
  ['no member', { memberStatus: null }, 'member-not-found'],
  ['a locked member', { memberStatus: 'LockAll' }, 'member_locked'],
  ['a status that only a later release knows', { memberStatus: 'Later' as 'Active' }, 'member_locked'],
  ['a lock comes before a repeat', { memberStatus: 'LockAll', request: 'same', session: 'own' }, 'member_locked'],
  ['a lock comes before a reused signature', { memberStatus: 'LockAll', request: 'other', session: 'taken' }, 'member_locked'],
  ['the own session, a new signature', { session: 'own' }, 'accepted'],
  ['a token held otherwise', { session: 'taken' }, 'refused'],
  ['a repeat while the session lives', { request: 'same', session: 'own' }, 'repeated'],
  ['a repeat after the session expired', { request: 'same', session: 'free' }, 'refused'],
  ['a repeat after the session ended', { request: 'same', session: 'taken' }, 'refused'],
  ['a repeat when a later session has the token', { request: 'same', session: 'own', sessionIsLater: true }, 'refused'],
  ['the signature used otherwise', { request: 'other', session: 'own' }, 'refused'],
]

for (const [title, facts, outcome] of cases) {
  test(`${title}: ${outcome}`, () => assert.equal(decideLogin({ ...clear, ...facts }), outcome))
}
