import { askServer } from './ask-server.ts'
import { CallList } from './call-list.tsx'
import { CallView } from './call-view.tsx'
import { ExplainPanel } from './explain-panel.tsx'
import { PageHeader } from './page-header.tsx'
import type { PageSettings } from './page-settings.ts'
import { explainId, usePlayground } from './use-playground.ts'

export interface PlaygroundProps {
  readonly settings: PageSettings
}

export function Playground({ settings }: PlaygroundProps) {
  const state = usePlayground(settings)
  const explain = settings.canExplain ? askServer : undefined
  return (
    <>
      <PageHeader hasStartPage={settings.samples !== null} />
      <div className="layout">
        <CallList selectedId={state.selectedId} canExplain={settings.canExplain} onSelect={state.select} />
        {state.selectedId === explainId && explain !== undefined ? (
          <ExplainPanel explain={explain} />
        ) : (
          <CallView state={state} explain={explain} />
        )}
      </div>
    </>
  )
}
