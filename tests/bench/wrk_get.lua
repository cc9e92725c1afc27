-- One load: the same page again and again. An answer counts only with status 200, the text that a success holds, and no
-- more bytes than a page may have.
local success, most
refused, sample = 0, ""

function init(arguments)
  success, most = arguments[1], tonumber(arguments[2])
end

function response(status, _, answer)
  if status ~= 200 or #answer > most or not answer:find(success, 1, true) then
    refused = refused + 1
    sample = status .. ", " .. #answer .. " bytes: " .. answer:sub(1, 500)
  end
end

local thread

function setup(started)
  thread = started
end

function done(summary, latency, _)
  local errors = summary.errors
  io.stderr:write(string.format("%d %d %d %s\n", summary.requests, latency:percentile(50),
    thread:get("refused") + errors.connect + errors.read + errors.write + errors.timeout, thread:get("sample")))
end
