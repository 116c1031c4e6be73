-- Behind `joined` and `heard`: who is a member, and where it stands among all that were heard of.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- A broker that is full still tells where everybody stands; one that refuses it for another reason says so.
local function add(...)
    local done = redis.pcall('ZADD', ...)
    if type(done) == 'table' and done.err and not string.find(done.err, 'OOM', 1, true) then
        redis.call('ZADD', ...)
    end
end
local function join(joined, heard, me)
    add(joined, 'NX', now, me)
    add(heard, now, me)
end
local function place(joined, heard, lease, me)
    local gone = redis.call('ZRANGEBYSCORE', heard, '-inf', now - 300000, 'LIMIT', 0, 100)
    for _, name in ipairs(gone) do
        redis.call('ZREM', joined, name)
        redis.call('ZREM', heard, name)
    end
    redis.call('PEXPIRE', joined, 86400000)
    redis.call('PEXPIRE', heard, 86400000)
    return now, redis.call('ZCARD', joined), redis.call('ZRANK', joined, me) or 0,
        redis.call('EXISTS', lease)
end
