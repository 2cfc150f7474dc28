-- `Record::finished`, and `Record::resolved` for an operator.
local who, claim_id, state, codec, version, outcome, retention = unpack(ARGV)
local record = read()
if not due(record, who, claim_id) then return found(record) end

local expires_at = later(now, pair(retention))
redis.call('HSET', key, 'state', state, 'codec', codec, 'outcome_version', version, 'outcome', outcome,
    'expires_at', text(expires_at), 'updated_at', text(now))
redis.call('HDEL', key, 'lease_until', 'abandoned')
if who == 'operator' then redis.call('HDEL', key, 'claim_id') end
keep_until(expires_at)
-- Tells who waits: see `wake.rs`. A server that does not allow it, or does not know it, has ended the claim all the same.
redis.pcall('SPUBLISH', key, '')
return { 'written' }
