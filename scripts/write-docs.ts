/** `npm run docs` writes the generated parts of docs/; with `--check` it only reports which are out of date, and fails. */
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { generatedParts, renderDocument } from './render-docs.ts'

const isCheck = process.argv.includes('--check')

for (const path of Object.keys(generatedParts)) {
  const text = readFileSync(path, 'utf8')
  const rendered = renderDocument(path, text)
  if (rendered === text) continue
  if (isCheck) {
    console.error(`${path} is not in step with the code: run npm run docs`)
    process.exitCode = 1
  } else {
    writeFileSync(path, rendered)
    console.log(`${path} written`)
  }
}

// A part that is no longer generated would go out of date unnoticed.
for (const path of [...globSync('*.md'), ...globSync('docs/**/*.md')]) {
  for (const [, name = ''] of readFileSync(path, 'utf8').matchAll(/^<!-- begin (.+) -->$/gm)) {
    if (generatedParts[path]?.[name] !== undefined) continue
    console.error(`${path}: nothing writes "${name}"; see scripts/render-docs.ts`)
    process.exitCode = 1
  }
}
