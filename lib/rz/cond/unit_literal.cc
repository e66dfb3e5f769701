#include "rz/cond/unit_literal.h"

#include <cstdint>

#include "rz/base/duration.h"
#include "rz/base/text.h"

namespace rz::cond {

std::optional<Literal> read_unit_literal(std::string_view text) {
  constexpr std::int64_t kMicros = 1'000'000;
  if (const auto duration = parse_duration(text, Micros::max())) {
    const std::int64_t micros = duration->count();
    if (micros % kMicros == 0) return micros / kMicros;
    return static_cast<double>(micros) / kMicros;
  }
  const auto size = parse_size(text);
  if (!size || *size > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
  return static_cast<std::int64_t>(*size);
}

}  // namespace rz::cond
