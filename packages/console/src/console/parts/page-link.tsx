import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'

export interface PageLinkProps {
  /** Below /console. */
  readonly to: string
  readonly search?: Readonly<Record<string, string>>
  readonly className?: string
  readonly children: ReactNode
}

/** A link to another page of the console. */
export function PageLink({ to, search = {}, className, children }: PageLinkProps) {
  return (
    <Link to={to} search={search as never} {...(className === undefined ? {} : { className })}>
      {children}
    </Link>
  )
}

/** A path below /console, with each part URL-encoded. */
export function pathOf(...parts: readonly string[]): string {
  return `/${parts.map(encodeURIComponent).join('/')}`
}
