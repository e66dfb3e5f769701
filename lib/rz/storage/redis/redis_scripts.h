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
/// KEYS: those of the expectations, of the removals, of the sets, of the records, and the indexes
/// of the records. ARGV: how many of each of the first four; for each expectation `=` and a value,
/// or
/// `!` and anything for absence, or `+` and anything for the place of a record that the batch
/// removes again, which come last; for each set its value and its milliseconds to live or an empty
/// string; for each record the same, its score and its member, in the order of the indexes; for
/// each index how many of the records are its own, and the beginning of their keys; for each
/// removal the index that the key may be in, an empty string for none, and its member there; for
/// each member of a collection its index and its name. Answers 1 if the expectations held, 0 if
/// not, 2 if only the place of a record was taken, -K if KEYS[K] holds the wrong type, and beyond
/// the keys, if the index of member K - #KEYS does.
///
/// Lua takes nothing back, so whatever may be refused is asked for before the first write, in forms
/// that have no effect: `SET … NX` of a key that is there or `XX` of one that is not, and `ZADD
/// XX`. They fail for lack of memory, of permission, of a disk, on a replica, and on the wrong
/// type. DEL has no such form, and so comes first; so does MSET, which many sets without a DEL make
/// a single command, in half the time. PEXPIRE is asked with a time that is none. SADD comes before
/// all writes: a name in the index of a collection whose key is not there does no harm.
///
/// An import appends a thousand records at once, so what can be one command for all of them is one:
/// EXISTS of their places, MSET, ZADD.
///
/// At the end each index loses up to 8 of its oldest entries for each record that was added, as
/// long as some of the 8 oldest are without a record: more than were added. Their records' keys
/// cannot be known before, and so are not among KEYS, nor are the indexes of removed records; they
/// share the prefix, and thereby the hash tag, of the others.
inline constexpr RedisScript kCommitScript{"a442e187d94829d86b5622957e5a6897eaca4224", R"lua(
local expectations, removals = tonumber(ARGV[1]), tonumber(ARGV[2])
local first_set = expectations + removals
local first_record = first_set + tonumber(ARGV[3])
local first_index = first_record + tonumber(ARGV[4])

local function refusal(reply, key)
  if type(reply) ~= 'table' or not reply.err then return nil end
  if string.sub(reply.err, 1, 9) == 'WRONGTYPE' then return -key end
  return reply
end

local at = 5
for key = 1, expectations do
  local value = redis.pcall('GET', KEYS[key])
  local refused = refusal(value, key)
  if refused then return refused end
  local expected = ARGV[at] == '=' and ARGV[at + 1]
  if value ~= expected then return ARGV[at] == '+' and 2 or 0 end
  at = at + 2
end
for first = first_record + 1, first_index, 1000 do
  local last = math.min(first + 999, first_index)
  if redis.pcall('EXISTS', unpack(KEYS, first, last)) ~= 0 then
    for key = first, last do
      local value = redis.pcall('GET', KEYS[key])
      local refused = refusal(value, key)
      if refused then return refused end
      if value then return 2 end
    end
  end
end

local first_set_arg = at
local first_record_arg = at + 2 * (first_record - first_set)
local first_index_arg = first_record_arg + 4 * (first_index - first_record)
local many = first_index - first_set >= 16 and removals == 0

if first_index > first_set then
  local key = KEYS[first_set + 1]
  local form = redis.pcall('EXISTS', key) == 1 and 'NX' or 'XX'
  local refused = refusal(redis.pcall('SET', key, '', form), first_set + 1)
  if refused then return refused end
  if many then
    local reply = redis.pcall('PEXPIRE', key, 'x')
    if not string.find(reply.err, 'integer') then return reply end
  end
end
for key = first_index + 1, #KEYS do
  local refused = refusal(redis.pcall('ZADD', KEYS[key], 'XX', 0, ''), key)
  if refused then return refused end
end

at = first_index_arg + 2 * (#KEYS - first_index) + 2 * removals
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
if many then
  local pairs = {}
  at = first_set_arg
  for key = first_set + 1, first_index do
    pairs[#pairs + 1] = KEYS[key]
    pairs[#pairs + 1] = ARGV[at]
    at = at + (key > first_record and 4 or 2)
    if #pairs == 2000 or key == first_index then
      redis.call('MSET', unpack(pairs))
      pairs = {}
    end
  end
end
at = first_set_arg
for key = first_set + 1, first_index do
  local life = ARGV[at + 1]
  if many then
    if life ~= '' then redis.call('PEXPIRE', KEYS[key], life) end
  elseif life == '' then
    redis.call('SET', KEYS[key], ARGV[at])
  else
    redis.call('SET', KEYS[key], ARGV[at], 'PX', life)
  end
  at = at + (key > first_record and 4 or 2)
end

local record = first_record_arg
at = first_index_arg
for key = first_index + 1, #KEYS do
  local index, count, beginning = KEYS[key], tonumber(ARGV[at]), ARGV[at + 1]
  local entries = {}
  for i = 1, count do
    entries[#entries + 1] = ARGV[record + 2]
    entries[#entries + 1] = ARGV[record + 3]
    record = record + 4
    if #entries == 2000 or i == count then
      redis.call('ZADD', index, unpack(entries))
      entries = {}
    end
  end
  for _ = 1, count do
    local gone = {}
    for _, oldest in ipairs(redis.pcall('ZRANGE', index, 0, 7)) do
      if redis.pcall('EXISTS', beginning .. oldest) == 0 then gone[#gone + 1] = oldest end
    end
    if #gone == 0 then break end
    redis.pcall('ZREM', index, unpack(gone))
  end
  at = at + 2
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
