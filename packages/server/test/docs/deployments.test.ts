/** What deploy/ describes for engines that are not here: every reference resolves, every setting is one, and nothing runs with more than it needs. */
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

// biome-ignore lint/suspicious/noExplicitAny: YAML as it comes
type Yaml = any

function assertSetting(variable: string): void {
  const settings = Object.values(settingDefinitions).flatMap(({ variable: name, secret }) => (secret ? [name, `${name}_FILE`] : [name]))
  assert.ok(settings.includes(variable), `${variable} is no setting`)
}

describe('deploy/compose', () => {
  const file: Yaml = parse(read('compose/compose.yaml'), { merge: true })
  const services: [string, Yaml][] = Object.entries(file.services)

  test('names what is there: services, secrets, volumes and files', () => {
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

  test('the gateway runs this release with settings that exist, secrets from files, and nothing that it may write but /tmp', () => {
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

  test('nothing but the proxy is open to the world, and no image is whatever is newest', () => {
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

  test('lists every file that is there', () => {
    const files = globSync('*.yaml', { cwd: join(deploy, 'kubernetes') }).filter((name) => name !== 'kustomization.yaml')
    assert.deepEqual(files.sort(), [...kustomization.resources].sort())
  })

  test('every selector finds its pods, every port and every volume its name', () => {
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

  test('pods run this release as nobody, with settings that exist, secrets as files, and a root that nobody writes', () => {
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

  test('a pod has the time to end that its grace takes', () => {
    const [config] = kustomization.configMapGenerator
    const grace = Number(config.literals.find((literal: string) => literal.startsWith('SHUTDOWN_GRACE_SECONDS=')).split('=')[1])
    assert.equal(one('Deployment').spec.template.spec.terminationGracePeriodSeconds, grace + 12)
  })
})

test('every folder of deploy/ is named in the docs', () => {
  const page = ['operations', 'containers', 'metrics'].map((name) => readFileSync(join(deploy, `../docs/${name}.md`), 'utf8')).join('')
  for (const folder of globSync('*/', { cwd: deploy })) assert.ok(page.includes(`deploy/${folder.replace(/\/$/, '')}`), folder)
})
