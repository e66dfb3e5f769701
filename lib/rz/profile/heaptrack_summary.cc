#include "rz/profile/heaptrack_summary.h"

#include <cmath>
#include <optional>
#include <string>

#include "rz/base/text.h"
#include "rz/base/try.h"

namespace rz::profile {
namespace {

/// `92.70K`: powers of 1000.
std::optional<std::int64_t> read_figure(std::string_view text) {
  constexpr std::string_view kPrefixes = "KMGTPE";
  double factor = 1;
  if (text.ends_with('B')) text.remove_suffix(1);
  if (!text.empty()) {
    const std::size_t prefix = kPrefixes.find(text.back());
    if (prefix != std::string_view::npos) {
      factor = std::pow(1000.0, static_cast<double>(prefix + 1));
      text.remove_suffix(1);
    }
  }
  const auto number = parse_double(text);
  if (!number || *number < 0 || *number * factor > 9e18) return std::nullopt;
  return std::llround(*number * factor);
}

Result<std::int64_t> figure_behind(std::string_view text, const std::string& label) {
  for (const std::string_view line : split(text, '\n')) {
    if (!line.starts_with(label)) continue;
    const std::string_view rest = trim(line.substr(label.size()));
    if (const auto figure = read_figure(rest.substr(0, rest.find(' ')))) return *figure;
  }
  return fail(ErrorCode::parse, "does not say '" + label + "' and a number", "heaptrack_print");
}

}  // namespace

Result<HeapSummary> read_heaptrack_summary(std::string_view text) {
  HeapSummary summary;
  TRY_ASSIGN(summary.allocations, figure_behind(text, "calls to allocation functions:"));
  TRY_ASSIGN(summary.temporary, figure_behind(text, "temporary memory allocations:"));
  TRY_ASSIGN(summary.peak_bytes, figure_behind(text, "peak heap memory consumption:"));
  TRY_ASSIGN(summary.leaked_bytes, figure_behind(text, "total memory leaked:"));
  return summary;
}

}  // namespace rz::profile
