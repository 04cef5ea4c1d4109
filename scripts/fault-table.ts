import { readFileSync } from 'node:fs'
import type { run } from 'node:test'

interface Row {
  readonly title: string
  readonly faults: readonly string[]
  readonly outcome: 'passed' | 'FAILED' | 'skipped'
  /** Figures that the test printed, or why it was skipped. */
  readonly figures: string[]
}

/** Which faults of docs/security-checks.md were tested, with their figures, and which could not be tested here. */
export class FaultTable {
  readonly #rows: Row[] = []
  /** By file: a test's diagnostics follow its result. */
  readonly #last = new Map<string, Row>()

  constructor(results: ReturnType<typeof run>) {
    results.on('test:pass', ({ name, skip, file = '' }) => {
      const isSkipped = skip !== undefined && skip !== false
      this.#add(file, name, isSkipped ? 'skipped' : 'passed', isSkipped ? [String(skip)] : [])
    })
    results.on('test:fail', ({ name, file = '' }) => this.#add(file, name, 'FAILED', []))
    results.on('test:diagnostic', ({ message, file = '' }) => this.#last.get(file)?.figures.push(message))
  }

  report(): void {
    const known = [...readFileSync('docs/security-checks.md', 'utf8').matchAll(/^- \*\*(K\d+)\*\* (.+)$/gm)]
    console.log('\nFaults:')
    for (const [, fault = '', meaning = ''] of known) {
      const rows = this.#rows.filter(({ faults }) => faults.includes(fault))
      console.log(`  ${fault} ${meaning}${rows.length === 0 ? ': not tried by this run' : ''}`)
      for (const { title, outcome, figures } of rows)
        console.log([`    ${outcome}  ${title}`, ...figures.map((line) => `      ${line}`)].join('\n'))
    }
  }

  #add(file: string, title: string, outcome: Row['outcome'], figures: string[]): void {
    const faults = title.match(/\bK\d+\b/g)
    if (faults === null) return
    const row = { title, faults, outcome, figures }
    this.#rows.push(row)
    this.#last.set(file, row)
  }
}
