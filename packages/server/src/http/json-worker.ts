/** The thread that parses one large body. Started by `read-large-json.ts`. */
import { parentPort, workerData } from 'node:worker_threads'
import { isGatewayError } from '@lobbykey/contract'
import { parseJsonBytes } from './json-body.ts'
import type { LargeJson, ParsedJson } from './read-large-json.ts'

const { bytes, limits } = workerData as LargeJson
parentPort?.postMessage(parsed())

function parsed(): ParsedJson {
  try {
    return { value: parseJsonBytes(bytes, limits) }
  } catch (error) {
    if (!isGatewayError(error)) throw error
    return { problem: error.details.message ?? error.message }
  }
}
