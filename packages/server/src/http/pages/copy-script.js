/** Buttons that copy: `data-copy` has the text, or `data-copy-of` the id of the element that shows it. They stay hidden without the script. */
for (const button of document.querySelectorAll('button[data-copy],button[data-copy-of]')) {
  const { copy, copyOf, copied } = button.dataset
  const [text, label] = [button.textContent, button.ariaLabel]
  const say = (said, name) => {
    button.textContent = said
    button.ariaLabel = name
  }
  button.hidden = false
  button.addEventListener('click', async () => {
    const source = copyOf === undefined ? button : document.getElementById(copyOf)
    try {
      await navigator.clipboard.writeText(copy ?? source.textContent)
      say(copied, copied)
      setTimeout(() => say(text, label), 2000)
    } catch {
      // Without a clipboard, as on plain HTTP, the text is selected for the keys to copy.
      const shown = copyOf === undefined ? button.previousElementSibling : source
      if (shown !== null) getSelection().selectAllChildren(shown)
    }
  })
}
