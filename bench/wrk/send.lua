-- Sends whole HTTP requests from a file of records of one length, in order.
-- Arguments: file, bytes of a record, "once" or "cycle", mean pause between a connection's requests in ms (0: none),
-- "tally" to count answers by status and code (costs the generator time) or "-".
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  local file = assert(io.open(args[1], 'rb'))
  local length = tonumber(args[2])
  local pause = tonumber(args[4])
  exhausted = 0
  if args[3] == 'once' then
    function request()
      local record = file:read(length)
      if record ~= nil then return record end
      exhausted = exhausted + 1
      file:seek('set')
      return file:read(length)
    end
  else
    local records = {}
    for record in function() return file:read(length) end do table.insert(records, record) end
    local at = 0
    function request()
      at = at % #records + 1
      return records[at]
    end
  end
  if pause > 0 then
    math.randomseed(tonumber(tostring({}):sub(8)))
    function delay()
      return math.random(0, 2 * pause)
    end
  end
  if args[5] == 'tally' then
    statuses = {}
    function response(status, _, body)
      local answer = status .. ' ' .. (body:match('"code":"?(%d+)') or '-')
      statuses[answer] = (statuses[answer] or 0) + 1
    end
  end
end

function done(summary, latency)
  local wraps, tally = 0, {}
  for _, thread in ipairs(threads) do
    wraps = wraps + thread:get('exhausted')
    for status, count in pairs(thread:get('statuses') or {}) do tally[status] = (tally[status] or 0) + count end
  end
  local counts = {}
  for status, count in pairs(tally) do table.insert(counts, string.format('"%s":%d', status, count)) end
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"requests":%d,"micros":%d,"refused":%d,"broken":%d,"timeouts":%d,"wraps":%d,"p50":%d,"p99":%d,"worst":%d,"statuses":{%s}}\n',
    summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write, errors.timeout, wraps,
    latency:percentile(50), latency:percentile(99), latency.max, table.concat(counts, ',')))
end
