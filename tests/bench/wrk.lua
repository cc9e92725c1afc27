-- One load: a POST again and again, each with a key of its own and one of the cases. An answer counts only with status 200
-- and the text that a success holds. What to send comes in a file of lines: bearer key, text of a success, body, cases.
local run, key, success, body
local cases, sent = {}, 0
refused, sample = 0, ""

function init(arguments)
  local lines = io.open(arguments[1])
  run, key, success, body = arguments[2], lines:read("*l"), lines:read("*l"), lines:read("*l")
  for case in lines:lines() do cases[#cases + 1] = case end
  wrk.method = "POST"
  wrk.headers["Authorization"] = "Bearer " .. key
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  sent = sent + 1
  return wrk.format(nil, nil, nil, (body:gsub("KEY", run .. "-" .. sent, 1):gsub("CASE", cases[sent % #cases + 1], 1)))
end

function response(status, _, answer)
  if status ~= 200 or not answer:find(success, 1, true) then
    refused = refused + 1
    sample = status .. " " .. answer:sub(1, 500)
  end
end

local thread

function setup(started)
  thread = started
end

function done(summary, _, _)
  local errors = summary.errors
  io.stderr:write(string.format("%d %d %s\n", summary.requests,
    thread:get("refused") + errors.connect + errors.read + errors.write + errors.timeout, thread:get("sample")))
end
