import { execFileSync } from 'node:child_process'

/** Finds programs that Debian installs for administrators only. */
export const withSbin = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }

/** Why a test that needs this program is skipped, or false. */
export function missingProgram(name: string): string | false {
  try {
    execFileSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore', env: withSbin })
    return false
  } catch {
    return `${name} is not installed`
  }
}
