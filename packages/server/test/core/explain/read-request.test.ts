import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readRequest } from '../../../src/core/explain/read-request.ts'

const body = '{"agent_id":"agent001","user_id":"uid001","sign":""}'

test('a JSON body is taken as it is; its fields identify the call', () => {
  assert.deepEqual(readRequest(` ${body}\n`).body, body)
  const calls = {
    login: '{"agent_id":"a","user_id":"b","token":"c","timestamp":1}',
    create: '{"agent_id":"a","user_id":"b","user_name":"c"}',
    lock: '{"agent_id":"a","user_id":"b","status":"LockAll"}',
    logout: '{"agent_id":"a","user_id":"b","timestamp":1,"sign":"x"}',
    guest_login: '{"agent_id":"a","platform":"h5","amount":"1"}',
    game_list: '{"agent_id":"a","timestamp":1,"sign":"x"}',
    limit_list: '{"agent_id":"a","game_id":"101","currency":"USD"}',
  }
  for (const [name, text] of Object.entries(calls)) assert.equal(readRequest(text).call?.name, name)
  for (const text of ['', 'agent_id=a&user_id=b', '{', '7']) assert.equal(readRequest(text).call, null)
})

test('[check 92] only the first words of an endless curl command are read', () => {
  const ending = (words: number) => readRequest(`curl ${'x '.repeat(words)}https://gateway.example/api/member/login -d {}`)
  assert.equal(ending(100).body, '{}')
  assert.equal(ending(300).body, '')
})

test('a curl command gives its body and, by its path, its call', () => {
  const url = 'https://staging.example.com/api/member/lock'
  const json = '{"desc":"a \\"b\\" c\'s é"}'
  const commands = [
    `curl ${url} -d '${json.replace("'", "'\\''")}'`,
    `curl -s ${url} \\\n  -H 'Content-Type: application/json' \\\n  --data-raw '${json.replace("'", "'\\''")}'`,
    `$ curl --location --request POST "${url}" --data "${json.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`,
    `curl -X POST ${url} --json $'${json.replaceAll('\\', '\\\\').replace("'", "\\'").replace('é', '\\u00e9')}'`,
    `curl '${url}/' --data-binary='${json.replace("'", "'\\''")}'`,
  ]
  for (const command of commands) {
    const { body: read, call } = readRequest(command)
    assert.deepEqual([read, call?.name], [json, 'lock'], command)
  }
  assert.equal(readRequest(`curl -d'${body}' localhost:8080/api/member/login`).call?.name, 'login')
  assert.equal(readRequest(`curl -d '${body}'`).call?.name, 'logout')
  assert.equal(readRequest(`curl ${url}`).body, '')
})

test('a query becomes its fields, percent-decoded', () => {
  const fields = { agent_id: 'agent001', game_id: '1 0+1', timestamp: '1734417873301', sign: 'x' }
  const query = 'agent_id=agent001&game_id=1%200%2B1&timestamp=1734417873301&sign=x'
  for (const text of [
    `https://staging.example.com/api/game/list?${query}`,
    `/api/game/list?${query}`,
    `curl 'https://staging.example.com/api/game/list?${query}'`,
    `curl -G https://staging.example.com/api/game/list ${query
      .split('&')
      .map((piece) => `-d '${piece}'`)
      .join(' ')}`,
  ]) {
    const { body: read, call } = readRequest(text)
    assert.deepEqual([JSON.parse(read), call?.name], [fields, 'game_list'], text)
  }
})
