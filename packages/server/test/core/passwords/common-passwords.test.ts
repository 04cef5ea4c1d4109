import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isGatewayError, passwordLengthMin } from '@lobbykey/contract'
import { dictionary } from '@zxcvbn-ts/language-common'
import { contextWordsOf, findGuessableProblem } from '../../../src/core/passwords/common-passwords.ts'
import { verifyNewPassword } from '../../../src/core/passwords/password-policy.ts'

const email = 'anna.larsson@nordwind-games.example'
const refusal = async (password: string) => {
  try {
    await verifyNewPassword('newPassword', password, email)
    return null
  } catch (error) {
    return isGatewayError(error) ? (error.details.message ?? '') : assert.fail(String(error))
  }
}

test('[check 6] the list itself: every common password of sufficient length', async () => {
  const long = dictionary['passwords-common'].filter((word) => [...word].length >= passwordLengthMin)
  assert.ok(long.length > 20)
  for (const password of long) assert.match((await refusal(password)) ?? assert.fail(password), /^newPassword must not be /)
})

test('[check 6] the first 3,000 common passwords, lengthened as people do', async () => {
  const ways: readonly ((word: string) => string)[] = [
    (word) => word.repeat(Math.ceil(passwordLengthMin / word.length)),
    (word) => `${word}12345678901234`,
    (word) => `${word[0]?.toUpperCase()}${word.slice(1)}2024!!!!!!!!!!!!`,
    (word) => `123456789${word}123456789`,
    (word) => `${word}.qwertyuiopasdf`,
  ]
  const words = dictionary['passwords-common'].filter((word) => /^[a-z]{4,}$/.test(word)).slice(0, 3_000)
  assert.equal(words.length, 3_000)
  for (const [index, word] of words.entries()) {
    const password = (ways[index % ways.length] as (word: string) => string)(word)
    assert.notEqual(await refusal(password), null, password)
  }
})

test('[check 6] two hundred samples, two hundred refusals with a reason', async () => {
  const words = ['password', 'dragon', 'monkey', 'iloveyou', 'letmein', 'sunshine', 'football', 'welcome', 'princess', 'lobbykey']
  const samples = words.flatMap((one) => words.flatMap((two) => [`${one}${two}1234567`, `${one.toUpperCase()} ${two}2025!`]))
  assert.equal(samples.length, 200)
  for (const sample of samples) assert.match((await refusal(sample)) ?? assert.fail(sample), /^newPassword must not be (?:a common|a few)/)
})

test('[check 6] repetitions, sequences, keyboard walks, and symbols in place of letters', async () => {
  for (const password of [
    'aaaaaaaaaaaaaaa',
    'abababababababab',
    'abc abc abc abc abc',
    '🔑🔑🔑🔑🔑🔑🔑🔑🔑🔑🔑🔑🔑🔑🔑',
    '123456789012345',
    '987654321098765',
    'abcdefghijklmnop',
    'qwertyuiopasdfghjkl',
    'POIUYTREWQLKJHGFDSA',
    '1qaz2wsx3edc4rfv',
    'q1w2e3r4t5y6u7i8',
    'qwertzuiopasdfg1',
    'azertyuiopqsdfghjklm',
    '!@#$%^&*()12345678',
    '111222333444555',
    'P@$$w0rd!P@$$w0rd!1',
    'password password password',
    'Password-Password-Password-',
    'dragon monkey dragon monkey dragon',
    'Summer2024!Summer',
    'ｐａｓｓｗｏｒｄ１２３４５６７８',
  ]) {
    assert.notEqual(await refusal(password), null, password)
  }
})

test("[check 6] words of the account's own context", async () => {
  for (const password of [email, 'anna.larsson123', 'larsson-nordwind', 'NordwindGames2025', 'lobbykey-seller-1', 'Anna Larsson 1987']) {
    assert.notEqual(await refusal(password), null, password)
  }
  // The same words are not in anybody else's context.
  assert.equal(findGuessableProblem('larsson-nordwind', contextWordsOf('b@c.example')), null)
})

test('[check 3] [check 6] passwords that are hard to guess pass, in any script and without composition rules', async () => {
  for (const password of [
    'correct horse battery staple',
    'seven herons over the marsh',
    'sandbox-orchard-lantern',
    'mein hund heisst nicht rex',
    'p8kd2mq9zxw4lr7',
    '830592714460281',
    'Tr0ub4dor&3-xkcd',
    'caf\u00e9 under the pi\u00f1a',
    '我家门前有两棵树一棵是枣树另一棵也是',
    'на горе стоит старый дом',
    '🔑🐟🚲🌙🎩🦉🍋🚂🎻🧊🪁🌵🐙🥁🧭',
    'seven herons over the marsh seven herons over the marsh ',
    `${'k'.repeat(3)}nine pale owls watch the ferry`,
    `${'an unusually patient sentence about lighthouses and ferries, '.repeat(4)}end`,
  ]) {
    assert.equal(await refusal(password), null, password)
  }
})
