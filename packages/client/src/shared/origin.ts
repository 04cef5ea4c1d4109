/** `baseUrl` without a slash at its end. What was left out of the settings shows at once, not as a gateway that does not answer. */
export function originOf(baseUrl: unknown): string {
  if (typeof baseUrl !== 'string' || !/^https?:\/\/[^/]/.test(baseUrl))
    throw new TypeError("baseUrl must be the gateway's origin, such as https://login.example.com")
  return baseUrl.replace(/\/+$/, '')
}
