-- KEYS: lease, in_flight, known, stream, odd
-- ARGV: lease that it rests on, number of the request, the message in flight,
--       how many are settled, marks, how many of them are odd, marks, (number, what is known)*
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
    return 0
end
if tonumber(ARGV[2]) <= tonumber(redis.call('HGET', KEYS[2], 'request') or '0') then
    return 1
end
local settled = tonumber(ARGV[4])
local odd = tonumber(ARGV[5 + settled])
local known = 6 + settled + odd
for i = known, #ARGV, 2 do
    if ARGV[i + 1] == '' then
        redis.call('HDEL', KEYS[3], ARGV[i])
    else
        redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 1])
    end
end
redis.call('PEXPIRE', KEYS[3], 2592000000)
for i = 6 + settled, known - 1 do
    local entry = redis.call('XRANGE', KEYS[4], ARGV[i], ARGV[i])
    if entry[1] then
        redis.call('LPUSH', KEYS[5], entry[1][2][2])
    end
end
if odd > 0 then
    redis.call('LTRIM', KEYS[5], 0, 99)
    redis.call('PEXPIRE', KEYS[5], 2592000000)
end
for i = 5, 4 + settled do
    redis.call('XDEL', KEYS[4], ARGV[i])
end
redis.call('HSET', KEYS[2], 'request', ARGV[2], 'in_flight', ARGV[3])
return 1
