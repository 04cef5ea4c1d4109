import { operations } from '@lobbykey/contract'
import { NativeSelect, NavLink } from '@mantine/core'
import { explainId } from './use-playground.ts'

export interface CallListProps {
  /** The ID of an operation, or `explainId`. */
  readonly selectedId: string
  readonly canExplain: boolean
  readonly onSelect: (id: string) => void
}

const groups = [
  { api: 'member', title: 'Member API' },
  { api: 'seller', title: 'Seller API' },
].map(({ api, title }) => ({ title, items: operations.filter((operation) => operation.api === api) }))
const groupsWithHelp = [...groups, { title: 'Help', items: [{ id: explainId, title: 'Invalid signature?' }] }]

/** The calls: a list beside the request, a select above it on narrow screens. */
export function CallList({ selectedId, canExplain, onSelect }: CallListProps) {
  const shown = canExplain ? groupsWithHelp : groups
  return (
    <>
      <nav className="call-list" aria-label="Calls">
        {shown.map((group) => (
          <div key={group.title}>
            <p className="caption">{group.title}</p>
            {group.items.map(({ id, title }) => (
              <NavLink
                key={id}
                component="button"
                type="button"
                label={title}
                active={id === selectedId}
                aria-current={id === selectedId ? 'true' : undefined}
                onClick={() => onSelect(id)}
              />
            ))}
          </div>
        ))}
      </nav>
      <NativeSelect
        className="call-select"
        label="Call"
        value={selectedId}
        data={shown.map((group) => ({
          group: group.title,
          items: group.items.map(({ id, title }) => ({ value: id, label: title })),
        }))}
        onChange={(event) => onSelect(event.currentTarget.value)}
      />
    </>
  )
}
