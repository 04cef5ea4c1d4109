import { runCommand } from './cli/program.ts'
import { environment } from './config/read-env.ts'
import { systemClock } from './core/clock.ts'

/** The process: arguments, streams and signals in, exit code out. */
process.exitCode = await runCommand(process.argv.slice(2), {
  env: environment(),
  clock: systemClock,
  input: process.stdin,
  output: process.stdout,
  errorOutput: process.stderr,
  untilSignal: () =>
    new Promise((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve())
    }),
})
