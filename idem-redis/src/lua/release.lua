-- `Record::released`, and `Record::resolved` for an operator.
local who, claim_id = unpack(ARGV)
local record = read()
local expires_at = pair(record[EXPIRES_AT])
if not (due(record, who, claim_id) and expires_at) then return found(record) end

-- First, since it frees memory: see `extend.lua`.
redis.call('HDEL', key, 'lease_until', 'abandoned')
redis.call('HSET', key, 'state', 'released', 'updated_at', text(now))
if who == 'operator' then redis.call('HDEL', key, 'claim_id') end
keep_until(expires_at)
-- As in `finish.lua`.
redis.pcall('SPUBLISH', key, '')
return { 'written' }
