/**
 * A real Prometheus scrapes a real server during faults: alerts fire and resolve, and the dashboard's queries return data. Grafana itself is not run.
 */
import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { Installation } from '../support/installation.ts'
import { LoginLoad } from '../support/login-load.ts'
import { missingProgram } from '../support/missing-program.ts'
import { freePort } from '../support/server-process.ts'
import { StallingProxy } from '../support/stalling-proxy.ts'
import { testStores } from '../support/stores.ts'
import { until } from '../support/until.ts'

const deploy = new URL('../../../../deploy/', import.meta.url).pathname
const skip = missingProgram('prometheus') || missingProgram('promtool')
const [postgres] = testStores().filter(({ name }) => name === 'postgres')

test('the rules pass their unit tests', { skip }, () => {
  execFileSync('promtool', ['test', 'rules', 'alerts.test.yaml'], { cwd: join(deploy, 'prometheus'), stdio: 'pipe' })
})

describe('Prometheus beside a server', { skip: skip || postgres === undefined }, () => {
  test('it scrapes, the dashboard has data, alerts fire during a fault and resolve', { timeout: 240_000 }, async (t) => {
    const installation = await Installation.create(postgres ?? assert.fail())
    const url = new URL(installation.env.DATABASE_URL ?? '')
    const proxy = await StallingProxy.start(url.hostname, Number(url.port || 5432))
    url.port = String(proxy.port)
    const [adminPort, port] = [String(await freePort()), await freePort()]
    const begin = (databaseUrl: string) => installation.serve([], { DATABASE_URL: databaseUrl, ADMIN_PORT: adminPort })
    let server = await begin(url.href)
    const prometheus = await Prometheus.start(port, `127.0.0.1:${adminPort}`)
    const load = new LoginLoad(installation, server.origin, 2)
    try {
      await until(
        async () => (await prometheus.query('rate(lobbykey_calls_total{call="login"}[30s]) > 0')).length > 0,
        () => 'two scrapes of logins',
        60_000,
      )
      const empty: string[] = []
      for (const expression of dashboardQueries()) {
        if ((await prometheus.query(expression)).length === 0) empty.push(expression)
      }
      t.diagnostic(`without a series: ${empty.join(' ; ')}`)
      // Nothing has failed, nobody was refused, and no password was hashed.
      assert.ok(
        empty.every((expression) => /outcome!="accepted"|login_failures/.test(expression)),
        empty.join('\n'),
      )
      assert.deepEqual(await prometheus.firing(), [])

      proxy.stall()
      for (const name of ['LobbykeyStoreAway', 'LobbykeyChangesLate', 'LobbykeyLoginsFailFast']) await prometheus.untilFires(name, true)
      await load.stop()
      await server.stop('SIGKILL')
      await prometheus.untilFires('LobbykeyDown', true)
      server = await begin(installation.env.DATABASE_URL ?? '')
      for (const name of ['LobbykeyDown', 'LobbykeyStoreAway', 'LobbykeyChangesLate']) await prometheus.untilFires(name, false)
    } finally {
      await load.stop()
      await prometheus.stop()
      await server.stop('SIGKILL')
      proxy.close()
      await installation.drop()
    }
  })
})

/** Every query of the dashboard, with its variables filled in. */
function dashboardQueries(): string[] {
  const { panels } = JSON.parse(readFileSync(join(deploy, 'grafana/lobbykey.json'), 'utf8')) as {
    panels: { targets: { expr: string }[] }[]
  }
  return panels
    .flatMap(({ targets }) => targets.map(({ expr }) => expr))
    .map((expression) => expression.replaceAll('$__rate_interval', '30s').replaceAll('$instance', '.*'))
}

interface Series {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [number, string]
}

/** With our rules, scraping every second, and alerts after two seconds. */
class Prometheus {
  readonly #origin: string
  readonly #child: ReturnType<typeof spawn>
  readonly #folder: string

  private constructor(origin: string, child: ReturnType<typeof spawn>, folder: string) {
    this.#origin = origin
    this.#child = child
    this.#folder = folder
  }

  static async start(port: number, target: string): Promise<Prometheus> {
    const folder = mkdtempSync(join(tmpdir(), 'lobbykey-prometheus-'))
    mkdirSync(join(folder, 'data'))
    const rules = readFileSync(join(deploy, 'prometheus/alerts.yaml'), 'utf8').replaceAll(/^( +for:) .*$/gm, '$1 2s')
    writeFileSync(join(folder, 'alerts.yaml'), rules)
    writeFileSync(
      join(folder, 'prometheus.yml'),
      `global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [alerts.yaml]
scrape_configs:
  - job_name: lobbykey
    static_configs: [{targets: ['${target}']}]
`,
    )
    const words = [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=127.0.0.1:${port}`]
    const child = spawn('prometheus', words, { stdio: 'ignore' })
    const started = new Prometheus(`http://127.0.0.1:${port}`, child, folder)
    await until(
      async () => (await fetch(`http://127.0.0.1:${port}/-/ready`).catch(() => null))?.status === 200,
      () => 'Prometheus',
    )
    return started
  }

  async query(expression: string): Promise<Series[]> {
    const answer = await fetch(`${this.#origin}/api/v1/query?query=${encodeURIComponent(expression)}`)
    const { status, error, data } = (await answer.json()) as { status: string; error?: string; data: { result: Series[] } }
    assert.equal(status, 'success', `${expression}: ${error}`)
    return data.result
  }

  async firing(): Promise<string[]> {
    const found = await this.query('ALERTS{alertstate="firing"}')
    return found.map(({ metric }) => metric.alertname ?? '')
  }

  untilFires(name: string, isFiring: boolean): Promise<void> {
    return until(
      async () => (await this.firing()).includes(name) === isFiring,
      () => `${name} ${isFiring ? 'to fire' : 'to resolve'}`,
      90_000,
    )
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    await exited
    rmSync(this.#folder, { recursive: true })
  }
}
