import { type SignedCall, type SigningProfile, signedNames } from '@lobbykey/contract'

/** The hue of a signed field, in degrees, the same in its input and in the canonical string; null for unsigned fields. */
export function hueOf(call: SignedCall | null, callback: SigningProfile['callback'], name: string): number | null {
  const index = call === null ? -1 : signedNames(call, callback).indexOf(name)
  // The golden angle gives neighbours in the string distinct colours.
  return index === -1 ? null : Math.round(200 + index * 137.5) % 360
}
