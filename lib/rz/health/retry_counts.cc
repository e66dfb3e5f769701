#include "rz/health/retry_counts.h"

#include <utility>

#include "rz/base/text.h"

namespace rz::health {
namespace {

tl::unexpected<Error> corrupt(const std::string& key) {
  return fail(ErrorCode::corrupt,
              "the stored counter is not a number; remove the key to start anew", key);
}

std::optional<std::int64_t> natural(std::string_view text) {
  const auto number = parse_int(text);
  return number && *number >= 0 ? number : std::nullopt;
}

// Nothing: two zeros.
Result<std::pair<std::int64_t, std::int64_t>> natural_pair(const std::optional<std::string>& bytes,
                                                           const std::string& key) {
  if (!bytes) return std::pair<std::int64_t, std::int64_t>{};
  const auto parts = split(*bytes, ' ');
  const auto first = natural(parts[0]);
  const auto second = parts.size() == 2 ? natural(parts[1]) : std::nullopt;
  if (!first || !second) return corrupt(key);
  return std::pair{*first, *second};
}

}  // namespace

std::string encode_counts(const PartCounts& counts) {
  std::string text;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    text += (text.empty() ? "" : " ") + std::to_string(i) + ":" + std::to_string(counts[i]);
  }
  return text;
}

Result<PartCounts> decode_counts(const std::optional<std::string>& bytes, const std::string& key) {
  PartCounts counts{};
  if (!bytes || bytes->empty()) return counts;
  for (std::string_view entry : split(*bytes, ' ')) {
    const std::size_t colon = entry.find(':');
    if (colon == std::string_view::npos) return corrupt(key);
    const auto part = natural(entry.substr(0, colon));
    const auto count = natural(entry.substr(colon + 1));
    if (!part || !count || *part >= static_cast<std::int64_t>(counts.size())) return corrupt(key);
    counts[static_cast<std::size_t>(*part)] = *count;
  }
  return counts;
}

std::string encode_total(const FailureTotal& total) {
  return std::to_string(total.count) + " " + std::to_string(total.newest);
}

Result<FailureTotal> decode_total(const std::optional<std::string>& bytes, const std::string& key) {
  const auto pair = natural_pair(bytes, key);
  if (!pair) return fail(pair.error());
  return FailureTotal{pair->first, pair->second};
}

std::string encode_first_seen(const FirstSeen& note) {
  return std::to_string(note.newest) + " " + std::to_string(note.second);
}

Result<FirstSeen> decode_first_seen(const std::optional<std::string>& bytes,
                                    const std::string& key) {
  const auto pair = natural_pair(bytes, key);
  if (!pair) return fail(pair.error());
  return FirstSeen{pair->first, pair->second};
}

Result<std::int64_t> decode_count(const std::optional<std::string>& bytes, const std::string& key) {
  if (!bytes) return std::int64_t{0};
  if (const auto count = natural(*bytes)) return *count;
  return corrupt(key);
}

}  // namespace rz::health
