-- KEYS: stream, number of the sender, joined, heard, lease
-- ARGV: sender, number, limit, entry*
-- First, so that nothing is put where this is not allowed.
join(KEYS[3], KEYS[4], ARGV[1])
local number = tonumber(ARGV[2])
local outcome = 'stored'
if number > 0 then
    local last = tonumber(redis.call('GET', KEYS[2]) or '0')
    if number <= last then
        outcome = 'duplicate'
    elseif redis.call('XLEN', KEYS[1]) + #ARGV - 3 > tonumber(ARGV[3]) then
        outcome = 'full'
    else
        -- Before any write that a full memory allows: it refuses the first that it does not, and lets
        -- those behind one that passed pass.
        redis.call('SET', KEYS[2], ARGV[2], 'PX', 86400000)
        for i = 4, #ARGV do
            local added = redis.pcall('XADD', KEYS[1], '*', 'e', ARGV[i])
            if type(added) == 'table' and added.err then
                -- Else it would be taken for stored when it is put again.
                redis.call('SET', KEYS[2], last, 'PX', 86400000)
                return added
            end
        end
        redis.call('PEXPIRE', KEYS[1], 2592000000)
    end
end
local now, members, rank, led = place(KEYS[3], KEYS[4], KEYS[5], ARGV[1])
return {outcome, now, members, rank, led}
