import { load } from '../lib/load.ts'
import { memberLogins } from '../lib/requests.ts'
import type { Row } from '../lib/row.ts'
import { sellerLoginRequests } from '../lib/sellers.ts'
import { startGateway } from '../lib/servers.ts'
import { median } from '../lib/statistics.ts'
import { copyStore, membersUsual, merchant } from '../lib/stores.ts'

const membersPerSecond = 300
const memberConnections = 30
const stormConnections = 600
const stormTimes = 10

export const isolation: Row = {
  name: 'isolation',
  title: 'member login while sellers storm',
  async run({ seconds, rounds, say }) {
    const gateway = await startGateway(await copyStore())
    const { port } = gateway
    const sellers = sellerLoginRequests()
    const phaseSeconds = seconds * 2
    const members = () =>
      load({
        port,
        seconds: phaseSeconds,
        connections: memberConnections,
        requests: memberLogins({ ...merchant, members: membersUsual, count: membersPerSecond * phaseSeconds * 2 }),
        use: 'once',
        perSecond: membersPerSecond,
        tally: true,
      })
    const lane = await load({ port, seconds, connections: 16, requests: sellers, use: 'cycle' })
    const quiet: number[] = []
    const stormy: number[] = []
    const offered: number[] = []
    const answers: Record<string, number> = {}
    const storm = () =>
      load({
        port,
        seconds: phaseSeconds,
        connections: stormConnections,
        requests: sellers,
        use: 'cycle',
        perSecond: lane.perSecond * stormTimes,
        tally: true,
      })
    // A warm-up of both, as in every row.
    await Promise.all([members(), storm()])
    for (let round = 0; round < Math.min(rounds, 4); round++) {
      const calm = await members()
      const [during, storming] = await Promise.all([members(), storm()])
      quiet.push(calm.p99Ms)
      stormy.push(during.p99Ms)
      offered.push(storming.requests / phaseSeconds)
      for (const [answer, count] of [...prefixed('member', during.statuses), ...prefixed('seller', storming.statuses)]) {
        answers[answer] = (answers[answer] ?? 0) + count
      }
      const cut = during.broken + during.timeouts + storming.broken + storming.timeouts
      if (cut > 0) answers['broken or timed out'] = (answers['broken or timed out'] ?? 0) + cut
      say(`round ${round + 1}: member p99 ${quiet.at(-1)?.toFixed(1)} ms alone, ${stormy.at(-1)?.toFixed(1)} ms in the storm`)
    }
    await gateway.stop()
    const failed = Object.entries(answers).reduce((sum, [answer, count]) => sum + (isFine(answer) ? 0 : count), 0)
    return {
      lines: [
        {
          title: `member login p99 while sellers storm at ${stormTimes} × the lane`,
          against: 'the same without the storm',
          value: median(stormy.map((value, round) => value / (quiet[round] ?? Number.NaN))),
          unit: '×',
          target: { bound: 'at most', value: 3 },
        },
        {
          title: '… answers that are neither success nor 10012',
          against: 'none',
          value: failed,
          unit: '',
          target: { bound: 'at most', value: 0 },
        },
      ],
      figures: [
        { name: 'member login p99, alone', unit: 'ms', values: quiet },
        { name: 'member login p99, in the storm', unit: 'ms', values: stormy },
        { name: 'seller logins sent in the storm', unit: '/s', values: offered },
        { name: "the lane's capacity", unit: '/s', values: [lane.perSecond] },
      ],
      notes: [
        `member logins at ${membersPerSecond}/s over ${memberConnections} connections; sellers over ${stormConnections} connections, right passwords`,
        `answers in the storm: ${Object.entries(answers)
          .map(([answer, count]) => `${answer}: ${count}`)
          .join(', ')}`,
        'the generators are on the same cores: what they take, the server lacks',
      ],
    }
  },
}

function prefixed(who: string, statuses: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(statuses).map(([answer, count]) => [`${who} ${answer}`, count])
}

function isFine(answer: string): boolean {
  return / 200 /.test(answer) || answer === 'seller 503 10012'
}
