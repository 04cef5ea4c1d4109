/** The script of the page that sets a password, in the browser. `takeFragment` stands before it. */
const at = (id) => document.getElementById(id)
const form = at('form')
const password = at('password')
const texts = JSON.parse(form.dataset.texts)
const say = (text, count) => {
  at('said').textContent = text.replace('#', count)
}
const lengthOf = (text) => [...text.normalize('NFC')].length
const end = (text) => {
  form.remove()
  say(text)
}
const refuse = (text, count) => {
  password.setAttribute('aria-invalid', 'true')
  password.focus()
  say(text, count)
}
const [token, ...email] = takeFragment().split('&')
if (token === '') end(texts.cut)
else {
  at('email').value = email.join('&')
  form.hidden = false
  password.focus()
}
at('show')?.addEventListener('change', ({ target }) => {
  password.type = target.checked ? 'text' : 'password'
})
password.addEventListener('input', () => {
  at('count').textContent = texts.length.replace('#', lengthOf(password.value))
  password.removeAttribute('aria-invalid')
})
form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const length = lengthOf(password.value)
  if (length < form.dataset.min) return refuse(texts.short, length)
  if (length > form.dataset.max) return refuse(texts.long, length)
  at('send').disabled = true
  say(texts.wait)
  try {
    const answer = await fetch(form.dataset.path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resetToken: token, newPassword: password.value }),
    })
    const { code, msg } = await answer.json()
    if (code === '0000') return end(texts.done)
    if (code === '10013') return end(texts.over)
    // The server says in English which rule was broken.
    const isEnglish = document.documentElement.lang.startsWith('en')
    if (code === '10005') refuse(isEnglish ? `${msg.replace(/^[^:]*: newPassword/, 'The password')}.` : texts.weak)
    else say(texts.later)
  } catch {
    say(texts.unreachable)
  }
  at('send').disabled = false
})
