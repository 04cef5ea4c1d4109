/** The thread that answers questions: one at a time, each within its share of the processor. Started by `explainer.ts`. */
import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'
import { basename } from 'node:path'
import { parentPort } from 'node:worker_threads'
import { defaultAlgorithm, defaultCallbackRule, memberLogout, signedCalls } from '@lobbykey/contract'
import { explainSignature } from './explain-signature.ts'
import { searchCpuMsMax, type WorkerAnswer, type WorkerQuestion } from './explainer.ts'

/** A third of the processor beside a fully busy thread. */
const niceness = 5

parentPort?.on('message', (question: WorkerQuestion) => parentPort?.postMessage(answer(question)))
warmUp()
giveWay()
parentPort?.postMessage(null)

/** Lower priority than the threads that serve, where the system supports it per thread: a question may wait, a login may not. */
function giveWay(): void {
  try {
    setPriority(Number(basename(readlinkSync('/proc/thread-self'))), niceness)
  } catch {
    // Not on Linux, or forbidden: the limit on processor time still holds.
  }
}

/** Runs a whole search before anyone asks; otherwise the first question would spend its time on compilation. */
function warmUp(): void {
  const body = JSON.stringify({ agent_id: 'agent', user_id: 'user', timestamp: 1_700_000_000_000, sign: '0'.repeat(32) })
  const input = {
    call: memberLogout,
    body,
    keys: { active: ['key'] },
    profile: { algorithm: defaultAlgorithm, callback: defaultCallbackRule },
    now: null,
  }
  explainSignature({ ...input, text: 'KEY&agent_id=agent' })
}

function answer({ call: name, ...input }: WorkerQuestion): WorkerAnswer {
  const call = signedCalls.find((candidate) => candidate.name === name)
  if (call === undefined) throw new Error('a question is about a signed call')
  const cpuMsMax = searchCpuMsMax(input.keys.active.length)
  const begun = process.threadCpuUsage()
  const hasTime = () => {
    const { user, system } = process.threadCpuUsage(begun)
    return user + system < cpuMsMax * 1_000
  }
  return { explanation: explainSignature({ ...input, call, hasTime }) }
}
