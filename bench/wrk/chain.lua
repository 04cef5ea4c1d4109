-- Refreshes in chains: every answer carries the token of the next request, so no token is sent twice.
-- Arguments: file of first tokens (one a line, more than connections), file of the request with `{token}` and `{length}` in it,
-- pattern of the token in an answer, pattern of a second value to write to the file in the next argument ("-": none), that file.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  local tokens, first, last = {}, 1, 0
  for token in io.lines(args[1]) do
    last = last + 1
    tokens[last] = token
  end
  local form = assert(io.open(args[2], 'rb')):read('*a')
  local head, before, after = form:match('^(.-\r\n\r\n)(.*){token}(.*)$')
  local pattern, other = args[3], args[4]
  local out = other ~= '-' and assert(io.open(args[5], 'ab')) or nil
  starved, accepted = 0, 0
  function request()
    local token = tokens[first]
    if token == nil then
      starved = starved + 1
      token = 'none'
    else
      tokens[first] = nil
      first = first + 1
    end
    local body = before .. token .. after
    return head:gsub('{length}', #body) .. body
  end
  function response(status, _, body)
    local token = status == 200 and body:match(pattern)
    if not token then return end
    accepted = accepted + 1
    last = last + 1
    tokens[last] = token
    if out ~= nil then out:write(body:match(other), '\n') end
  end
end

function done(summary, latency)
  local starved, accepted = 0, 0
  for _, thread in ipairs(threads) do
    starved = starved + thread:get('starved')
    accepted = accepted + thread:get('accepted')
  end
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"requests":%d,"micros":%d,"refused":%d,"broken":%d,"timeouts":%d,"wraps":%d,"p50":%d,"p99":%d,"worst":%d,"statuses":{"200 -":%d}}\n',
    summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write, errors.timeout, starved,
    latency:percentile(50), latency:percentile(99), latency.max, accepted))
end
