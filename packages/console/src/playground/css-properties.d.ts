import 'react'

declare module 'react' {
  interface CSSProperties {
    /** Hue of a signed field, degrees. */
    '--hue'?: number
  }
}
