-- The two answers that most claims get, before the functions of the prelude are defined, which costs as much as either. All else
-- falls through to the rest, which would answer these too.
do
    local key = KEYS[1]
    if redis.call('EXISTS', key) == 1 then
        local state, expires_at, codec, version, outcome, fingerprint, fingerprint_version = unpack(redis.call('HMGET', key,
            'state', 'expires_at', 'codec', 'outcome_version', 'outcome', 'fingerprint', 'fingerprint_version'))
        -- An outcome that has not expired, for Rust to look at. Microseconds of 16 digits and less than 2^53 are exact.
        local ends = (state == 'completed' or state == 'failed') and expires_at and #expires_at == 16 and tonumber(expires_at)
        if ends and codec and version and outcome then
            local seconds, micros = unpack(redis.call('TIME'))
            if seconds * 1000000 + micros < ends then
                return { seconds .. ' ' .. micros .. ' ' .. state .. ' ' .. expires_at .. ' ' .. codec .. ' ' .. version .. ' '
                    .. (fingerprint or '') .. ' ' .. (fingerprint_version or ''), outcome }
            end
        end
    else
        local claim_id, abandoned, lease, retention, admission, version, fingerprint =
            string.match(ARGV[1], '^(%x+) (%a+) (%d+) (%d+) (%a+) (%d*) (%x*)$')
        if admission == 'open' and #lease < 16 and #retention < 16 then
            -- `Record::claimed`, where there is none. Sums of three such numbers are exact.
            local seconds, micros = unpack(redis.call('TIME'))
            local now = seconds * 1000000 + micros
            local lease_until = now + lease
            local ends = lease_until + retention
            local at = string.format('%d', now)
            if fingerprint == '' then
                redis.call('HSET', key, 'state', 'running', 'expires_at', string.format('%d', ends), 'claim_id', claim_id,
                    'fence', at, 'attempts', '1', 'abandoned', abandoned, 'lease_until', string.format('%d', lease_until),
                    'created_at', at, 'updated_at', at)
            else
                redis.call('HSET', key, 'state', 'running', 'expires_at', string.format('%d', ends), 'fingerprint', fingerprint,
                    'fingerprint_version', version, 'claim_id', claim_id, 'fence', at, 'attempts', '1', 'abandoned', abandoned,
                    'lease_until', string.format('%d', lease_until), 'created_at', at, 'updated_at', at)
            end
            -- As `keep_claim` in the prelude.
            if abandoned ~= 'refuse' then
                redis.call('PEXPIREAT', key, string.format('%d', math.ceil(ends / 1000) + 600000))
            end
            return now
        end
    end
end
