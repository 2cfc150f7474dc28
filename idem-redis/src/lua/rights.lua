-- Which of the commands that the scripts need this user may not call. A script that is stopped halfway leaves half of a record,
-- so this is found out before; `KEYS[1]` is the name of no record. A server that will not write now does not tell.
local missing = {}
local function try(command, ...)
    local answer = redis.pcall(command, KEYS[1], ...)
    local code = type(answer) == 'table' and answer.err and string.match(answer.err, '^%-?(%u+)')
    if code == 'ERR' or code == 'NOPERM' then table.insert(missing, command) end
end

try('EXISTS')
try('HMGET', 'state')
try('HDEL', 'state')
try('PERSIST')
try('PEXPIREAT', '1')
try('DEL')
if #missing == 0 then
    try('HSET', 'state', '')
    redis.pcall('DEL', KEYS[1])
end
return missing
