/** Whether a file is CSV or TSV rather than JSON: by the extension of its name, else by how it begins. */
export function isTable(file: string, begin: string): boolean {
  if (/\.[ct]sv$/i.test(file)) return true
  return !/\.(?:json|jsonl|ndjson)$/i.test(file) && !/^\s*[{[]/.test(begin)
}
