#pragma once

#include <string_view>

namespace rz {

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
/// key may be in, an empty string for none, and its member there.
/// Answers 1 if the expectations held, 0 if not, 2 if only the place of a record was taken, -K if
/// KEYS[K] holds the wrong type.
///
/// Lua takes nothing back, so whatever may be refused is asked for before the first write, in forms
/// that have no effect: `SET … NX` of a key that is there or `XX` of one that is not, and `ZADD
/// XX`. They fail for lack of memory, of permission, of a disk, on a replica, and on the wrong
/// type. DEL has no such form, and so comes first; so does MSET, which many sets without a DEL make
/// a single command, in half the time. PEXPIRE is asked with a time that is none.
///
/// At the end each index loses up to 8 of its oldest entries whose records are gone, more than were
/// added. Their records' keys cannot be known before, and so are not among KEYS, nor are the
/// indexes of removed records; they share the prefix, and thereby the hash tag, of the others.
inline constexpr RedisScript kCommitScript{"148fcd0412c7f9c172c7b0233c24a63bc62e6d52", R"lua(
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

}  // namespace rz
