const shownMax = 100

/** Ends an error's text: tell it to the operator when something needs looking into. */
export function shownRequestId(requestId: string | null): string {
  return requestId === null ? '' : ` (request ID ${requestId.slice(0, shownMax)})`
}
