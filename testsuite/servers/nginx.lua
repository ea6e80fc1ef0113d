-- SPDX-License-Identifier: GPL-3.0-or-later
-- For wrk: every answer is looked at, and the last line is "REQUESTS FAILED P50 P99".

local threads = {}

function setup(thread)
	table.insert(threads, thread)
end

function init()
	wrong = 0
end

function response(status, headers, body)
	local served = headers["X-Served"]
	if status ~= 200 or body ~= "hello from nginx\n" or (served and served:find("MIXED")) then
		wrong = wrong + 1
	end
end

function done(summary, latency, requests)
	local e = summary.errors
	local failed = e.connect + e.read + e.write + e.timeout
	for _, thread in ipairs(threads) do
		failed = failed + thread:get("wrong")
	end
	print(("%d %d %d %d"):format(summary.requests, failed, latency:percentile(50), latency:percentile(99)))
end
