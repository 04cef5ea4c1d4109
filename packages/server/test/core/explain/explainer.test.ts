import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { type TestContext, test } from 'node:test'
import { isGatewayError, memberLogout } from '@lobbykey/contract'
import type { ExplainInput } from '../../../src/core/explain/explain-signature.ts'
import { Explainer, questionsWaitingMax, questionsWaitingPerMerchantMax } from '../../../src/core/explain/explainer.ts'
import { QuestionLimit } from '../../../src/core/explain/question-limit.ts'

const key = 'l4gnD61pz4arJyv8'
const text = 'agent_id=agent001&timestamp=1734417873301&user_id=uid001'

function question(sign: string): ExplainInput {
  const body = JSON.stringify({ agent_id: 'agent001', timestamp: 1_734_417_873_301, user_id: 'uid001', sign })
  return { call: memberLogout, body, keys: { active: [key] }, profile: { algorithm: 'md5', callback: 'unsigned' }, now: null }
}

function start(t: TestContext, script?: string): Explainer {
  const explainer = script === undefined ? new Explainer() : new Explainer(new URL(`data:text/javascript,${encodeURIComponent(script)}`))
  t.after(() => explainer.close())
  return explainer
}

/** Answers with the body; never answers the sign x. */
const echo = `import { parentPort } from 'node:worker_threads'
  parentPort.on('message', ({ body }) => { if (body.includes('"x"')) for (;;) {} else parentPort.postMessage({ explanation: body }) })
  parentPort.postMessage(null)`

const failure = (asked: Promise<unknown>) =>
  asked.then(
    () => null,
    (error: unknown) => (isGatewayError(error) ? error.key : (error as Error).message),
  )

test('[check 85] one question is answered at a time, a few wait, and the rest are refused at once', async (t) => {
  const explainer = start(t)
  const sign = hash('md5', `${text}&${key}`, 'hex')
  const asked = Array.from({ length: questionsWaitingPerMerchantMax + 3 }, () => explainer.explain(question(sign), 'agent001'))
  const refused = await Promise.all(asked.slice(questionsWaitingPerMerchantMax).map(failure))
  assert.deepEqual(refused, Array(3).fill('rate_limited'))
  const answers = await Promise.all(asked.slice(0, questionsWaitingPerMerchantMax))
  assert.deepEqual(new Set(answers.map(({ kind }) => kind)), new Set(['key-at-end']))
  assert.equal((await explainer.explain(question(hash('md5', `${key}&${text}`, 'hex')), 'agent001')).kind, 'signature-right')
})

test('[check 85] merchants take turns: many questions about one delay no other, and leave it a place', async (t) => {
  const explainer = start(t, echo)
  const answered: string[] = []
  const ask = (agentId: string, at: number) =>
    explainer.explain(question(`${agentId} ${at}`), agentId).then(
      () => answered.push(`${agentId} ${at}`),
      () => answered.push(`${agentId} ${at} refused`),
    )
  await Promise.all([...[1, 2, 3].map((at) => ask('many', at)), ask('one', 1), ...[1, 2].map((at) => ask('two', at))])
  assert.deepEqual(answered, ['many 1', 'one 1', 'two 1', 'many 2', 'two 2', 'many 3'])
  answered.length = 0
  const merchants = Array.from({ length: questionsWaitingMax / 3 }, (_, at) => `m${at}`)
  const first = ask('first', 1)
  await Promise.all([first, ...merchants.flatMap((agentId) => [1, 2, 3].map((at) => ask(agentId, at))), ask('late', 1)])
  assert.deepEqual(
    answered.filter((answer) => answer.endsWith('refused')),
    ['m0 3 refused'],
  )
  assert.equal(answered.includes('late 1'), true)
})

test('[check 85] a question that exceeds its processor time is terminated; the next has a new thread', async (t) => {
  const explainer = start(t, echo)
  const [endless, next] = [explainer.explain(question('x'), 'agent001'), explainer.explain(question('y'), 'agent001')]
  assert.match((await failure(endless)) ?? '', /took too long/)
  assert.match(String(await next), /"y"/)
})

test('a thread that does not start fails whoever waits for it, and closing fails whoever waits', async (t) => {
  assert.match((await failure(start(t, 'process.exit(1)').explain(question('x'), 'agent001'))) ?? '', /does not start/)
  const explainer = start(t)
  const waiting = failure(explainer.explain(question('x'), 'agent001'))
  await explainer.close()
  assert.match((await waiting) ?? '', /closed|does not start/)
})

test('[check 85] sixty questions per minute about one merchant, from all askers', () => {
  const limit = new QuestionLimit()
  const isTaken = (asker: string, now: number) => {
    try {
      limit.take('agent001', asker, now)
      return true
    } catch {
      return false
    }
  }
  const taken = Array.from({ length: 80 }, (_, index) => isTaken(`192.0.2.${index}`, 0)).filter(Boolean)
  assert.equal(taken.length, 60)
  assert.equal(isTaken('192.0.2.200', 999), false)
  assert.equal(isTaken('192.0.2.201', 1_000), true)
})
