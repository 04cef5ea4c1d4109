/**
 * The lobby's script, in the browser: counts the time down, writes the end of the session in the reader's time zone, and shows an end the
 * moment the server tells of it; then it tells the server that the end was shown. A change has the page drawn anew.
 */
;(() => {
  const main = document.querySelector('main')
  const locale = document.documentElement.lang
  const page = document.querySelector('[data-page]')
  const acknowledge = () => fetch('lobby/ack', { method: 'POST', keepalive: true }).catch(() => {})
  if (page === null) return
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
  const follow = () => {
    if (isOver) return
    source = new EventSource(`lobby/events?${new URLSearchParams({ session, version })}`)
    source.addEventListener('ended', ({ data }) => end(JSON.parse(data).reason))
    source.addEventListener('changed', () => location.reload())
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) setTimeout(follow, 3000)
    }
  }
  follow()
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) location.reload()
  })
})()
