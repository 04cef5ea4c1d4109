/**
 * Headers with which proxies and this server describe a request's origin, target and sender, and those that disguise one request as
 * another. A caller's own values must reach no service (check 58).
 */
const setByProxies =
  /^(?:forwarded|via|proxy.*|x-proxy.*|x-forward.*|x-real-.*|x-client-.*|client-.*|(?:x-)?cluster-client-.*|true-client-.*|remote-.*|x-remote-.*|x-original-.*|x-rewrite-.*|x-request-id|x-host|x-url-.*|x-scheme|x-ssl.*|ssl-.*|x-tls-.*|front-end-https|x-arr-.*|wl-proxy-.*|host)$/
/** Cloudflare, Fastly, Fly, Akamai, CloudFront, AWS, Google, Azure, Vercel, Netlify, Envoy, Traefik, nginx, Kong, Varnish, Next.js. */
const setByProducts =
  /^(?:cf-.*|cdn-.*|fastly-.*|fly-.*|(?:x-)?akamai-.*|cloudfront-.*|x-amz.*|x-goog-.*|x-appengine-.*|x-azure-.*|x-ms-.*|x-vercel-.*|x-nf-.*|x-envoy-.*|x-traefik-.*|x-accel-.*|x-sendfile.*|x-consumer-.*|x-credential-.*|x-anonymous-consumer|x-varnish.*|x-middleware-.*|x-matched-path|x-invoke-.*)$/
const identity =
  /^(?:x-seller-id|x-session-id|x-token-expires-at|x-auth.*|x-webauth-.*|x-jwt-.*|x-user(?:-(?:id|name|email|groups?|roles?))?|x-(?:account|tenant|member|agent|merchant)-id|x-roles?|x-groups?)$/
const overrides = /^(?:x-http-method.*|x-method.*|http-method.*|cookie.?|set-cookie.?|sec-websocket-.*)$/
/** RFC 9110 section 7.6.1, and others meant for the next hop only. */
const hopByHop = /^(?:connection|keep-alive|te|trailer|transfer-encoding|upgrade|http2-settings|expect)$/

/**
 * Whether only proxies may set a header. Servers that pass headers as variables (CGI, WSGI, PHP) turn `-`, and some any other character
 * that is no letter or digit, into `_`, so `X_Forwarded.For` is the same name.
 */
export function isReservedHeader(name: string): boolean {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '-')
  return [setByProxies, setByProducts, identity, overrides, hopByHop].some((names) => names.test(plain))
}
