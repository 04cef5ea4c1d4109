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
  say('')
  at('wrong').textContent = text.replace('#', count)
  password.setAttribute('aria-invalid', 'true')
  password.focus()
}
const accept = () => {
  at('wrong').textContent = ''
  password.removeAttribute('aria-invalid')
}
const send = async (newPassword) => {
  const answer = await fetch(form.dataset.path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resetToken: token, newPassword }),
  })
  return answer.json()
}
/** Whether the link is still good: the server looks at the token first, and takes no password of one character. */
const probe = async () => {
  const { code } = await send('-')
  if (code === '10013') end(texts.over)
}
const [token, ...email] = takeFragment().split('&')
if (token === '') end(texts.cut)
else {
  const whose = email.join('&')
  at('email').value = whose
  at('whose').textContent = whose
  at('site').textContent = location.host
  form.hidden = false
  password.focus()
  // Without an answer the form stays: sending it says what is wrong.
  probe().catch(() => {})
}
at('show')?.addEventListener('change', ({ target }) => {
  password.type = target.checked ? 'text' : 'password'
})
password.addEventListener('input', () => {
  at('count').textContent = texts.length.replace('#', lengthOf(password.value))
  accept()
})
form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const length = lengthOf(password.value)
  if (length < form.dataset.min) return refuse(texts.short, length)
  if (length > form.dataset.max) return refuse(texts.long, length)
  at('send').disabled = true
  say(texts.wait)
  try {
    const { code, msg } = await send(password.value)
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
