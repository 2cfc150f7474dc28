-- The holder's own outcome, before the functions of the prelude are defined: see `claim_quick.lua`. A large one takes the whole
-- way, where a server that is full may refuse it.
do
    local key = KEYS[1]
    local state, claim_id = unpack(redis.call('HMGET', key, 'state', 'claim_id'))
    if ARGV[1] == 'holder' and state == 'running' and claim_id == ARGV[2] and #ARGV[6] <= 4096 and #ARGV[7] < 16 then
        local seconds, micros = unpack(redis.call('TIME'))
        local now = seconds * 1000000 + micros
        local ends = now + ARGV[7]
        redis.call('HDEL', key, 'lease_until', 'abandoned')
        redis.call('HSET', key, 'state', ARGV[3], 'expires_at', string.format('%d', ends), 'codec', ARGV[4],
            'outcome_version', ARGV[5], 'outcome', ARGV[6], 'updated_at', string.format('%d', now))
        redis.call('PEXPIREAT', key, string.format('%d', math.ceil(ends / 1000) + 600000))
        redis.pcall('SPUBLISH', key, '')
        return 1
    end
end
