/** A newcomer's PHP program signs wrongly; the explainer's words alone lead to the right one. */
import assert from 'node:assert/strict'
import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import type { Page } from 'playwright-core'
import { sampleMerchant } from '../../src/sandbox/sample-partners.ts'
import { absence, accessibilityFaults, BrowserBench } from './browser.ts'

const skip = absence || (hasPhp() ? false : 'php is not on this machine')
const bench = skip === false ? await BrowserBench.start() : null
const folder = mkdtempSync(join(tmpdir(), 'lobbykey-php-'))
after(async () => {
  await bench?.close()
  rmSync(folder, { recursive: true })
})

/** A mistake as a change to the right program, and the words that let a reader undo it. */
const mistakes = [
  {
    title: 'the key at the end',
    right: `$text = $key . '&' . $canonical;`,
    wrong: `$text = $canonical . '&' . $key;`,
    words: /key .*(?:front|before)/i,
  },
  { title: 'the key without its &', right: `$text = $key . '&' . $canonical;`, wrong: `$text = $key . $canonical;`, words: /&/ },
  { title: 'fields in the order of the program', right: 'ksort($fields, SORT_STRING);', wrong: '', words: /sort/i },
  { title: 'SHA-256 in place of MD5', right: `hash('md5'`, wrong: `hash('sha256'`, words: /MD5/ },
  {
    title: 'base64 in place of hex',
    right: `hash('md5', $text)`,
    wrong: `base64_encode(hash('md5', $text, true))`,
    words: /hex/i,
  },
  { title: 'percent-encoded values', right: '"$name=$value"', wrong: `$name . '=' . rawurlencode($value)`, words: /percent|encod/i },
] as const

for (const { title, right, wrong, words } of mistakes) {
  test(`from a wrong PHP program to the right one by the explainer's words: ${title}`, { skip }, async () => {
    assert.ok(bench)
    bench.gateway.clock.advance(1_000)
    const page = await bench.open('/playground')
    const source = await phpProgram(page)
    assert.ok(source.includes(right))
    const refused = await run(source.replace(right, wrong))
    assert.ok([600100, 408000].includes(refused.code), String(refused.code))

    await page.getByRole('button', { name: 'Invalid signature?' }).click()
    await page.getByLabel('The refused request').fill(refused.body)
    await page.getByRole('button', { name: 'Explain' }).click()
    const explanation = page.locator('[aria-label=Explanation][aria-busy=false]')
    await explanation.getByText('Nothing has been asked yet.').waitFor({ state: 'detached' })
    assert.match((await explanation.textContent()) ?? '', words)
    assert.equal((await run(source)).code, 200)
    assert.deepEqual(bench.complaints, [])
    await page.context().close()
  })
}

test('a mistake without a name is found by the text that the program prints, and shown beside the right one', { skip }, async () => {
  assert.ok(bench)
  bench.gateway.clock.advance(1_000)
  const page = await bench.open('/playground')
  const source = await phpProgram(page)
  const refused = await run(source.replace('"$name=$value"', '"$name<-$value"'))
  assert.equal(refused.code, 600100)
  await page.getByRole('button', { name: 'Invalid signature?' }).click()
  await page.getByLabel('The refused request').fill(refused.body)
  await page.getByLabel('What your program hashes').fill(refused.text.replace('KEY', sampleMerchant.key))
  await page.getByLabel('The key, if it stands in that text').fill(sampleMerchant.key)
  const [asked] = await Promise.all([page.waitForRequest(/explain$/), page.getByRole('button', { name: 'Explain' }).click()])
  const picture = page.getByRole('figure', { name: 'Your text and the right one' })
  await picture.getByText('“<-” stands where “=” belongs').waitFor()
  assert.doesNotMatch(asked.postData() ?? '', new RegExp(sampleMerchant.key))
  assert.doesNotMatch((await picture.textContent()) ?? '', new RegExp(sampleMerchant.key))
  assert.deepEqual(await accessibilityFaults(page), [])
})

test("[check 62] the explainer's panel, with an explanation", { skip }, async () => {
  assert.ok(bench)
  bench.gateway.clock.advance(1_000)
  const page = await bench.open('/playground#explain')
  await page.getByLabel('The refused request').fill('{"agent_id":"nobody"}')
  await page.getByRole('button', { name: 'Explain' }).click()
  await page.getByText('The server cannot explain this.').waitFor()
  await page.getByText('It says: Merchant Not Found.').waitFor()
  assert.deepEqual(await accessibilityFaults(page), [])
})

/** The playground's own program, with the sandbox's key, a token that encodings spell differently, and a line that prints what it sends. */
async function phpProgram(page: Page): Promise<string> {
  await page.getByLabel('token', { exact: true }).fill(`token/${crypto.randomUUID().slice(0, 18)}`)
  await page.getByRole('tab', { name: 'PHP', exact: true }).click()
  await page.getByLabel('With my key').check()
  const source = (await page.getByLabel('Without a library').textContent()) ?? ''
  return source.replace('$response = ', 'fwrite(STDERR, json_encode($fields));\n$response = ')
}

/** The program prints what it hashes, then what it sends. */
async function run(source: string): Promise<{ code: number; body: string; text: string }> {
  const file = join(folder, 'call.php')
  writeFileSync(file, source)
  const { stdout, stderr } = await promisify(execFile)('php', [file], { timeout: 60_000 })
  const [text = '', body = ''] = stderr.split('\n')
  return { code: (JSON.parse(stdout) as { code: number }).code, body, text }
}

function hasPhp(): boolean {
  try {
    execFileSync('which', ['php'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
