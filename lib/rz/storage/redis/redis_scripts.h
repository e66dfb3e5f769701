#pragma once

#include <string_view>

namespace rz::storage {

/// A Lua script, and the SHA-1 by which a server knows it (a test compares them).
struct RedisScript {
  std::string_view sha1;
  std::string_view source;
};

/// Adds to a counter that expires when this call makes it; one that is there keeps its expiry.
/// KEYS: the counter. ARGV: what to add, milliseconds to live. Answers the sum as a string, since a
/// number of Lua has 53 bits only.
inline constexpr RedisScript kIncrementScript{"a7370c6d65324946d9340828f24cc4cb48459edb", R"lua(
if redis.pcall('EXISTS', KEYS[1]) == 0 then
  local made = redis.pcall('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return made.err and made or ARGV[1]
end
local sum = redis.pcall('INCRBY', KEYS[1], ARGV[1])
if type(sum) == 'table' then return sum end
return redis.pcall('GET', KEYS[1])
)lua"};

/// Applies a batch if its expectations hold. Each key is written once.
///
/// KEYS: those of the expectations, of the removals, of the sets, and the indexes of the entries.
/// ARGV: how many of each; for each expectation `=` and a value, or `!` and anything for absence,
/// or `+` and anything for the place of a record, which come last;
/// for each set its value and its milliseconds to live or an empty string; for each entry its
/// score, its member, and the beginning of its record's key; for each removal the index that the
/// key may be in, an empty string for none, and its member there; for each member of a collection
/// its index and its name.
/// Answers 1 if the expectations held, 0 if not, 2 if only the place of a record was taken, -K if
/// KEYS[K] holds the wrong type, and beyond the keys, if the index of member K - #KEYS does.
///
/// Lua takes nothing back, so whatever may be refused is asked for before the first write, in forms
/// that have no effect: `SET … NX` of a key that is there or `XX` of one that is not, and `ZADD
/// XX`. They fail for lack of memory, of permission, of a disk, on a replica, and on the wrong
/// type. DEL has no such form, and so comes first; so does MSET, which many sets without a DEL make
/// a single command, in half the time. PEXPIRE is asked with a time that is none. SADD comes before
/// all writes: a name in the index of a collection whose key is not there does no harm.
///
/// At the end each index loses up to 8 of its oldest entries whose records are gone, more than were
/// added. Their records' keys cannot be known before, and so are not among KEYS, nor are the
/// indexes of removed records; they share the prefix, and thereby the hash tag, of the others.
inline constexpr RedisScript kCommitScript{"bb4dfdeeb90a5f65ae85395f5a72edbbaab39078", R"lua(
local expectations, removals, sets = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local first_set = expectations + removals
local first_entry = first_set + sets

local function refusal(reply, key)
  if type(reply) ~= 'table' or not reply.err then return nil end
  if string.sub(reply.err, 1, 9) == 'WRONGTYPE' then return -key end
  return reply
end

local at = 4
for key = 1, expectations do
  local value = redis.pcall('GET', KEYS[key])
  local refused = refusal(value, key)
  if refused then return refused end
  local expected = ARGV[at] == '=' and ARGV[at + 1]
  if value ~= expected then return ARGV[at] == '+' and 2 or 0 end
  at = at + 2
end

local first_set_arg = at
local first_entry_arg = at + 2 * sets
local many = sets >= 16 and removals == 0

if sets > 0 then
  local key = KEYS[first_set + 1]
  local form = redis.pcall('EXISTS', key) == 1 and 'NX' or 'XX'
  local refused = refusal(redis.pcall('SET', key, '', form), first_set + 1)
  if refused then return refused end
  if many then
    local reply = redis.pcall('PEXPIRE', key, 'x')
    if not string.find(reply.err, 'integer') then return reply end
  end
end
at = first_entry_arg
for key = first_entry + 1, #KEYS do
  if KEYS[key] ~= KEYS[key - 1] then
    local refused = refusal(redis.pcall('ZADD', KEYS[key], 'XX', ARGV[at], ARGV[at + 1]), key)
    if refused then return refused end
  end
  at = at + 3
end

at = at + 2 * removals
local member = #KEYS
while ARGV[at] do
  member = member + 1
  local refused = refusal(redis.pcall('SADD', ARGV[at], ARGV[at + 1]), member)
  if refused then return refused end
  at = at + 2
end

for key = expectations + 1, first_set do
  local refused = refusal(redis.pcall('DEL', KEYS[key]), key)
  if refused then return refused end
end
at = first_set_arg
if many then
  local pairs = {}
  for key = first_set + 1, first_entry do
    pairs[#pairs + 1] = KEYS[key]
    pairs[#pairs + 1] = ARGV[at]
    at = at + 2
    if #pairs == 2000 or key == first_entry then
      redis.call('MSET', unpack(pairs))
      pairs = {}
    end
  end
  at = first_set_arg
end
for key = first_set + 1, first_entry do
  if many then
    if ARGV[at + 1] ~= '' then redis.call('PEXPIRE', KEYS[key], ARGV[at + 1]) end
  elseif ARGV[at + 1] == '' then
    redis.call('SET', KEYS[key], ARGV[at])
  else
    redis.call('SET', KEYS[key], ARGV[at], 'PX', ARGV[at + 1])
  end
  at = at + 2
end
for key = first_entry + 1, #KEYS do
  redis.call('ZADD', KEYS[key], ARGV[at], ARGV[at + 1])
  local oldest = redis.pcall('ZRANGE', KEYS[key], 0, 7)
  for _, member in ipairs(oldest) do
    if redis.pcall('EXISTS', ARGV[at + 2] .. member) == 0 then
      redis.pcall('ZREM', KEYS[key], member)
    end
  end
  at = at + 3
end
for _ = 1, removals do
  if ARGV[at] ~= '' then redis.pcall('ZREM', ARGV[at], ARGV[at + 1]) end
  at = at + 2
end
return 1
)lua"};

/// Reads keys, collections and logs. KEYS: the keys, then the indexes of the collections, then
/// those of the logs. ARGV: how many keys, then what the keys of each collection begin with.
/// Answers for each key its value, nothing, or the error of GET; for each collection whether its
/// index is complete (1 or 0), its names, and their values, nothing for those that are not there
/// and an empty one for those that hold another type;
/// for each log how many entries its index has.
inline constexpr RedisScript kReadScript{"abe82abe83cdb7d3b6e6fcb82f8fd4d3845ab662", R"lua(
local count = tonumber(ARGV[1])
local answer = {}
for i = 1, count do answer[i] = redis.pcall('GET', KEYS[i]) end
local last = count + #ARGV - 1
for i = last + 1, #KEYS do answer[i] = redis.pcall('ZCARD', KEYS[i]) end
for i = count + 1, last do
  local listed = redis.pcall('SMEMBERS', KEYS[i])
  if listed.err then
    answer[i] = listed
  else
    local complete, names, keys, values = 0, {}, {}, {}
    for _, name in ipairs(listed) do
      if name == '' then
        complete = 1
      else
        names[#names + 1] = name
        keys[#keys + 1] = ARGV[i - count + 1] .. name
      end
    end
    for first = 1, #keys, 1000 do
      local page = redis.call('MGET', unpack(keys, first, math.min(first + 999, #keys)))
      for _, value in ipairs(page) do
        local key = keys[#values + 1]
        if not value and redis.call('TYPE', key).ok ~= 'none' then value = '' end
        values[#values + 1] = value
      end
    end
    answer[i] = {complete, names, values}
  end
end
return answer
)lua"};

/// Takes names out of the index of a collection whose keys are not there. KEYS: the index. ARGV:
/// what the keys begin with, then the names.
inline constexpr RedisScript kForgetScript{"b62eeee655468413d8b30c2fad66f92354310547", R"lua(
for i = 2, #ARGV do
  if redis.call('EXISTS', ARGV[1] .. ARGV[i]) == 0 then
    redis.call('SREM', KEYS[1], ARGV[i])
  end
end
return 1
)lua"};

/// Writes and reads a key, and asks the server about itself. KEYS: the key. ARGV: a value, and its
/// milliseconds to live. Answers what became of SET, GET and INFO, each of them or its error.
inline constexpr RedisScript kProbeScript{"b1de73ebaf8851ee82d23ae2efe11557b509122b", R"lua(
local written = redis.pcall('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
local read = redis.pcall('GET', KEYS[1])
return {written, read, redis.pcall('INFO')}
)lua"};

}  // namespace rz::storage
