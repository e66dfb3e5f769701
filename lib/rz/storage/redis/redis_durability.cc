#include "rz/storage/redis/redis_durability.h"

#include "rz/base/text.h"

namespace rz::storage {

// Lines of `name:value`, see https://redis.io/commands/info.
RedisDurability RedisDurability::from_info(std::string_view info) {
  RedisDurability found;
  for (std::string_view line : split(info, '\n')) {
    line = trim(line);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = line.substr(colon + 1);
    if (name == "maxmemory") found.maxmemory_bytes = parse_int(value);
    if (name == "maxmemory_policy") found.maxmemory_policy = std::string(value);
    if (name == "aof_enabled" && (value == "0" || value == "1")) found.appendonly = value == "1";
  }
  return found;
}

std::vector<std::string> RedisDurability::warnings() const {
  std::vector<std::string> warnings;
  const bool bounded = maxmemory_bytes && *maxmemory_bytes > 0;
  if (bounded && maxmemory_policy && *maxmemory_policy != "noeviction") {
    warnings.push_back("the server evicts keys when its memory is full (maxmemory-policy " +
                       printable(*maxmemory_policy) + ", maxmemory " +
                       humanize_size(static_cast<std::uint64_t>(*maxmemory_bytes)) +
                       "), and with them what rz remembers; set maxmemory-policy to noeviction");
  }
  if (appendonly == false && save && trim(*save).empty()) {
    warnings.push_back(
        "the server keeps nothing on disk (appendonly no, and no save points), so that a restart "
        "forgets what rz remembers; set appendonly to yes");
  }
  return warnings;
}

}  // namespace rz::storage
