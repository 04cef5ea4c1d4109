/** The oldest PHP that the client is for, in WebAssembly: what needs no socket. The cases run on the machine's own PHP. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { installRuntimes, runtimes } from './installed-runtimes.ts'

interface Php {
  writeFile(path: string, content: Uint8Array): void
  run(options: { readonly code: string }): Promise<{ readonly text: string; readonly errors: string }>
}

const program = `<?php
error_reporting(E_ALL);
require '/Lobbykey.php';
function made(string $class, string $name, ...$arguments) {
    $method = new ReflectionMethod('Lobbykey' . chr(92) . $class, $name);
    $method->setAccessible(true);
    return $method->invoke(...$arguments);
}
$client = new Lobbykey\\MerchantClient(['baseUrl' => 'http://127.0.0.1:1', 'agentId' => 'agent001', 'key' => 'l4gnD61pz4arJyv8']);
$vector = Lobbykey\\Contract::VECTOR;
$canonical = made('MerchantClient', 'canonicalOf', $client, 'create', $vector['fields']);
$storage = new Lobbykey\\FileStorage('/tmp/tokens.json');
$tokens = ['accessToken' => 'a', 'refreshToken' => 'r', 'issuedAt' => 1, 'expiresAt' => 2];
$storage->write($tokens);
$kept = $storage->read();
file_put_contents('/tmp/tokens.json', '{"accessTok');
try {
    $client->logout(['colour' => 'red']);
} catch (Lobbykey\\LobbykeyError $error) {
    $refusal = $error->key;
}
echo json_encode([
    'version' => PHP_VERSION,
    'isSound' => made('MerchantClient', 'digestOf', $client, $canonical, $vector['key']) === $vector['digests']['md5'],
    'isKept' => $kept === $tokens,
    'halfWritten' => $storage->read(),
    'exclusively' => $storage->exclusively(function () { return 'done'; }, 10),
    'retryAfterMs' => array_map(function (string $text): ?int {
        return made('Http', 'retryAfterMsOf', null, ['retry-after' => $text, 'date' => 'Wed, 21 Oct 2026 07:27:00 GMT']);
    }, ['5', '-5', 'NaN', '99999999999999999999', 'Wed, 21 Oct 2026 07:28:00 GMT']),
    'refusal' => $refusal,
]);
`

test('PHP 7.4 loads the client, signs and keeps tokens', {
  skip: process.platform === 'linux' ? false : 'installed for Linux',
}, async () => {
  installRuntimes()
  const { resolve } = createRequire(join(runtimes, 'package.json'))
  const load = (name: string) => import(pathToFileURL(resolve(name)).href)
  const { PHP, loadPHPRuntime } = await load('@php-wasm/universal')
  const { getPHPLoaderModule } = await load('@php-wasm/node-7-4')
  const php = new PHP(await loadPHPRuntime(await getPHPLoaderModule(), { processId: 1 })) as Php
  php.writeFile('/Lobbykey.php', readFileSync(new URL('../../../clients/php/src/Lobbykey.php', import.meta.url)))
  const { text, errors } = await php.run({ code: program })
  assert.equal(errors, '')
  const { version, ...told } = JSON.parse(text) as { version: string }
  assert.match(version, /^7\.4\./)
  assert.deepEqual(told, {
    isSound: true,
    isKept: true,
    halfWritten: null,
    exclusively: 'done',
    retryAfterMs: [5_000, null, null, 999_999_999_000, 60_000],
    refusal: 'invalid_parameter',
  })
})
