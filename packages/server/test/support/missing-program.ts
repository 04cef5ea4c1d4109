import { execFileSync } from 'node:child_process'

/** The environment in which programs are found that Debian keeps for administrators. */
export const withSbin = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }

/** Why what needs this program is skipped, or false. */
export function missingProgram(name: string): string | false {
  try {
    execFileSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore', env: withSbin })
    return false
  } catch {
    return `${name} is not installed`
  }
}
