-- `Record::extended`: the end moves with the lease. With a policy, `Record::abandoned`, which also wakes those who wait.
local claim_id, lease, abandoned = unpack(ARGV)
local record = read()
local lease_until, expires_at = pair(record[LEASE_UNTIL]), pair(record[EXPIRES_AT])
if not (due(record, 'holder', claim_id) and lease_until and expires_at and record[ABANDONED]) then return found(record) end

local retention = since(expires_at, lease_until)
lease_until = later(now, pair(lease))
expires_at = later(lease_until, retention)
-- First, since it needs no memory: a server that is full refuses a script at the first command that writes, or not at all, and
-- a lease must not lapse for that.
keep_claim(abandoned or record[ABANDONED], expires_at)
redis.call('HSET', key, 'lease_until', text(lease_until), 'expires_at', text(expires_at), 'updated_at', text(now))
if abandoned then redis.call('HSET', key, 'abandoned', abandoned) end
-- As in `finish.lua`.
if abandoned then redis.pcall('SPUBLISH', key, '') end
return { 'written' }
