// npm runs this after `npm ci`: builds the pages of packages/console, where Vite was installed. Plain JavaScript, for whichever Node.js
// npm itself runs on; the server says how to build them where this did not.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

if (existsSync('node_modules/vite')) process.exitCode = spawnSync('npm run build', { stdio: 'inherit', shell: true }).status ?? 1
