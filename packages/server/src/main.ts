import { endSoon, untilSignal } from './cli/process-signals.ts'
import { runCommand } from './cli/program.ts'
import { environment } from './config/read-env.ts'
import { systemClock } from './core/base/clock.ts'

// Without a listener, SIGUSR1 opens a debugger port to everyone on the machine (check 69).
process.on('SIGUSR1', () => {})

// A closed reader (`lobbykey … | head`) wants no more output; any other failure is reported by the command.
let isOutputLost = false
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    isOutputLost ||= code !== 'EPIPE'
  })
}

/** The process: arguments, streams and signals in, exit code out. */
let isServer = false
const exitCode = await runCommand(process.argv.slice(2), {
  env: environment(),
  clock: systemClock,
  input: process.stdin,
  output: process.stdout,
  errorOutput: process.stderr,
  untilSignal: () => {
    isServer = true
    return untilSignal(environment())
  },
})
process.exitCode = isOutputLost && !isServer ? exitCode || 1 : exitCode
if (isServer) endSoon()
