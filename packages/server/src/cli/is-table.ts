/** Whether a file is CSV or TSV, not JSON: by the end of its name, and where that says nothing, by what it begins with. */
export function isTable(file: string, begin: string): boolean {
  if (/\.[ct]sv$/i.test(file)) return true
  return !/\.(?:json|jsonl|ndjson)$/i.test(file) && !/^\s*[{[]/.test(begin)
}
