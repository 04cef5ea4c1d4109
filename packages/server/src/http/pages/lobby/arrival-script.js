/** The arrival's script, in the browser: goes on once somebody looks at the page. A prerendered page, and a tab in the background, wait until they are shown. */
;(() => {
  const form = document.querySelector('form')
  let isGone = false
  const go = () => {
    if (isGone || document.prerendering || document.visibilityState === 'hidden') return
    isGone = true
    setTimeout(() => {
      // Neither the history nor a Referer keeps what opens the lobby.
      history.replaceState(null, '', form.dataset.home)
      form.submit()
    }, Number(form.dataset.delay))
  }
  document.addEventListener('visibilitychange', go)
  document.addEventListener('prerenderingchange', go)
  go()
})()
