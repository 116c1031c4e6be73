-- KEYS: lease, epoch, in_flight, known, joined, heard
-- ARGV: name, epoch it believes in, term in milliseconds: 0 leaves the lane
local lease = redis.call('GET', KEYS[1])
local prefix = ARGV[1] .. ':'
local mine = lease and string.sub(lease, 1, #prefix) == prefix
local held = mine and tonumber(string.sub(lease, #prefix + 1))
local asked = tonumber(ARGV[2])
local term = tonumber(ARGV[3])
local state, epoch, in_flight, known = 'other', 0, '', {}
if term == 0 then
    if mine then
        redis.call('DEL', KEYS[1])
    end
elseif held and held == asked then
    state = 'kept'
    redis.call('PEXPIRE', KEYS[1], term)
elseif not lease or held and not (asked > 0 and asked < held) then
    -- Whoever asks anew has forgotten what it led: an epoch of its own keeps out what it asked before
    -- and comes late. One of an epoch that is over comes late itself.
    state = 'taken'
    epoch = redis.call('INCR', KEYS[2])
    redis.call('SET', KEYS[1], prefix .. epoch, 'PX', term)
    redis.call('HSET', KEYS[3], 'request', 0)
    in_flight = redis.call('HGET', KEYS[3], 'in_flight') or ''
    known = redis.call('HVALS', KEYS[4])
end
if state ~= 'other' then
    redis.call('PEXPIRE', KEYS[2], 2592000000)
    redis.call('PEXPIRE', KEYS[3], 2592000000)
end
join(KEYS[5], KEYS[6], ARGV[1])
local now, members, rank, led = place(KEYS[5], KEYS[6], KEYS[1], ARGV[1])
if term == 0 then
    redis.call('ZREM', KEYS[5], ARGV[1])
    redis.call('ZREM', KEYS[6], ARGV[1])
end
return {state, now, members, rank, led, epoch, in_flight, known}
