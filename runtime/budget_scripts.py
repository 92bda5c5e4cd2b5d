"""The two steps of a budget that all workers take one after the other: they run inside Redis."""

TAKE = """
-- KEYS: state, the calls of this kind by their time, this minute's count, until when this kind is refused
local now, what, lane = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local seconds, limit, others = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local share, spread, blink = tonumber(ARGV[7]), ARGV[8] == '1', tonumber(ARGV[9])
local kept, believed, id = tonumber(ARGV[10]), tonumber(ARGV[11]), ARGV[12]

local function state(name) return tonumber(redis.call('HGET', KEYS[1], name) or '') end
local function wait(slot, why) return {0, string.format('%.6f', slot - now), why} end

local refused = tonumber(redis.call('GET', KEYS[4]) or '0')
if refused > now then return wait(refused, 'refused') end

local left, day, told = state('day_left'), state('day_limit'), state('day_at')
if left and day and now - told < believed and left <= day * kept then return wait(told + believed, 'day') end

local slot, pace = now, now
if seconds > 0 then
    local foreign, foreign_at = 0, 0
    if what == 'call' then
        limit = state('limit') or limit
        foreign_at = state('foreign_at') or 0
        if now - foreign_at < seconds then foreign = state('foreign') or 0 end
    end
    local most = math.max(1, math.floor((limit - others) * share))
    local every = seconds / most
    -- Turns that nobody used are made up for, but only a blink's worth of them: where that fills the window early,
    -- whoever comes next has to wait for no longer than a blink.
    local made_up = what == 'call' and blink or 0
    if spread then
        local before = state('paced:' .. what .. ':' .. lane)
        if before then pace = math.max(before + every, now - made_up) end
        slot = math.max(slot, pace)
        blink = math.max(blink, every + 0.001)
    end
    -- Kept for a second longer: an answer that was slow to come tells of calls that have just left our own window.
    redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', string.format('%.6f', now - seconds - 1))
    -- Calls that were given a time a blink ahead count too: no window that ends later holds more than this one.
    local past = redis.call('ZCOUNT', KEYS[2], '-inf', string.format('%.6f', now - seconds))
    local free, taken = most - foreign, redis.call('ZCARD', KEYS[2]) - past
    if free <= 0 then
        slot = math.max(slot, foreign_at + seconds)
    elseif taken >= free then
        local first = redis.call('ZRANGE', KEYS[2], past + taken - free, past + taken - free, 'WITHSCORES')
        slot = math.max(slot, tonumber(first[2]) + seconds)
    end
    if slot - now > blink then return wait(slot, 'window') end
    redis.call('ZADD', KEYS[2], string.format('%.6f', slot), id)
    redis.call('EXPIRE', KEYS[2], 60)
    if spread then
        local paced = string.format('%.6f', math.max(pace, slot - made_up))
        redis.call('HSET', KEYS[1], 'paced:' .. what .. ':' .. lane, paced)
    end
    redis.call('EXPIRE', KEYS[1], 86400)
end
redis.call('INCR', KEYS[3])
redis.call('EXPIRE', KEYS[3], 900)
return {1, string.format('%.6f', slot - now), ''}
"""
"""May this call be made? {1, seconds to wait first, ''} or {0, seconds until it is worth asking again, why}."""

TOLD = """
-- KEYS: state, the calls that count for the short window
local now, window, limit, left = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local seconds = tonumber(ARGV[5])
if window == 'day' then
    if limit then redis.call('HSET', KEYS[1], 'day_limit', limit) end
    if left then redis.call('HSET', KEYS[1], 'day_left', left, 'day_at', string.format('%.6f', now)) end
else
    if limit then redis.call('HSET', KEYS[1], 'limit', limit) end
    if limit and left then
        -- What we have not sent ourselves was sent by others, or before Redis was emptied.
        local ours = redis.call('ZCOUNT', KEYS[2], string.format('(%.6f', now - seconds - 1), '+inf')
        local foreign = math.max(0, limit - left - ours)
        redis.call('HSET', KEYS[1], 'foreign', foreign, 'foreign_at', string.format('%.6f', now))
    end
end
redis.call('EXPIRE', KEYS[1], 86400)
return 1
"""
"""Keep what an answer said about a limit."""
