import { operations } from '@lobbykey/contract'
import { NativeSelect, NavLink } from '@mantine/core'

export interface CallListProps {
  readonly operationId: string
  readonly onSelect: (operationId: string) => void
}

const groups = [
  { api: 'member', title: 'Member API' },
  { api: 'seller', title: 'Seller API' },
].map((group) => ({ ...group, operations: operations.filter(({ api }) => api === group.api) }))

/** The calls: a list beside the request, a select above it where there is no room. */
export function CallList({ operationId, onSelect }: CallListProps) {
  return (
    <>
      <nav className="call-list" aria-label="Calls">
        {groups.map((group) => (
          <div key={group.api}>
            <p className="caption">{group.title}</p>
            {group.operations.map(({ id, title }) => (
              <NavLink
                key={id}
                component="button"
                type="button"
                label={title}
                active={id === operationId}
                aria-current={id === operationId ? 'true' : undefined}
                onClick={() => onSelect(id)}
              />
            ))}
          </div>
        ))}
      </nav>
      <NativeSelect
        className="call-select"
        label="Call"
        value={operationId}
        data={groups.map((group) => ({
          group: group.title,
          items: group.operations.map(({ id, title }) => ({ value: id, label: title })),
        }))}
        onChange={(event) => onSelect(event.currentTarget.value)}
      />
    </>
  )
}
