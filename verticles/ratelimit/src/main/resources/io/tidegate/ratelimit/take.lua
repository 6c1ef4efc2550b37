-- GCRA for up to ARGV[1] units at once, on Redis's own clock. Microseconds, all integers below 2^53.
-- KEYS[1]: the subject's theoretical arrival time (TAT)
-- ARGV: units, cost, limit/period as numerator and denominator, tolerance, a TAT known from elsewhere
-- Returns: granted, TAT, now
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local units, cost = tonumber(ARGV[1]), tonumber(ARGV[2])
local numerator, denominator = tonumber(ARGV[3]), tonumber(ARGV[4])
local latest = now + tonumber(ARGV[5])

local tat = tonumber(redis.call('GET', KEYS[1]) or '0')
tat = math.max(tat, tonumber(ARGV[6]), now)
tat = math.min(tat, latest) -- the clock was set back, or the policy made stricter

local granted = math.min(units, math.floor((latest - tat) * numerator / denominator))
granted = granted - granted % cost
tat = tat + math.ceil(granted * denominator / numerator)
if tat > now then
  redis.call('SET', KEYS[1], string.format('%.0f', tat), 'PX', string.format('%.0f', math.ceil((tat - now) / 1000) + 1))
end
return {granted, tat, now}
