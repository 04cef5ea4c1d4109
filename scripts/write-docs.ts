/** `npm run docs` writes the generated parts of docs/; with `--check` it only says which are not in step, and fails. */
import { readFileSync, writeFileSync } from 'node:fs'
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
