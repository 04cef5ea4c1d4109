/**
 * The manifests in deploy/, without their engines: every reference resolves, every setting exists, and nothing runs with more rights than it needs.
 */
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parse, parseAllDocuments } from 'yaml'
import { settingDefinitions } from '../../src/config/settings.ts'
import { version } from '../../src/core/base/version.ts'

const deploy = fileURLToPath(new URL('../../../../deploy/', import.meta.url))
const read = (name: string) => readFileSync(join(deploy, name), 'utf8')

// biome-ignore lint/suspicious/noExplicitAny: YAML as parsed
type Yaml = any

function assertSetting(variable: string): void {
  const settings = Object.values(settingDefinitions).flatMap(({ variable: name, secret }) => (secret ? [name, `${name}_FILE`] : [name]))
  assert.ok(settings.includes(variable), `${variable} is no setting`)
}

describe('deploy/compose', () => {
  const file: Yaml = parse(read('compose/compose.yaml'), { merge: true })
  const services: [string, Yaml][] = Object.entries(file.services)

  test('references existing services, secrets, volumes and files', () => {
    for (const [name, { depends_on = {}, secrets = [], volumes = [] }] of services) {
      for (const other of Array.isArray(depends_on) ? depends_on : Object.keys(depends_on))
        assert.ok(other in file.services, `${name}: ${other}`)
      for (const secret of secrets) assert.ok(secret in file.secrets, `${name}: ${secret}`)
      for (const volume of volumes) {
        const [from = ''] = volume.split(':')
        if (from.startsWith('.')) assert.ok(existsSync(join(deploy, 'compose', from)), `${name}: ${from}`)
        else assert.ok(from in file.volumes, `${name}: ${from}`)
      }
    }
    const prometheus: Yaml = parse(read('compose/prometheus.yaml'))
    for (const { static_configs } of prometheus.scrape_configs) {
      for (const { targets } of static_configs) for (const target of targets) assert.ok(target.split(':')[0] in file.services, target)
    }
    assert.match(read('compose/Caddyfile'), /reverse_proxy gateway:8080/)
  })

  test('the gateway runs this release with existing settings, secrets from files, and /tmp as the only writable place', () => {
    for (const name of ['gateway', 'migrate']) {
      const { image, user, read_only, cap_drop, security_opt, environment, secrets } = file.services[name]
      assert.equal(image, `lobbykey:${version}`)
      assert.deepEqual([user, read_only, cap_drop, security_opt], ['65532:65532', true, ['ALL'], ['no-new-privileges:true']])
      for (const [variable, value] of Object.entries<string>(environment)) {
        assertSetting(variable)
        if (variable.endsWith('_FILE')) assert.ok(secrets.includes(value.replace('/run/secrets/', '')), variable)
      }
    }
  })

  test('only the proxy is exposed, and no image is `latest`', () => {
    for (const [name, { ports = [], image }] of services) {
      if (name !== 'caddy') for (const port of ports) assert.match(port, /^127\.0\.0\.1:/, name)
      assert.match(image, /:[\w.-]*\d[\w.-]*$/, image)
    }
  })
})

describe('deploy/kubernetes', () => {
  const kustomization: Yaml = parse(read('kubernetes/kustomization.yaml'))
  const objects: Yaml[] = kustomization.resources.flatMap((name: string) =>
    parseAllDocuments(read(`kubernetes/${name}`)).map((document) => document.toJS()),
  )
  const one = (kind: string) => objects.find((object) => object.kind === kind) ?? assert.fail(kind)
  const pods = [one('Deployment'), one('Job')].map(({ spec }) => spec.template)
  const generated = [...kustomization.configMapGenerator, ...kustomization.secretGenerator]

  test('lists every file of the folder', () => {
    const files = globSync('*.yaml', { cwd: join(deploy, 'kubernetes') }).filter((name) => name !== 'kustomization.yaml')
    assert.deepEqual(files.sort(), [...kustomization.resources].sort())
  })

  test('every selector matches its pods, every port and every volume its name', () => {
    const deployment = one('Deployment').spec
    const { labels } = deployment.template.metadata
    assert.deepEqual(deployment.selector.matchLabels, labels)
    assert.deepEqual(one('PodDisruptionBudget').spec.selector.matchLabels, labels)
    const [{ ports }] = deployment.template.spec.containers
    const portNames = ports.map(({ name }: Yaml) => name)
    for (const service of objects.filter(({ kind }) => kind === 'Service')) {
      assert.deepEqual(service.spec.selector, labels)
      for (const { targetPort } of service.spec.ports) assert.ok(portNames.includes(targetPort), targetPort)
    }
    const { selector, endpoints } = one('ServiceMonitor').spec
    const watched = objects.find(
      ({ kind, metadata }) =>
        kind === 'Service' && metadata.labels?.['app.kubernetes.io/name'] === selector.matchLabels['app.kubernetes.io/name'],
    )
    for (const { port } of endpoints) assert.ok(watched.spec.ports.some(({ name }: Yaml) => name === port))
    for (const { spec } of pods) {
      const volumes = spec.volumes.map(({ name }: Yaml) => name)
      for (const { volumeMounts } of spec.containers) for (const { name } of volumeMounts) assert.ok(volumes.includes(name), name)
      for (const { secret } of spec.volumes) if (secret) assert.ok(generated.some(({ name }) => name === secret.secretName))
    }
  })

  test('pods run this release as nobody, with existing settings, secrets as files, and a read-only root', () => {
    assert.equal(kustomization.images[0].newTag, version)
    for (const { literals = [] } of generated) for (const literal of literals) assertSetting(literal.split('=')[0])
    for (const { spec } of pods) {
      assert.deepEqual([spec.securityContext.runAsNonRoot, spec.securityContext.runAsUser], [true, 65_532])
      assert.equal(spec.automountServiceAccountToken, false)
      for (const { env, image, securityContext } of spec.containers) {
        assert.equal(image, kustomization.images[0].name)
        assert.deepEqual(securityContext, {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        })
        for (const { name, value } of env) {
          assertSetting(name)
          assert.ok(kustomization.secretGenerator[0].files.includes(`secrets/${value.split('/').pop()}`), value)
        }
      }
    }
  })

  test("a pod's termination grace covers the server's own", () => {
    const [config] = kustomization.configMapGenerator
    const grace = Number(config.literals.find((literal: string) => literal.startsWith('SHUTDOWN_GRACE_SECONDS=')).split('=')[1])
    assert.equal(one('Deployment').spec.template.spec.terminationGracePeriodSeconds, grace + 12)
  })
})

test('the docs mention every folder of deploy/', () => {
  const page = ['operations', 'containers', 'metrics'].map((name) => readFileSync(join(deploy, `../docs/${name}.md`), 'utf8')).join('')
  for (const folder of globSync('*/', { cwd: deploy })) assert.ok(page.includes(`deploy/${folder.replace(/\/$/, '')}`), folder)
})
