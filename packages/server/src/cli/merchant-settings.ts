import { defaultAlgorithm, defaultCallbackRule, platforms } from '@lobbykey/contract'
import type { AdminInput, AdminOutput } from '@lobbykey/contract/admin'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { CommonOptions } from './command-context.ts'
import { type Labels, labelOption, labelText } from './label-option.ts'
import { algorithmOption, callbackOption } from './profile-options.ts'

/** The options of `merchant add` and `merchant update`. */
export interface SettingOptions extends CommonOptions {
  currency?: string[]
  allow?: string[]
  callbackOrigin?: string[]
  /** Each a URL or `none`, for one platform when it begins with its name and `=`. */
  lobbyUrl?: string[]
  frameAncestor?: string[]
  launch?: MerchantView['launch']
  sessions?: MerchantView['sessions']
  /** A number, or `default`. */
  ratePerSecond?: string
  autoCreateMembers?: boolean
  sign?: MerchantView['sign']
  callback?: MerchantView['callback']
  label?: Labels
}

export function addSettingOptions(verb: Command): Command {
  return verb
    .option('--currency <codes>', 'currencies, comma-separated; repeatable; none empties the list', parseList)
    .option('--allow <blocks>', 'IP addresses and CIDR blocks that may call, comma-separated; repeatable; none refuses everyone', parseList)
    .option(
      '--callback-origin <url>',
      "allowed origin of callbacks, such as https://app.example.com, or an app's link in full, such as myapp://done; repeatable; or none",
      parseList,
    )
    .option(
      '--frame-ancestor <origin>',
      "origin whose pages may frame the server's own lobby page, such as https://www.example.com; repeatable; or none",
      parseList,
    )
    .option(
      '--lobby-url <[platform=]url>',
      "where members are sent, such as https://lobby.example.com or h5=https://m.example.com; repeatable; none: the server's own lobby page; PLATFORM=none: as for other platforms",
      collect,
    )
    .addOption(
      new Option('--launch <mode>', 'what opens the lobby: the session token or a one-time ticket (default: token)').choices([
        'token',
        'ticket',
      ]),
    )
    .addOption(
      new Option(
        '--sessions <policy>',
        'sessions per member: many, or one, where newest-wins ends the older and refuse rejects the newer (default: many)',
      ).choices(['many', 'newest-wins', 'refuse']),
    )
    .option('--rate-per-second <n>', 'requests a second; 0 for no limit; default: RATE_PER_MERCHANT', checkRate)
    .option('--auto-create-members', 'let a login create the member it names')
    .option('--no-auto-create-members', 'refuse logins of unknown members')
    .addOption(algorithmOption(`(default: ${defaultAlgorithm})`))
    .addOption(callbackOption(`(default: ${defaultCallbackRule})`))
    .option(...labelOption)
}

type MerchantView = AdminOutput<'merchant.show'>

/** The changes that the options ask for. */
export function changesOf(options: SettingOptions): Omit<AdminInput<'merchant.update'>, 'agentId'> {
  const {
    currency,
    allow,
    callbackOrigin,
    frameAncestor,
    lobbyUrl,
    launch,
    sessions,
    ratePerSecond,
    autoCreateMembers,
    sign,
    callback,
    label,
  } = options
  return {
    ...(currency === undefined ? {} : { currencies: currency }),
    ...(allow === undefined ? {} : { allow }),
    ...(callbackOrigin === undefined ? {} : { callbackOrigins: callbackOrigin }),
    ...(frameAncestor === undefined ? {} : { frameAncestors: frameAncestor }),
    ...(lobbyUrl === undefined ? {} : lobbyUrlChanges(lobbyUrl)),
    ...(launch === undefined ? {} : { launch }),
    ...(sessions === undefined ? {} : { sessions }),
    ...(ratePerSecond === undefined ? {} : { ratePerSecond: ratePerSecond === 'default' ? null : Number(ratePerSecond) }),
    ...(autoCreateMembers === undefined ? {} : { autoCreateMembers }),
    ...(sign === undefined ? {} : { sign }),
    ...(callback === undefined ? {} : { callback }),
    ...(label === undefined ? {} : { labels: label }),
  }
}

/** The settings for `merchant show`. */
export function settingLines(settings: MerchantView): string[] {
  const { currencies, allow, callbackOrigins, frameAncestors, lobbyUrl, lobbyUrls, launch, sessions, ratePerSecond, autoCreateMembers } =
    settings
  const platforms = Object.entries(lobbyUrls).filter(([, url]) => url !== null)
  return [
    `  currencies        ${currencies.join(', ') || 'none'}`,
    `  allow             ${allow.join(', ') || 'none: refuses everyone'}`,
    `  callback origins  ${callbackOrigins.join(', ') || 'none: refuses callbacks'}`,
    `  frame ancestors   ${frameAncestors.join(', ') || 'none: its lobby is in no frame'}`,
    `  lobby URL         ${lobbyUrl ?? "the server's own lobby page"}`,
    ...platforms.map(([platform, url]) => `  lobby URL, ${platform.padEnd(7)} ${url}`),
    `  launch            ${launch === 'ticket' ? 'by a one-time ticket' : 'by the session token'}`,
    `  sessions          ${sessionTexts[sessions]}`,
    `  rate per second   ${ratePerSecond === null ? "the server's default" : ratePerSecond === 0 ? 'no limit' : ratePerSecond}`,
    `  members           ${autoCreateMembers ? 'created by their first login' : 'must be created before they log in'}`,
    `  signature         ${settings.sign}, callback ${settings.callback}`,
    `  labels            ${labelText(settings.labels)}`,
  ]
}

const sessionTexts: Readonly<Record<MerchantView['sessions'], string>> = {
  many: 'any number per member',
  'newest-wins': 'one per member, the newest wins',
  refuse: 'one per member, newer ones are refused',
}

function lobbyUrlChanges(values: readonly string[]): Pick<AdminInput<'merchant.update'>, 'lobbyUrl' | 'lobbyUrls'> {
  const changes: { lobbyUrl?: string | null; lobbyUrls: Record<string, string | null> } = { lobbyUrls: {} }
  for (const value of values) {
    const [name = '', url] = value.split(/=(.*)/s)
    const platform = platforms.find((each) => each === name)
    if (platform === undefined || url === undefined) changes.lobbyUrl = orNull(value)
    else changes.lobbyUrls[platform] = orNull(url)
  }
  return changes
}

function orNull(text: string): string | null {
  return text === 'none' ? null : text
}

function collect(text: string, previous: string[] = []): string[] {
  return [...previous, text]
}

function parseList(text: string, previous: string[] = []): string[] {
  if (text === 'none') return []
  return [...previous, ...text.split(',').map((item) => item.trim())]
}

/** Returns text because commander treats null as "no value". */
function checkRate(text: string): string {
  if (text === 'default' || /^(?:0|[1-9][0-9]{0,6})$/.test(text)) return text
  throw new InvalidArgumentError('It must be a whole number from 0 to 1000000, or default.')
}
