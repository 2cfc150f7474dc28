-- The record, if its claim waits for an operator: see `AbandonedClaim::of`. What cannot be read blocks its key as well, and comes
-- back for Rust to report.
local state, policy, lease_until = unpack(redis.call('HMGET', key, 'state', 'abandoned', 'lease_until'))
if state == 'issued' or state == 'released' or state == 'completed' or state == 'failed' then return 0 end
lease_until = pair(lease_until)
if state == 'running' and lease_until then
    if policy == 'rerun' or (policy == 'refuse' and not at_most(lease_until, now)) then return 0 end
end
return found(read())
