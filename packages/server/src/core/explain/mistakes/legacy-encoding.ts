/** Encodings that are still in use where people write Chinese, Japanese, Korean, Vietnamese or Thai. */
export const legacyEncodings = [
  ['GBK', 'gbk'],
  ['Big5', 'big5'],
  ['Shift-JIS', 'shift_jis'],
  ['EUC-KR', 'euc-kr'],
  ['Windows-1252', 'windows-1252'],
  ['Windows-1258', 'windows-1258'],
  ['TIS-620', 'windows-874'],
] as const

type Label = (typeof legacyEncodings)[number][1]

/** Made when first needed: what a decoder gives for one byte and for two, read backwards. */
const tables = new Map<Label, ReadonlyMap<string, readonly number[]>>()

/** Characters that the encoding lacks become question marks. */
export function encodeLegacy(text: string, label: Label): string | Uint8Array {
  if (/^[\0-\x7f]*$/.test(text)) return text
  const table = tables.get(label) ?? tableOf(label)
  tables.set(label, table)
  return Buffer.from([...text].flatMap((char) => table.get(char) ?? [0x3f]))
}

function tableOf(label: Label): ReadonlyMap<string, readonly number[]> {
  const decoder = new TextDecoder(label, { fatal: true })
  const table = new Map<string, readonly number[]>()
  const add = (bytes: readonly number[]) => {
    try {
      const char = decoder.decode(Uint8Array.from(bytes))
      if ([...char].length === 1 && !table.has(char)) table.set(char, bytes)
      return true
    } catch {
      return false
    }
  }
  for (let first = 0; first < 256; first++) {
    if (add([first]) || label.startsWith('windows-')) continue
    for (let second = 0x40; second < 255; second++) add([first, second])
  }
  return table
}
