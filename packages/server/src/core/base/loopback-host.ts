import { isLoopbackAddress } from './network-address.ts'

/** Whether a URL's `hostname`, or a name to listen on, means this machine only: localhost, 127.0.0.0/8, ::1. */
export function isLoopbackHost(hostname: string): boolean {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1')
  return bare === 'localhost' || (/^[0-9.]+$|:/.test(bare) && isLoopbackAddress(bare))
}
