import { type ReactNode, useEffect } from 'react'

export interface PageProps {
  readonly title: string
  /** What the page is for. */
  readonly says?: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** A screen; its heading is also the tab's title. */
export function Page({ title, says, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Lobbykey`
  }, [title])
  return (
    <>
      <header className="page-head">
        <div>
          <h1>{title}</h1>
          {says !== undefined && <p className="soft">{says}</p>}
        </div>
        {actions !== undefined && <div className="actions">{actions}</div>}
      </header>
      {children}
    </>
  )
}

export interface SectionProps {
  readonly title: string
  readonly says?: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
}

export function Section({ title, says, actions, children }: SectionProps) {
  return (
    <section className="panel" aria-label={title}>
      <header>
        <div>
          <h2>{title}</h2>
          {says !== undefined && <p className="soft">{says}</p>}
        </div>
        {actions !== undefined && <div className="actions">{actions}</div>}
      </header>
      {children}
    </section>
  )
}

/** Names and values. */
export function Facts({ facts }: { readonly facts: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** A coloured word; the colour adds no information. */
export function State({ tone, children }: { readonly tone: 'good' | 'bad' | 'warn' | 'plain'; readonly children: ReactNode }) {
  return <span className={`state ${tone}`}>{children}</span>
}
