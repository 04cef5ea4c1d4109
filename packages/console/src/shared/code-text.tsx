/** A sentence with code between backticks. */
export function CodeText({ text }: { readonly text: string }) {
  const parts = text.split('`')
  // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one sentence stay where they are
  return parts.map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))
}
