-- The record, if its claim waits for an operator: see `AbandonedClaim::of`.
local state, policy, lease_until = unpack(redis.call('HMGET', key, 'state', 'abandoned', 'lease_until'))
lease_until = pair(lease_until)
if state ~= 'running' or policy ~= 'refuse' or not lease_until or not at_most(lease_until, now) then return 0 end
return found(read())
