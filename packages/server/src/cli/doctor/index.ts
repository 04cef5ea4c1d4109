import { statSync } from 'node:fs'
import type { Command } from 'commander'
import { ConfigError, type Environment } from '../../config/read-env.ts'
import { type SettingDefinition, settingDefinitions } from '../../config/settings.ts'
import { addVerb, type CommandContext, type CommonOptions, print, tableLines } from '../command-context.ts'
import { Ended, toFailure, unfitCode } from '../exit-codes.ts'
import { checkedServeSettings } from '../serve-checks.ts'
import { machineWarnings, merchantWarnings } from '../serve-warnings.ts'
import { usingStore } from '../with-store.ts'
import { bad, type CheckedServer, type Finding, good, warning } from './finding.ts'
import {
  checkCertificate,
  checkCollector,
  checkListeners,
  checkLobby,
  checkProxies,
  checkPublicUrl,
  checkRedis,
  checkSingleSignOn,
} from './network-checks.ts'
import { checkClock, checkProcesses, checkSchema, checkSqliteFile, checkWrites } from './store-checks.ts'

const checks: readonly ((patient: CheckedServer) => Promise<Finding[]>)[] = [
  checkSchema,
  checkWrites,
  checkClock,
  checkProcesses,
  checkSqliteFile,
  checkRedis,
  checkSingleSignOn,
  checkCollector,
  checkPublicUrl,
  checkCertificate,
  checkLobby,
  checkProxies,
  checkListeners,
]

/** `lobbykey doctor` */
export function addDoctorVerb(program: Command, context: CommandContext): void {
  addVerb(program, 'doctor', "Checks everything that the server depends on, with `serve`'s settings, and says what to do.")
    .addHelpText(
      'after',
      '\nChanges nothing but the row with which /readyz tests the store, too. Exits with 7 if something is bad, otherwise with 0, also with warnings.\nExample: lobbykey doctor',
    )
    .action(async (options: CommonOptions) => {
      const findings = await examine(context)
      const isFit = findings.every(({ verdict }) => verdict !== 'bad')
      print(context, options, { ok: isFit, findings }, [
        ...tableLines(
          ['CHECK', 'IS', 'WHAT'],
          findings.map(({ check, verdict, text }) => [check, verdict, text]),
          '',
        ),
      ])
      if (!isFit) throw new Ended(unfitCode)
    })
}

async function examine(context: CommandContext): Promise<Finding[]> {
  const around = [...machineWarnings().map((text) => warning('machine', text)), ...checkSecretFiles(context.env)]
  try {
    const settings = await checkedServeSettings(context.env)
    const found = await usingStore(settings, async (store) => {
      const ofMerchants = (await merchantWarnings(store)).map((text) => warning('merchants', text))
      const each = await Promise.all(checks.map((check) => check({ context, settings, store })))
      return [...each.flat(), ...ofMerchants]
    })
    return [good('settings', 'Settings and store are fit to serve.'), ...around, ...found]
  } catch (error) {
    if (error instanceof ConfigError) return [...error.problems.map((text) => bad('settings', text)), ...around]
    const { key, message } = toFailure(error)
    if (key === 'configuration' || key === 'store_unavailable') return [bad('store', message), ...around]
    throw error
  }
}

/** Files named by `VARIABLE_FILE` contain secrets. */
function checkSecretFiles(env: Environment): Finding[] {
  return (Object.values(settingDefinitions) as SettingDefinition<unknown>[]).flatMap(({ variable, secret }) => {
    const path = env[`${variable}_FILE`]
    const mode = path === undefined || secret !== true ? null : (statSync(path, { throwIfNoEntry: false })?.mode ?? null)
    if (mode === null) return []
    if ((mode & 0o007) !== 0) return [bad('files', `Every user of this machine may access ${path}: chmod 600 ${path}`)]
    return [good('files', `${path} is protected.`)]
  })
}
