-- What all scripts share: the clock, the record, and arithmetic that is exact.
--
-- Lua's numbers are doubles, exact to 53 bits; microseconds may fill 63, and a fence too. So an instant and a duration are
-- pairs here, of whole seconds and the microseconds over, and a fence stays text.
local FIELDS = {
    'state', 'claim_id', 'fence', 'attempts', 'fingerprint', 'fingerprint_version', 'abandoned', 'lease_until',
    'expires_at', 'codec', 'outcome_version', 'outcome', 'created_at', 'updated_at',
}
local STATE, CLAIM_ID, FENCE, ATTEMPTS, ABANDONED, LEASE_UNTIL, EXPIRES_AT, CREATED_AT = 1, 2, 3, 4, 7, 8, 9, 13
-- The last instant there is, 2^63 - 1 microseconds.
local LAST = { 9223372036854, 775807 }
-- The seconds that Redis keeps a record after its end: see `RedisStore`.
local GRACE = 600

local key = KEYS[1]
local time = redis.call('TIME')
local now = { tonumber(time[1]), tonumber(time[2]) }

-- The instant or duration of these microseconds; nil if this is no number, which Rust then reports.
local function pair(micros)
    if not micros or not string.match(micros, '^%d+$') then return nil end
    local digits = #micros
    if digits <= 6 then return { 0, tonumber(micros) } end
    return { tonumber(string.sub(micros, 1, digits - 6)), tonumber(string.sub(micros, digits - 5)) }
end

local function text(micros)
    if micros[1] == 0 then return string.format('%d', micros[2]) end
    return string.format('%d%06d', micros[1], micros[2])
end

local function at_most(one, other)
    return one[1] < other[1] or (one[1] == other[1] and one[2] <= other[2])
end

-- `Timestamp + Duration`: the last instant there is if the sum lies beyond it.
local function later(instant, duration)
    local sum = { instant[1] + duration[1], instant[2] + duration[2] }
    if sum[2] >= 1000000 then sum = { sum[1] + 1, sum[2] - 1000000 } end
    return at_most(sum, LAST) and sum or LAST
end

-- `Timestamp::since`: zero if `earlier` is not earlier.
local function since(instant, earlier)
    local left = { instant[1] - earlier[1], instant[2] - earlier[2] }
    if left[2] < 0 then left = { left[1] - 1, left[2] + 1000000 } end
    return left[1] < 0 and { 0, 0 } or left
end

-- `Fence::next`: the greater of the last fence plus one and the clock, so that it grows even if Redis has removed the record
-- in between: the clock has moved on from every fence that it gave out.
local function next_fence(last)
    local after_last = later(pair(last), { 0, 1 })
    return text(at_most(after_last, now) and now or after_last)
end

local function read()
    return redis.call('HMGET', key, unpack(FIELDS))
end

-- What a script answers that writes nothing: the clock and the record, for Rust to decide.
local function found(record)
    return { 'found', text(now), record }
end

-- Whether the key has no record at all. A hash without a state is no record of ours, and Rust reports it.
local function is_absent(record)
    return not record[STATE] and redis.call('EXISTS', key) == 0
end

-- Whether the record is the one that Rust decided on, which the arguments from `first` on describe. Every write changes one
-- of these: a claim its fence, an end its state, a renewal its times.
local function is_as_decided_on(record, first)
    local state, claim_id, fence, lease_until, expires_at = unpack(ARGV, first, first + 4)
    return state and record[STATE] == state and (record[CLAIM_ID] or '') == claim_id and record[FENCE] == fence
        and (record[LEASE_UNTIL] or '') == lease_until and record[EXPIRES_AT] == expires_at and pair(fence)
end

-- `decision::decide_write`, where it says `Held`.
local function held(record, claim_id)
    return record[STATE] == 'running' and record[CLAIM_ID] == claim_id
end

-- Whether a write is due: the holder's own, or an operator's on a claim that has lapsed, as `decision::is_resolvable` says.
local function due(record, who, claim_id)
    if not held(record, claim_id) then return false end
    if who == 'holder' then return true end
    local lease_until = pair(record[LEASE_UNTIL])
    return lease_until and at_most(lease_until, now)
end

-- Lets Redis remove the record, a while after its end.
local function keep_until(expires_at)
    redis.call('PEXPIREAT', key, string.format('%d', (expires_at[1] + GRACE) * 1000 + math.ceil(expires_at[2] / 1000)))
end

-- A claim under `refuse` never ends; see `decision::is_expired`.
local function keep_claim(abandoned, expires_at)
    if abandoned == 'refuse' then redis.call('PERSIST', key) else keep_until(expires_at) end
end
