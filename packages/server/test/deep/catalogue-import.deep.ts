/** How long the largest catalogue that the admin API takes holds the event loop, on its way in and into the memory of a process. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { addOperator, addToken, adminCall } from '../support/admin-calls.ts'
import { startTestGateway } from '../support/gateway.ts'
import { testStores } from '../support/stores.ts'

const bodyBytes = 15.9 * 2 ** 20

/** A file whose request is about as large as may be. */
function largeFile(): { readonly text: string; readonly rows: number } {
  const names = { en: 'Baccarat Deluxe', 'zh-Hans': '百家乐', th: 'บาคาร่า' }
  const file = { games: [] as object[], tables: [] as object[], limits: [] as object[] }
  let bytes = 0
  for (let game = 0; bytes < bodyBytes; game++) {
    const game_id = `G${game}`
    const twenty = Array.from({ length: 20 }, (_, index) => index)
    const tables = twenty.map((index) => ({ game_id, inst_id: `T${index}`, names, status: 1 }))
    const limits = twenty.map((seq) => ({
      red_id: `R${seq}`,
      game_id,
      currency: 'USD',
      min_limit: '1',
      max_limit: '1000.5',
      seq,
      status: 1,
    }))
    bytes += Buffer.byteLength(JSON.stringify(JSON.stringify([tables, limits, { game_id, names }])))
    if (bytes >= bodyBytes) break
    file.games.push({ game_id, names })
    file.tables.push(...tables)
    file.limits.push(...limits)
  }
  return { text: JSON.stringify(file), rows: file.games.length + file.tables.length + file.limits.length }
}

for (const storeKind of testStores()) {
  test(`a catalogue of 16 MB holds the event loop in short turns only (${storeKind.name})`, async (t) => {
    const gateway = await startTestGateway({ storeKind, settings: { adminPort: 8081 } })
    t.after(() => gateway.close())
    const token = await addToken(gateway, await addOperator(gateway, 'owner'))
    const { text, rows } = largeFile()
    const watched = async (name: string, work: () => Promise<unknown>) => {
      const begun = performance.now()
      const turns = watchTurns()
      await work()
      const seconds = ((performance.now() - begun) / 1_000).toFixed(1)
      t.diagnostic(`${storeKind.name}, ${name}: ${rows} rows in ${seconds} s; longest turns ${await turns.end()} ms of processor`)
    }
    const url = await gateway.admin.listen({ host: '127.0.0.1', port: 0 })
    const calling = async (sent: string | null) => {
      const answer = await callFrom(url, token, sent)
      assert.equal(answer.status, 200, answer.text)
    }
    await adminCall(gateway, token, 'GET', '/catalogue')
    await watched('first import', () => calling(text))
    await watched('reload', () => gateway.hearChanges())
    await watched('same again', () => calling(text))
    await watched('export', () => calling(null))
  })
}

/** Measures the processor time of this thread by turns of its event loop, so that a busy machine does not count. */
function watchTurns(): { end(): Promise<string> } {
  const turns: number[] = []
  let before = process.threadCpuUsage()
  let isOver = false
  const look = () => {
    const { user, system } = process.threadCpuUsage(before)
    turns.push((user + system) / 1_000)
    before = process.threadCpuUsage()
    if (!isOver) setImmediate(look)
  }
  setImmediate(look)
  return {
    end: async () => {
      // The last turn counts, too.
      await new Promise((resolve) => setImmediate(resolve))
      isOver = true
      const longest = turns.toSorted((a, b) => b - a).slice(0, 4)
      return longest.map((ms) => ms.toFixed(0)).join(', ')
    },
  }
}

/** Asks for the file, or sends one, from another thread, so that making requests and reading answers is not measured. */
async function callFrom(url: string, token: string, text: string | null): Promise<{ readonly status: number; readonly text: string }> {
  const script = `
    const { parentPort, workerData: { url, token, text } } = require('node:worker_threads')
    const headers = { authorization: 'Bearer ' + token, 'content-type': 'application/json' }
    const put = text === null ? {} : { method: 'PUT', body: JSON.stringify({ form: 'json', text }) }
    fetch(url + '/admin/api/v1/catalogue/file', { headers, ...put })
      .then(async (answer) => parentPort.postMessage({ status: answer.status, text: (await answer.text()).slice(0, 300) }))`
  const worker = new Worker(script, { eval: true, workerData: { url, token, text } })
  const [answer] = await once(worker, 'message')
  await worker.terminate()
  return answer
}
