/**
 * The lobby's script, in the browser: counts the time down, writes the end of the session in the reader's time zone, and shows an end the
 * moment the server tells of it; then it tells the server that the end was shown. A change has the page drawn anew. Where the browser keeps no cookie,
 * a token stands for the session: in this script's memory alone, gone with the page.
 */
;(() => {
  const main = document.querySelector('main')
  const locale = document.documentElement.lang
  const page = document.querySelector('[data-page]')
  // The history's entry remembers where Return leads: loaded again, the page may no longer know its session.
  const back = document.querySelector('#back')
  if (page === null) {
    const { state } = history
    if (back === null || typeof state?.back !== 'string') return
    back.href = state.back
    back.hidden = false
    return
  }
  const { token, leave } = page.dataset
  page.removeAttribute('data-token')
  const form = (fields) => ({ method: 'POST', body: new URLSearchParams(token === undefined ? fields : { ...fields, page: token }) })
  const acknowledge = () => fetch(`${home}/ack`, { ...form({}), keepalive: true }).catch(() => {})
  const home = new URL('lobby', location.href).href
  // A page that holds a token says, loaded again, how to come back.
  history.replaceState({ back: back?.href }, '', leave)
  if (page.dataset.page === 'over') return void acknowledge()
  let source = null
  let timer = 0
  let isOver = false
  const end = (kind) => {
    if (isOver) return
    isOver = true
    source?.close()
    clearInterval(timer)
    const template = document.getElementById(`end-${kind}`) ?? document.getElementById('end-unknown')
    main.replaceChildren(template.content.cloneNode(true))
    const heading = main.querySelector('h1')
    document.title = heading.textContent
    heading.focus()
    if (kind !== 'expired' && kind !== 'elsewhere') acknowledge()
  }
  const digits = new Intl.NumberFormat(locale, { minimumIntegerDigits: 2, useGrouping: false })
  const left = document.getElementById('left')
  const endsAt = Date.now() + Number(left.dataset.ms)
  const until = document.getElementById('until')
  until.textContent = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(endsAt)
  timer = setInterval(() => {
    const seconds = Math.max(0, Math.ceil((endsAt - Date.now()) / 1000))
    if (seconds === 0) return end('expired')
    left.textContent = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((part) => digits.format(Math.floor(part))).join(':')
  }, 250)
  const { session, version } = page.dataset
  const drawAnew = () => {
    if (token === undefined) return location.reload()
    const again = document.createElement('form')
    Object.assign(again, { method: 'post', action: home })
    for (const [name, value] of [['page', token], ...new URL(leave, home).searchParams]) {
      const field = document.createElement('input')
      Object.assign(field, { type: 'hidden', name, value })
      again.append(field)
    }
    document.body.append(again)
    again.submit()
  }
  const hear = (name, data) => {
    if (name === 'ended') end(JSON.parse(data).reason)
    if (name === 'changed') drawAnew()
  }
  const follow = () => {
    if (isOver) return
    source = new EventSource(`${home}/events?${new URLSearchParams({ session, version })}`)
    for (const name of ['ended', 'changed']) source.addEventListener(name, ({ data }) => hear(name, data))
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) setTimeout(follow, 3000)
    }
  }
  /** The same for a session that no cookie stands for: an EventSource cannot post. */
  const followByToken = async () => {
    if (isOver) return
    try {
      const { body } = await fetch(`${home}/events`, form({ session, version }))
      let text = ''
      const reader = body.pipeThrough(new TextDecoderStream()).getReader()
      while (true) {
        const { done, value } = await reader.read()
        if (done) break
        const events = (text + value).split('\n\n')
        text = events.pop()
        for (const event of events) hear(/^event: (.*)$/m.exec(event)?.[1], /^data: (.*)$/m.exec(event)?.[1])
      }
    } catch {}
    setTimeout(followByToken, 1000)
  }
  if (token === undefined) follow()
  else followByToken()
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) location.reload()
  })
})()
