import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { residentMib, runCommand } from '../lib/child.ts'
import type { Figure, Row } from '../lib/row.ts'
import { buildServer, startGateway } from '../lib/servers.ts'
import { median } from '../lib/statistics.ts'
import { copySqlite } from '../lib/stores.ts'
import { repositoryFolder } from '../lib/workspace.ts'

/** By then V8 has given back what the start needed. */
const idleMs = 15_000
const serverFolder = join(repositoryFolder, 'packages/server')

export const start: Row = {
  name: 'start',
  title: 'start and idle memory, embedded store',
  obstacle: () => (process.platform === 'linux' ? null : 'it reads /proc'),
  async run({ rounds, say }) {
    const store = await copySqlite()
    const built = await buildServer()
    const ready: number[] = []
    const memory: number[] = []
    for (let round = 0; round <= rounds; round++) {
      const server = await startGateway(`sqlite:${store}`, {}, built.program)
      await sleep(idleMs)
      // The first start creates the signing key.
      if (round > 0) {
        ready.push(server.readyMs)
        memory.push(residentMib(server.pid))
        say(`start ${round}/${rounds}: ready after ${Math.round(server.readyMs)} ms, ${Math.round(memory.at(-1) ?? 0)} MiB`)
      }
      await server.stop()
    }
    built.remove()
    return {
      lines: [
        {
          title: 'start to ready, embedded, existing store',
          against: '',
          value: median(ready),
          unit: 'ms',
          target: { bound: 'at most', value: 400 },
        },
        { title: 'idle memory (RSS)', against: '', value: median(memory), unit: 'MiB', target: { bound: 'at most', value: 100 } },
      ],
      figures: [
        { name: 'start to ready', unit: 'ms', values: ready },
        { name: 'idle memory', unit: 'MiB', values: memory },
        ...(await measureImports()),
      ],
      notes: [
        `the built server, without an admin port; memory ${idleMs / 1_000} s after the start`,
        '"import X": what a process that imports this alone takes beyond one that imports nothing',
      ],
    }
  },
}

/** The memory of each production dependency alone, MiB: what idle memory consists of. */
async function measureImports(): Promise<Figure[]> {
  const dependenciesOf = (folder: string) =>
    Object.keys((JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { dependencies: object }).dependencies).filter(
      // Has no main entry; a part of it is loaded by the command line, below.
      (name) => name !== 'lobbykey-client',
    )
  const contractFolder = join(repositoryFolder, 'packages/contract')
  const nothing = await residentAfter(serverFolder, '')
  const figures: Figure[] = [{ name: 'a process that imports nothing', unit: 'MiB', values: [nothing] }]
  const imports = [
    ...dependenciesOf(serverFolder).map((name) => ({ folder: serverFolder, name })),
    ...dependenciesOf(contractFolder).map((name) => ({ folder: contractFolder, name })),
    { folder: serverFolder, name: 'node:sqlite' },
    { folder: serverFolder, name: './src/gateway.ts' },
    { folder: serverFolder, name: './src/cli/program.ts' },
  ]
  for (const { folder, name } of imports) {
    const values = [(await residentAfter(folder, `await import('${name}')`)) - nothing]
    figures.push({ name: `import ${name}`, unit: 'MiB', values })
  }
  return figures
}

async function residentAfter(folder: string, statement: string): Promise<number> {
  const program = `${statement}; await new Promise((resolve) => setTimeout(resolve, 200)); console.log(process.memoryUsage.rss() / 2 ** 20)`
  const samples: number[] = []
  for (let count = 0; count < 3; count++) {
    samples.push(Number(await runCommand(process.execPath, ['--input-type=module', '--eval', program], { cwd: folder })))
  }
  return median(samples)
}
