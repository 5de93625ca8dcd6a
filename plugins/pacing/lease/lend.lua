-- Lends parts of one pool. All times are in microseconds by the server's clock.
--
-- The hash at KEYS[1]:
--   run    of the server, which each start of one makes anew
--   born   when this run first saw the quota
--   rules  of those who share it
--   m:ID   a member: its claims "part@until ...", after "left" where it was closed.
--          It counts for the largest part that has not ended: it may not have heard
--          that it has less by now. What a later claim covers is left out.
--
-- Returns {0, part, members}, {1, 0, members} where there are too many, or
-- {2, 0, members} where the others have other rules.
local key = KEYS[1]
local me, leaving, rules = 'm:' .. ARGV[1], ARGV[2] == '1', ARGV[3]
local pool, processes, lease, rest = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local info = redis.call('INFO', 'server')
local run = string.match(info, 'run_id:(%w+)')
if not run then
  return redis.error_reply('ERR lease: INFO tells no run_id, so that a restart with old data could not be seen')
end

local kept, field = redis.call('HGETALL', key), {}
for i = 1, #kept, 2 do
  field[kept[i]] = kept[i + 1]
end

-- A server that starts may have lost what was lent last: it counts from its first
-- question, and what it remembers is of no use.
local born = tonumber(field.born)
if field.run ~= run then
  redis.call('DEL', key)
  field, born = {}, now
end

local places, members, others, mine, most = 0, 0, 0, {}, 0
for name, value in pairs(field) do
  if string.sub(name, 1, 2) == 'm:' then
    local claims, largest = {}, 0
    for part, till in string.gmatch(value, '(%d+)@(%d+)') do
      if tonumber(till) > now then
        claims[#claims + 1] = {tonumber(part), tonumber(till)}
        largest = math.max(largest, tonumber(part))
      end
    end
    if #claims == 0 then
      redis.call('HDEL', key, name)
    elseif name == me then
      mine, most = claims, largest
    else
      places, others = places + 1, others + largest
      if string.sub(value, 1, 4) ~= 'left' then
        members = members + 1
      end
    end
  end
end

if leaving then
  if #mine > 0 then
    redis.call('HSET', key, me, string.format('left %.0f@%.0f', most, now + rest))
  end
  return {0, 0, members}
end
if places > 0 and field.rules ~= rules then
  return {2, 0, members}
end
if #mine == 0 and processes > 0 and places >= processes then
  return {1, 0, members}
end

members = members + 1
local part = 0
if now - born >= lease then
  part = math.max(0, math.min(math.floor(pool / members), pool - others))
end
local claims = {}
for _, claim in ipairs(mine) do
  if claim[1] > part then
    claims[#claims + 1] = string.format('%.0f@%.0f', claim[1], claim[2])
  end
end
claims[#claims + 1] = string.format('%.0f@%.0f', part, now + lease)
redis.call('HSET', key, 'run', run, 'born', string.format('%.0f', born), 'rules', rules, me, table.concat(claims, ' '))
-- A quota that nobody asks for is kept for a day: who comes next need not wait.
redis.call('PEXPIRE', key, math.ceil(lease / 1000) + 86400000)
return {0, part, members}
