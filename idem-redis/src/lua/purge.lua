-- `decision::is_expired`. A record whose fence is not past stays: without it, the next claim could get that fence again.
local state, abandoned, lease_until, expires_at, fence =
    unpack(redis.call('HMGET', key, 'state', 'abandoned', 'lease_until', 'expires_at', 'fence'))
lease_until, expires_at, fence = pair(lease_until), pair(expires_at), pair(fence)
if not (state and expires_at and fence) or not at_most(expires_at, now) or at_most(now, fence) then return 0 end
if state == 'running' and not (abandoned == 'rerun' and lease_until and at_most(lease_until, now)) then return 0 end
return redis.call('DEL', key)
