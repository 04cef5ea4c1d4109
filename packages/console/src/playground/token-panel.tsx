import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { decodeToken, tellDuration } from './json-web-token.ts'

export interface TokenPanelProps {
  readonly token: string
  /** Whether a logout has ended it. */
  readonly isEnded: boolean
  /** Milliseconds. */
  readonly now: number
  readonly isSending: boolean
  readonly onCall: (operationId: string) => void
}

/** The seller's access token decoded, its remaining life, and calls that use it. */
export function TokenPanel({ token, isEnded, now, isSending, onCall }: TokenPanelProps) {
  const decoded = decodeToken(token)
  if (decoded === null) return null
  const { exp } = decoded.claims
  const secondsLeft = typeof exp === 'number' ? exp - now / 1_000 : null
  return (
    <Paper withBorder p="md" component="section" aria-label="Access token">
      <Stack gap="sm">
        <Title order={3} size="h5">
          Access token
        </Title>
        {isEnded && <Text className="warning">Logged out: the server refuses this token now.</Text>}
        {!isEnded && secondsLeft !== null && (
          <Text data-testid="expiry">{secondsLeft > 0 ? `Expires in ${tellDuration(secondsLeft)}` : 'Has expired'}</Text>
        )}
        <dl className="headers mono">
          {Object.entries({ ...decoded.header, ...decoded.claims }).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{tellClaim(name, value)}</dd>
            </div>
          ))}
        </dl>
        <Group gap="xs">
          <Button variant="light" size="compact-sm" disabled={isSending} onClick={() => onCall('seller.me')}>
            Who am I
          </Button>
          {isEnded ? (
            <Button variant="light" size="compact-sm" disabled={isSending} onClick={() => onCall('seller.login')}>
              Log in again
            </Button>
          ) : (
            <>
              <Button variant="light" size="compact-sm" disabled={isSending} onClick={() => onCall('seller.refresh')}>
                Refresh
              </Button>
              <Button variant="light" size="compact-sm" disabled={isSending} onClick={() => onCall('seller.logout')}>
                Log out
              </Button>
            </>
          )}
        </Group>
      </Stack>
    </Paper>
  )
}

function tellClaim(name: string, value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return (name === 'iat' || name === 'exp') && typeof value === 'number' ? `${text} (${new Date(value * 1_000).toISOString()})` : text
}
