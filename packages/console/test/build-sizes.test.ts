import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'

interface Chunk {
  readonly file: string
  readonly css?: readonly string[]
  readonly imports?: readonly string[]
  readonly isEntry?: boolean
}

/** Maximum of compressed bytes that a visitor loads for a screen. */
const screenBytesMax = 500_000

for (const page of ['console', 'playground']) {
  const folder = new URL(`../dist/${page}/`, import.meta.url)
  const skip = existsSync(folder) ? false : 'packages/console is not built: npm run build'

  test(`${page}: every screen loads at most ${screenBytesMax} bytes`, { skip }, () => {
    const chunks = JSON.parse(readFileSync(new URL('.vite/manifest.json', folder), 'utf8')) as Record<string, Chunk>
    const filesOf = (name: string, found = new Set<string>()): Set<string> => {
      const chunk = chunks[name]
      if (chunk === undefined || found.has(chunk.file)) return found
      for (const file of [chunk.file, ...(chunk.css ?? [])]) found.add(file)
      for (const part of chunk.imports ?? []) filesOf(part, found)
      return found
    }
    const entry = Object.keys(chunks).find((name) => chunks[name]?.isEntry)
    assert.ok(entry)
    for (const name of Object.keys(chunks)) {
      const files: ReadonlySet<string> = new Set<string>([...filesOf(entry), ...filesOf(name)])
      const bytes: number = [...files].reduce((sum, file) => sum + gzipSync(readFileSync(new URL(file, folder))).length, 0)
      assert.ok(bytes <= screenBytesMax, `${name} takes ${bytes} bytes: ${[...files].join(', ')}`)
    }
  })
}
