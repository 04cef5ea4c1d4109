/** Validates deploy/kubernetes with Kubernetes' own schemas, which matrix/ installs: `cd matrix && npm ci`. They accept unknown fields. */
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments } from 'yaml'

const root = fileURLToPath(new URL('../../../../', import.meta.url))
const models = join(root, 'matrix/node_modules/kubernetes-models')
const folder = join(root, 'deploy/kubernetes')

test('every object matches its schema', { skip: existsSync(models) ? false : 'matrix/ is not installed' }, async () => {
  const kinds: string[] = []
  for (const name of globSync('*.yaml', { cwd: folder })) {
    for (const document of parseAllDocuments(readFileSync(join(folder, name), 'utf8'))) {
      const object = document.toJS()
      // Not Kubernetes' own kinds.
      if (['Kustomization', 'ServiceMonitor'].includes(object.kind)) continue
      const Model = (await import(`${models}/${object.apiVersion}/${object.kind}.js`))[object.kind]
      new Model(object).validate()
      assert.throws(() => new Model({ ...object, metadata: 1 }).validate(), `${object.kind} is held to nothing`)
      kinds.push(object.kind)
    }
  }
  assert.equal(kinds.length, 7)
})
