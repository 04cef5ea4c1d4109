// The image's health check: exits with 0 while the server in it answers /livez.
const answer = await fetch(`http://127.0.0.1:${process.env.PORT ?? 8080}/livez`, { signal: AbortSignal.timeout(4_000) }).catch(() => null)
process.exitCode = answer?.ok ? 0 : 1
