import { runCommand } from './cli/program.ts'
import { environment } from './config/read-env.ts'
import { systemClock } from './core/base/clock.ts'

// Without a listener, SIGUSR1 opens a debugger port to everyone on the machine (check 69).
process.on('SIGUSR1', () => {})

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
