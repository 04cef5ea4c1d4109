import { logoUrl } from '@lobbykey/contract/design'
import { Button, NativeSelect, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { Link, Outlet, useLocation } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { useAccount } from '../api/account.ts'
import { admin, signInCall } from '../api/client.ts'
import { useConnection } from '../api/connection.ts'
import { useWaiting } from '../api/waiting.ts'
import { Dialog } from '../parts/dialog.tsx'
import { Page } from '../parts/page.tsx'
import { PageLink } from '../parts/page-link.tsx'
import { roleName } from '../parts/words.ts'
import { chooseLanguage, language, languages, t } from '../texts/texts.ts'
import { maySee, navigationOf, proposalsPath } from './navigation.ts'
import { SearchDialog } from './search-dialog.tsx'

/** The frame around every screen. */
export function Shell() {
  const account = useAccount()
  const { pathname } = useLocation()
  const [isMenuOpen, setIsMenuOpen] = useState(false)
  const [isSearchOpen, setIsSearchOpen] = useState(false)
  const main = useRef<HTMLElement>(null)
  const isFirst = useRef(true)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page closes the menu, and is where the keyboard goes on
  useEffect(() => {
    setIsMenuOpen(false)
    if (!isFirst.current) main.current?.focus({ preventScroll: true })
    isFirst.current = false
  }, [pathname])
  useEffect(() => {
    const open = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        setIsSearchOpen(true)
      }
    }
    addEventListener('keydown', open)
    return () => removeEventListener('keydown', open)
  }, [])
  return (
    <div className="shell">
      <a className="skip" href="#main">
        {t.shell.skip}
      </a>
      <header className="bar">
        <Button
          className="menu-button"
          variant="default"
          size="xs"
          aria-expanded={isMenuOpen}
          aria-controls="navigation"
          onClick={() => setIsMenuOpen(!isMenuOpen)}
        >
          {t.shell.menu}
          <Waiting />
        </Button>
        <Link to="/" className="brand">
          <img src={logoUrl} width={24} height={24} alt="" />
          Lobbykey
        </Link>
        <Button className="search-button" variant="default" size="xs" onClick={() => setIsSearchOpen(true)}>
          {t.search.title} <kbd>Ctrl K</kbd>
        </Button>
        <Link to="/account" className="who">
          {account.name} <small>{roleName(account.role)}</small>
        </Link>
      </header>
      <div className="frame">
        <nav id="navigation" aria-label={t.shell.pages} className={isMenuOpen ? 'navigation open' : 'navigation'}>
          {navigationOf(account).map(({ to, label }) => (
            <Link key={to} to={to} activeOptions={{ exact: to === '/', includeSearch: false }} activeProps={{ className: 'active' }}>
              {label}
              {to === proposalsPath && <Waiting />}
            </Link>
          ))}
          <div className="navigation-end">
            <a href="/admin/docs">{t.shell.reference}</a>
            <LookButton />
            {Object.keys(languages).length > 1 && (
              <NativeSelect
                size="xs"
                aria-label={t.shell.language}
                value={language()}
                data={Object.entries(languages).map(([value, label]) => ({ value, label }))}
                onChange={(event) => chooseLanguage(event.currentTarget.value)}
              />
            )}
            <SignOutButton />
          </div>
        </nav>
        <main id="main" ref={main} tabIndex={-1}>
          <LostConnection />
          {maySee(account, pathname) ? <Outlet /> : <NotForYou />}
        </main>
      </div>
      <SearchDialog isOpen={isSearchOpen} onClose={() => setIsSearchOpen(false)} />
      <EndedSession />
    </div>
  )
}

/** How many proposals wait for the reader; nothing for none. */
function Waiting() {
  const { length } = useWaiting()
  if (length === 0) return null
  return (
    <>
      {' '}
      <span className="waiting">
        <span aria-hidden="true">{length}</span>
        <span className="unseen">{t.proposals.waitForYou(length)}</span>
      </span>
    </>
  )
}

/** Instead of a page that would only be refused. */
function NotForYou() {
  const { role } = useAccount()
  return (
    <Page title={t.notForYou.title}>
      <p>
        {t.notForYou.says(roleName(role))} <PageLink to="/">{t.notFound.home}</PageLink>
      </p>
    </Page>
  )
}

function LookButton() {
  const { setColorScheme } = useMantineColorScheme()
  const other = useComputedColorScheme() === 'dark' ? 'light' : 'dark'
  return (
    <Button variant="default" size="xs" onClick={() => setColorScheme(other)}>
      {other === 'dark' ? t.shell.dark : t.shell.light}
    </Button>
  )
}

function SignOutButton() {
  const signOut = async () => {
    await signInCall('signOut', {}).catch(() => null)
    location.assign('/sign-in')
  }
  return (
    <Button variant="default" size="xs" onClick={() => void signOut()}>
      {t.shell.signOut}
    </Button>
  )
}

function LostConnection() {
  if (useConnection() !== 'lost') return null
  return (
    <p className="problem" role="alert">
      {t.connection.lost}
    </p>
  )
}

/** Covers the page, which keeps its input. */
function EndedSession() {
  const account = useAccount()
  const queries = useQueryClient()
  const isEnded = useConnection() === 'ended'
  const goOn = async () => {
    const { operatorId } = await admin.run('account.show', {})
    if (operatorId === account.operatorId) await queries.invalidateQueries()
    else location.reload()
  }
  return (
    <Dialog title={t.connection.ended} isOpen={isEnded} onClose={() => {}}>
      <p>{t.connection.endedSays}</p>
      <div className="actions">
        <Button component="a" href="/sign-in" target="_blank">
          {t.connection.signIn}
        </Button>
        <Button variant="default" onClick={() => void goOn().catch(() => null)}>
          {t.connection.goOn}
        </Button>
      </div>
    </Dialog>
  )
}
