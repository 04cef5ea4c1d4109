import { logoUrl } from '@lobbykey/contract/design'
import { Anchor, Button, Group, Title, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'

export function PageHeader({ hasStartPage }: { readonly hasStartPage: boolean }) {
  const { setColorScheme } = useMantineColorScheme()
  const other = useComputedColorScheme() === 'dark' ? 'light' : 'dark'
  return (
    <header className="page-header">
      <Group gap="xs" wrap="nowrap">
        <img src={logoUrl} width={24} height={24} alt="" />
        <Title order={1} size="h4">
          Lobbykey playground
        </Title>
      </Group>
      <Group gap="md" component="nav" aria-label="Other pages">
        {hasStartPage && <Anchor href="/">Start page</Anchor>}
        <Anchor href="/docs">Reference</Anchor>
        <Button variant="default" size="compact-sm" onClick={() => setColorScheme(other)}>
          {other === 'dark' ? 'Dark' : 'Light'}
        </Button>
      </Group>
    </header>
  )
}
