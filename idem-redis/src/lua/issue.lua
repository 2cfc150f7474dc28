-- `Record::issued`: where there is no record, or where it is still the one that Rust read, and which had expired.
local lifetime = ARGV[1]
local record = read()
local free = is_absent(record)
if not free and not is_as_decided_on(record, 2) then return found(record) end

local expires_at = later(now, pair(lifetime))
redis.call('HSET', key, 'state', 'issued', 'fence', free and text(now) or next_fence(record[FENCE]), 'attempts', '0',
    'expires_at', text(expires_at), 'created_at', text(now), 'updated_at', text(now))
if not free then
    redis.call('HDEL', key, 'claim_id', 'fingerprint', 'fingerprint_version', 'abandoned', 'lease_until', 'codec',
        'outcome_version', 'outcome')
end
keep_until(expires_at)
return { 'written' }
