/**
 * The script of /sign-in, in the browser. `takeFragment` comes before it (one-time-fragment.ts). Whatever it shows of an account it has asked the server for
 * after the sign-in, so that every way in ends in the same page.
 */
;(() => {
  const at = (id) => document.getElementById(id)
  const { base, header, paths: pathsText, says: saysText, sso: ssoLabel, return: returnPath } = at('page').dataset
  const paths = JSON.parse(pathsText)
  const says = JSON.parse(saysText)
  const fill = (text, what) => text.replace('#', () => what)
  const say = (text) => {
    at('said').textContent = text
  }
  const show = (id) => {
    for (const one of ['password-form', 'invitation-form', 'account']) at(one).hidden = one !== id
    at('sso').hidden = id !== 'password-form' || ssoLabel === ''
  }
  /** An account made on the command line without a name has its e-mail as the name. */
  const nameOf = ({ name, email, role }) => `${name === email ? email : `${name} (${email})`}, ${role}`
  /** What the provider of single sign-on sent the browser back with; null on the page itself. */
  const answer = location.pathname === returnPath ? location.search : null
  const link = takeFragment()
  // Out of the address bar and the history, too.
  if (answer !== null) history.replaceState(null, '', '/sign-in')
  /** A page of the console, and of nobody else. */
  const wanted = new URLSearchParams(location.search).get('to') ?? ''
  const to = /^\/console(?:[/?#]|$)/.test(wanted) ? wanted : null
  if (to !== null) at('open-console').href = to

  const ask = async (path, init) => {
    const answer = await fetch(path, { ...init, headers: { 'content-type': 'application/json', [header]: '1' } })
    const json = await answer.json()
    if (!answer.ok) throw json
    return json
  }
  const post = (call, body) => ask(paths[call], { method: 'POST', body: JSON.stringify(body) })

  const hasPasskeys = typeof PublicKeyCredential === 'function' && PublicKeyCredential.parseCreationOptionsFromJSON !== undefined
  /** The server has none where its address is one of digits, to which no passkey can be bound. */
  const usable = (options) => {
    if (options === null) throw { title: says.passkeyNeedsName, detail: '' }
    return options
  }
  const makePasskey = async (options) =>
    (await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(usable(options)) })).toJSON()
  const showPasskey = async () => {
    const { options } = await post('passkeyOptions', {})
    return (await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(usable(options)) })).toJSON()
  }

  const withRequest = (text, { requestId }) => (requestId ? `${text} ${fill(says.request, requestId)}` : text)
  const attempt = async (button, work) => {
    if (button) button.disabled = true
    say(says.wait)
    try {
      say((await work()) ?? '')
    } catch (problem) {
      if (problem.name === 'NotAllowedError') say(says.noPasskeyUsed)
      else if (problem.detail === undefined) say(says.unreachable)
      else say(withRequest(says.problems[problem.key] ?? `${problem.title} ${problem.detail}`, problem))
    }
    if (button) button.disabled = false
  }
  const onSubmit = (form, work) =>
    at(form).addEventListener('submit', (event) => {
      event.preventDefault()
      attempt(event.submitter, work)
    })
  const onClick = (id, work) => at(id).addEventListener('click', (event) => attempt(event.currentTarget, work))

  /** Sends the browser to the provider of single sign-on, which sends it back to this page. */
  const goToProvider = async (purpose) => {
    const { url } = await post('ssoStart', { purpose, ...(to === null ? {} : { to }) })
    location.assign(url)
    return fill(says.toProvider, ssoLabel)
  }

  let timer = 0
  const showConfirmation = ({ confirmedUntil, method, hasPassword, sso }, passkeys) => {
    const until = confirmedUntil === null ? null : new Date(confirmedUntil)
    const isByClick = method === 'sandbox'
    const byPasskey = hasPasskeys && passkeys.length > 0 && !isByClick
    at('confirmed').textContent =
      until === null ? says.needsConfirmation : fill(says.confirmedUntil, until.toLocaleTimeString(document.documentElement.lang))
    at('confirm-code-field').hidden = isByClick || !hasPassword
    at('confirm-code').required = !isByClick
    at('confirm').hidden = !isByClick && !hasPassword
    at('confirm-passkey').hidden = !byPasskey
    at('passkeys').hidden = !hasPasskeys
    // Without a passkey there is nothing to confirm with.
    const isFirst = until === null && method === 'sso' && passkeys.length === 0
    at('first-passkey').hidden = !isFirst
    at('passkey-form').hidden = until === null && !isFirst
    at('confirm-sso').hidden = !sso?.canConfirm
    at('link-sso').hidden = sso === null || sso.isLinked || until === null
    at('passkey-list').replaceChildren(
      ...(passkeys.length === 0 ? [says.noPasskeys] : passkeys.map(({ name }) => name)).map((text) =>
        Object.assign(document.createElement('li'), { textContent: text }),
      ),
    )
    clearTimeout(timer)
    if (until !== null) timer = setTimeout(() => attempt(null, showAccount), Math.max(5_000, until - Date.now()))
  }

  /** Goes on to the page that was wanted, unless there is something to read here first. */
  const goOn = () => (to === null ? showAccount() : location.replace(to))
  const showAccount = async ({ recoveryCodes = [] } = {}) => {
    const [account, { items: passkeys }] = await Promise.all([ask(`${base}/account`), ask(`${base}/account/passkeys?limit=200`)])
    at('title').textContent = says.signedIn
    at('who').textContent = nameOf(account)
    if (recoveryCodes.length > 0) at('code-list').textContent = recoveryCodes.join('\n')
    at('codes').hidden = at('code-list').textContent === ''
    showConfirmation(account, passkeys)
    show('account')
  }
  /** Of a call that needs the session, which may have ended meanwhile. */
  const signedIn = (work) => async () => {
    try {
      return await work()
    } catch (problem) {
      if (problem.status !== 401 || problem.key !== 'not_signed_in') throw problem
      location.reload()
    }
  }

  onSubmit('password-form', async () => {
    await post('password', { email: at('email').value, password: at('password').value, code: at('code').value })
    await goOn()
  })
  onClick('use-passkey', async () => {
    await post('passkey', { response: await showPasskey() })
    await goOn()
  })

  let invited = null
  onSubmit('invitation-form', async () =>
    showAccount(await post('acceptWithPassword', { link, password: at('new-password').value, code: at('new-code').value })),
  )
  onClick('make-passkey', async () => {
    await post('acceptWithPasskey', { link, response: await makePasskey(invited.passkey) })
    await showAccount()
  })

  onSubmit(
    'confirm-form',
    signedIn(async () => {
      const code = at('confirm-code').value
      at('confirm-code').value = ''
      await post('confirm', code === '' ? {} : { code })
      await showAccount()
    }),
  )
  onClick(
    'confirm-passkey',
    signedIn(async () => {
      await post('confirmWithPasskey', { response: await showPasskey() })
      await showAccount()
    }),
  )
  onSubmit(
    'passkey-form',
    signedIn(async () => {
      const { options } = await post('newPasskeyOptions', {})
      const name = at('passkey-name').value.trim()
      const added = await post('addPasskey', { response: await makePasskey(options), ...(name === '' ? {} : { name }) })
      at('passkey-name').value = ''
      await showAccount()
      return fill(says.added, added.name)
    }),
  )
  onClick('use-sso', () => goToProvider('sign-in'))
  onClick(
    'confirm-sso',
    signedIn(() => goToProvider('confirm')),
  )
  onClick(
    'link-sso',
    signedIn(() => goToProvider('link')),
  )
  onClick('sign-out', async () => {
    await post('signOut', {})
    location.reload()
  })

  const showInvitation = async () => {
    invited = await post('invitation', { link })
    const { email, name, role, isReset, totp, passkey } = invited
    at('passkey-offer').hidden = passkey === null || !hasPasskeys
    at('title').textContent = isReset ? says.again : says.welcome
    at('invited').textContent = nameOf({ name, email, role })
    at('secret').textContent = totp.secret
    at('uri').href = totp.uri
    show('invitation-form')
  }
  /** Once, and on this page rather than by the provider's redirect, which is another site's and so without the session's cookie. */
  const finishSso = async () => {
    show('password-form')
    const { purpose, to: next } = await post('ssoFinish', { query: answer })
    if (purpose !== 'link' && next !== null) return location.replace(next)
    await showAccount()
    return purpose === 'link' ? fill(says.linked, ssoLabel) : ''
  }
  const open = async () => {
    if (link.startsWith('sandbox.')) {
      await post('sandbox', { link: link.slice(8) })
      return goOn()
    }
    if (link !== '') return showInvitation()
    at('use-passkey').hidden = !hasPasskeys
    if (answer !== null) return finishSso()
    show('password-form')
    try {
      await showAccount()
    } catch (problem) {
      // Without a word from the person, who may still be signed in there.
      if (problem.key === 'sso_check_due' && ssoLabel !== '') return goToProvider('check')
      if (problem.status !== 401) throw problem
    }
  }
  attempt(null, open)
})()
