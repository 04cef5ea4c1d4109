import { TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useEffectEvent, useState } from 'react'
import { type Account, may, useAccount } from '../api/account.ts'
import { admin } from '../api/client.ts'
import { asksPurpose, purposeOf } from '../api/purpose.ts'
import { Dialog } from '../parts/dialog.tsx'
import { pathOf } from '../parts/page-link.tsx'
import { t } from '../texts/texts.ts'
import { navigationOf } from './navigation.ts'

interface Found {
  readonly kind: string
  readonly label: string
  readonly to: string
}

const typingMs = 200
const eachMax = 6
/** Members are searched merchant by merchant, and each search leaves an event. */
const merchantsMax = 5

/** Finds a page, merchant, member, session, seller or call by the start of its name or ID. */
export function SearchDialog({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  return (
    <Dialog title={t.search.title} isOpen={isOpen} onClose={onClose}>
      <Search onClose={onClose} />
    </Dialog>
  )
}

function Search({ onClose }: { readonly onClose: () => void }) {
  const account = useAccount()
  const navigate = useNavigate()
  const [text, setText] = useState('')
  const [wanted, setWanted] = useState('')
  const [chosen, setChosen] = useState(0)
  const [isEntered, setIsEntered] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setWanted(text.trim()), typingMs)
    return () => clearTimeout(timer)
  }, [text])
  const { data = [], isFetching } = useQuery({ queryKey: ['search', wanted], queryFn: () => find(wanted, account) })
  const go = (found: Found | undefined) => {
    if (found === undefined) return
    onClose()
    void navigate({ to: found.to })
  }
  // Enter may come before what was typed has been looked up.
  const isFound = wanted === text.trim() && !isFetching
  const goToChosen = useEffectEvent(() => {
    setIsEntered(false)
    go(data[chosen])
  })
  useEffect(() => {
    if (isEntered && isFound) goToChosen()
  }, [isEntered, isFound])
  return (
    <div className="search">
      <TextInput
        label={t.search.label}
        data-autofocus
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value)
          setChosen(0)
          setIsEntered(false)
        }}
        role="combobox"
        aria-expanded={data.length > 0}
        aria-controls="found"
        aria-activedescendant={data.length > 0 ? `found-${chosen}` : undefined}
        autoComplete="off"
        spellCheck={false}
        onKeyDown={(event) => {
          const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
          if (step !== undefined) {
            event.preventDefault()
            setChosen(Math.min(Math.max(chosen + step, 0), Math.max(data.length - 1, 0)))
          }
          if (event.key === 'Enter') {
            setWanted(text.trim())
            setIsEntered(true)
          }
        }}
      />
      {data.length === 0 ? (
        <p className="soft" role="status">
          {isFetching ? t.loading : t.search.nothing}
        </p>
      ) : (
        <div id="found" role="listbox" aria-label={t.search.title}>
          {data.map((found, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard chooses from the input
            // biome-ignore lint/a11y/useFocusableInteractive: likewise
            <div key={found.to} id={`found-${index}`} role="option" aria-selected={index === chosen} onClick={() => go(found)}>
              <span>{found.label}</span> <small>{found.kind}</small>
            </div>
          ))}
        </div>
      )}
    </div>
  )
}

async function find(text: string, account: Account): Promise<Found[]> {
  const pages = navigationOf(account)
    .filter(({ label }) => label.toLowerCase().includes(text.toLowerCase()))
    .map(({ to, label }) => ({ kind: t.search.page, label, to }))
  if (text === '') return pages
  const parts = await Promise.all([
    findMerchants(text, account),
    findMembers(text, account),
    findSellers(text, account),
    findCall(text, account),
  ])
  return [...pages, ...parts.flat()]
}

/** A search that fails on unsuitable input finds nothing. */
async function quietly(work: () => Promise<Found[]>): Promise<Found[]> {
  try {
    return await work()
  } catch {
    return []
  }
}

function findMerchants(text: string, account: Account): Promise<Found[]> {
  if (!may(account, 'merchant.list')) return Promise.resolve([])
  return quietly(async () => {
    const { items } = await admin.run('merchant.list', { q: text, limit: eachMax })
    return items.map(({ agentId }) => ({ kind: t.search.merchant, label: agentId, to: pathOf('merchants', agentId) }))
  })
}

/** `merchant/member`, or a member of one of the first merchants; the same for a session ID. */
function findMembers(text: string, account: Account): Promise<Found[]> {
  const isUnsaid = asksPurpose() && purposeOf(account.sessionId) === null
  if (!may(account, 'member.list') || isUnsaid) return Promise.resolve([])
  return quietly(async () => {
    const [, named, beginning = text] = /^([^/\s]+)[/\s]+([^/\s]\S*)$/.exec(text) ?? []
    const agentIds =
      named === undefined ? (await admin.run('merchant.list', { limit: merchantsMax })).items.map(({ agentId }) => agentId) : [named]
    const found = agentIds.map((agentId) =>
      quietly(async () => {
        if (/^[0-9a-f]{32}-[0-9a-z]+$/.test(beginning)) {
          const { userId } = await admin.run('member-session.show', { agentId, sessionId: beginning })
          return [{ kind: t.search.session, label: `${agentId} / ${userId}`, to: pathOf('merchants', agentId, 'members', userId) }]
        }
        const { items } = await admin.run('member.list', { agentId, q: beginning, limit: eachMax })
        return items.map(({ userId, userName }) => ({
          kind: t.search.member,
          label: `${agentId} / ${userId}${userName === '' ? '' : ` (${userName})`}`,
          to: pathOf('merchants', agentId, 'members', userId),
        }))
      }),
    )
    return (await Promise.all(found)).flat().slice(0, eachMax)
  })
}

function findSellers(text: string, account: Account): Promise<Found[]> {
  if (!may(account, 'seller.list')) return Promise.resolve([])
  return quietly(async () => {
    const { items } = await admin.run('seller.list', { q: text.toLowerCase(), limit: eachMax })
    return items.map(({ sellerId, email }) => ({ kind: t.search.seller, label: email, to: pathOf('sellers', sellerId) }))
  })
}

function findCall(text: string, account: Account): Promise<Found[]> {
  if (text.length < 8 || !may(account, 'trace.show')) return Promise.resolve([])
  return quietly(async () => {
    const { requestId, call, code } = await admin.run('trace.show', { requestId: text })
    return [{ kind: t.search.call, label: `${call} ${code}`, to: pathOf('calls', requestId) }]
  })
}
