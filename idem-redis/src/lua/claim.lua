-- `Record::claimed`: at once where there is no record and anyone may claim, or an unused token, or where the record is still
-- the one that Rust read and decided on. Whatever else there is goes back to Rust, and nothing is written.
-- What is asked for, in one argument, since each costs more than to take it apart here.
local claim_id, abandoned, lease, retention, admission, version, fingerprint =
    string.match(ARGV[1], '^(%x+) (%a+) (%d+) (%d+) (%a+) (%d*) (%x*)$')
-- The decision, if there is one: the attempt, `own` if the claim finds itself, and when the key was first claimed.
local attempts, own, created_at = unpack(ARGV, 2, 4)
local record = read()
local free = is_absent(record)

-- It has no attempts yet, so that no limit of attempts can refuse it.
local function is_unused_token()
    local ends = pair(record[EXPIRES_AT])
    return record[STATE] == 'issued' and record[ATTEMPTS] == '0' and ends and not at_most(ends, now)
        and pair(record[FENCE]) and pair(record[CREATED_AT])
end

local fence, first
if free and admission == 'open' then
    attempts, fence, created_at, first = '1', text(now), '', true
elseif is_unused_token() then
    attempts, fence, created_at, first = '1', next_fence(record[FENCE]), record[CREATED_AT], true
elseif is_as_decided_on(record, 5) then
    fence = own == 'own' and record[FENCE] or next_fence(record[FENCE])
else
    return found(record)
end

local lease_until = later(now, pair(lease))
local expires_at = later(lease_until, pair(retention))
if created_at == '' then created_at = text(now) end
-- The first write is the one that Redis refuses when it is out of memory, so that the record is whole or as it was.
redis.call('HSET', key, 'state', 'running', 'claim_id', claim_id, 'fence', fence, 'attempts', attempts, 'abandoned', abandoned,
    'lease_until', text(lease_until), 'expires_at', text(expires_at), 'created_at', created_at, 'updated_at', text(now))
if fingerprint ~= '' then
    redis.call('HSET', key, 'fingerprint', fingerprint, 'fingerprint_version', version)
elseif not free then
    redis.call('HDEL', key, 'fingerprint', 'fingerprint_version')
end
if not free then redis.call('HDEL', key, 'codec', 'outcome_version', 'outcome') end
keep_claim(abandoned, expires_at)
return { 'written', fence, first and 'first' or 'decided' }
