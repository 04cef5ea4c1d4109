/** Runs every block of the quickstarts and of the clients' pages unchanged. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { absence, root, testPrograms } from './page-programs.ts'

testPrograms([
  'docs/quickstart-merchant.md',
  'docs/quickstart-seller.md',
  'docs/clients.md',
  'docs/sandbox.md',
  'packages/client/README.md',
  'clients/php/README.md',
  'clients/python/README.md',
])

test('docs/signing.md: PHP and Python sign as the command does', async (context) => {
  const text = readFileSync(`${root}docs/signing.md`, 'utf8')
  const [, body = ''] = /echo '([^']+)' \| \.\/node_modules\/\.bin\/lobbykey sign/.exec(text) ?? assert.fail()
  const [, sign = ''] = /^sign {7}(\w{32})$/m.exec(text) ?? assert.fail()
  const block = (language: string) => new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(text)?.[1] ?? assert.fail()
  const key = 'l4gnD61pz4arJyv8'
  const programs = {
    php: ['-r', `${block('php')} echo sign(json_decode('${body}', true), '${key}');`],
    '/usr/bin/python3': ['-c', `${block('python')}\nimport json\nprint(sign(json.loads('${body}'), '${key}'))`],
  }
  for (const [command, args] of Object.entries(programs)) {
    await context.test(command, { skip: absence(command) }, () =>
      assert.equal(execFileSync(command, args, { encoding: 'utf8' }).trim(), sign),
    )
  }
})
