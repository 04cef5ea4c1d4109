/** Prints how well the explainer names mistakes, by kind: `node packages/server/test/core/explain/accuracy-report.ts [COUNT]`. */
import { explainedCases } from './accuracy.ts'

const count = Number(process.argv[2] ?? 2_000)
const rows = new Map<string, { right: number; unknown: number; wrong: number; as: Set<string> }>()
const total = { right: 0, unknown: 0, wrong: 0 }
const durations: number[] = []
let last = process.cpuUsage().user

for (const { causes, verdict, explanation } of explainedCases(count)) {
  durations.push((process.cpuUsage().user - last) / 1000)
  const name = causes.join(' + ')
  const row = rows.get(name) ?? { right: 0, unknown: 0, wrong: 0, as: new Set() }
  rows.set(name, row)
  row[verdict]++
  total[verdict]++
  if (verdict === 'wrong') row.as.add([explanation, ...explanation.also].map(({ kind }) => kind).join(' + '))
  last = process.cpuUsage().user
}

const percent = (part: number) => `${((100 * part) / count).toFixed(2)} %`
const width = Math.max(...[...rows.keys()].map((name) => name.length))
console.log(`${'CAUSE'.padEnd(width)}  RIGHT  DON'T KNOW  WRONG`)
for (const [name, { right, unknown, wrong, as }] of [...rows].sort(([a], [b]) => (a < b ? -1 : 1))) {
  const counts = [String(right).padStart(5), String(unknown).padStart(10), String(wrong).padStart(5)]
  console.log(`${name.padEnd(width)}  ${counts.join('  ')}${as.size === 0 ? '' : `  as ${[...as].join('; ')}`}`)
}
durations.sort((a, b) => a - b)
console.log(
  `\n${count} requests of ${rows.size} causes: right ${percent(total.right)}, don't know ${percent(total.unknown)}, wrong ${percent(total.wrong)}`,
)
console.log(`CPU time: median ${durations[count >> 1]?.toFixed(1)} ms, 99 % ${durations[Math.floor(count * 0.99)]?.toFixed(1)} ms`)
