-- KEYS: lease, going
-- ARGV: lease that it rests on, number of the request, what is going
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
    return 0
end
if tonumber(ARGV[2]) > tonumber(redis.call('HGET', KEYS[2], 'request') or '0') then
    redis.call('HSET', KEYS[2], 'request', ARGV[2], 'going', ARGV[3])
end
return 1
