-- `Record::finished`, and `Record::resolved` for an operator.
local who, claim_id, state, codec, version, outcome, retention = unpack(ARGV)
local record = read()
if not due(record, who, claim_id) then return found(record) end

local expires_at = later(now, pair(retention))
-- A server that is full takes a small outcome all the same, as it takes renewals (see `extend.lua`), for its body has run; a
-- large one it may refuse.
local function write()
    redis.call('HSET', key, 'state', state, 'codec', codec, 'outcome_version', version, 'outcome', outcome,
        'expires_at', text(expires_at), 'updated_at', text(now))
end
local is_small = #outcome <= 4096
if not is_small then write() end
redis.call('HDEL', key, 'lease_until', 'abandoned')
if is_small then write() end
if who == 'operator' then redis.call('HDEL', key, 'claim_id') end
keep_until(expires_at)
-- Tells who waits: see `wake.rs`. A server that does not allow it, or does not know it, has ended the claim all the same.
redis.pcall('SPUBLISH', key, '')
return { 'written' }
