/** `node scripts/release/bundle.ts FOLDER`: the server as the package has it, with its launcher, not packed. FOLDER has to be in packages/server. */
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { bundleServer, writeLauncher } from './bundle-server.ts'

const root = join(import.meta.dirname, '../..')
const [folder] = process.argv.slice(2)
if (folder === undefined) throw new Error('give the folder to write to')
mkdirSync(folder, { recursive: true })
await bundleServer(root, resolve(folder, 'dist'))
writeLauncher(root, resolve(folder))
