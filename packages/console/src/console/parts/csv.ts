/** Rows as a CSV file (RFC 4180). Text that a spreadsheet would run as a formula is escaped. */
export function toCsv(rows: readonly object[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const lines = [names, ...rows.map((row) => names.map((name) => cellText((row as Record<string, unknown>)[name])))]
  return lines.map((cells) => cells.map(quote).join(',')).join('\r\n')
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

/** At its start, and after what a spreadsheet of another country takes for the end of a cell, quoted or not. */
const formulas = /^(?=[=+\-@\t\r\n＝＋－＠])|(?<=[;\t\r\n])(?=\s*[=+\-@＝＋－＠])/g

function quote(text: string): string {
  const safe = /^-?\d+(\.\d+)?$/.test(text) ? text : text.replace(formulas, "'")
  return /[",;\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Downloads it as a file. */
export function saveFile(name: string, text: string, type = 'text/csv;charset=utf-8'): void {
  const url = URL.createObjectURL(new Blob([text], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
