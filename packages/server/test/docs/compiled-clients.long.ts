/** Compilers take their seconds. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { absence, root, testPrograms } from './page-programs.ts'

testPrograms(['clients/go/README.md', 'clients/java/README.md'])

test('docs/signing.md: Java and Go sign as the command does', async (context) => {
  const text = readFileSync(`${root}docs/signing.md`, 'utf8')
  const [, body = ''] = /echo '([^']+)' \| \.\/node_modules\/\.bin\/lobbykey sign/.exec(text) ?? assert.fail()
  const [, sign = ''] = /^sign {7}(\w{32})$/m.exec(text) ?? assert.fail()
  const block = (language: string) => new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(text)?.[1] ?? assert.fail()
  // A field outside the signature and an empty one, so that leaving them out is tried too.
  const fields = { ...(JSON.parse(body) as Record<string, string | number>), callback: 'https://a.example/', game_code: '' }
  const literals = (suffix: string) =>
    Object.entries(fields).map(([name, value]) => [name, typeof value === 'number' ? value + suffix : JSON.stringify(value)])
  const key = 'l4gnD61pz4arJyv8'
  const programs: readonly { readonly command: readonly string[]; readonly file: string; readonly source: string }[] = [
    {
      command: ['java'],
      file: 'Sign.java',
      source: `import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.*;
import java.util.stream.Collectors;

class Sign {
  public static void main(String[] arguments) throws Exception {
    Map<String, Object> fields = new HashMap<>();
    ${literals('L')
      .map(([name, value]) => `fields.put("${name}", ${value});`)
      .join('\n    ')}
    System.out.println(sign(fields, "${key}", Set.of("sign", "limits", "custom_language", "callback")));
  }

${block('java')}}
`,
    },
    {
      command: ['go', 'run'],
      file: 'sign.go',
      source: `package main

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"sort"
)

func main() {
	fields := map[string]any{${literals('')
    .map(([name, value]) => `"${name}": ${value}`)
    .join(', ')}}
	fmt.Println(sign(fields, "${key}", map[string]bool{"sign": true, "limits": true, "custom_language": true, "callback": true}))
}

${block('go')}`,
    },
  ]
  const folder = mkdtempSync(join(tmpdir(), 'lobbykey-signing-'))
  context.after(() => rmSync(folder, { recursive: true }))
  for (const { command, file, source } of programs) {
    const [program = '', ...options] = command
    await context.test(program, { skip: absence(program) }, () => {
      writeFileSync(join(folder, file), source)
      assert.equal(execFileSync(program, [...options, join(folder, file)], { encoding: 'utf8' }).trim(), sign)
    })
  }
  await context.test('C#', { skip: 'nothing here runs C#' }, () => {})
})
