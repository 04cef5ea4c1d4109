import { parentPort, workerData } from 'node:worker_threads'
import { checkIntegrity } from './sqlite-damage.ts'

parentPort?.postMessage(checkIntegrity(workerData as string))
