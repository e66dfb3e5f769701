#include "rz/health/judging/status_history.h"

#include <fmt/format.h>

#include <algorithm>

#include "rz/base/json_members.h"
#include "rz/base/text.h"

namespace rz::health {
namespace {

constexpr std::string_view kStatusLetters = "hdu";

char letter_of(HealthStatus status) { return kStatusLetters[static_cast<std::size_t>(status)]; }

bool is_bad(char letter) { return letter != kStatusLetters[0]; }

int in_a_row(const std::string& recent, bool bad) {
  const auto other = std::find_if(recent.rbegin(), recent.rend(),
                                  [bad](char letter) { return is_bad(letter) != bad; });
  return static_cast<int>(other - recent.rbegin());
}

int bad_of_last(const std::string& recent, int results) {
  const auto size = std::min(recent.size(), static_cast<std::size_t>(results));
  return static_cast<int>(
      std::count_if(recent.end() - static_cast<std::ptrdiff_t>(size), recent.end(), is_bad));
}

// As many as it takes, or why it is not: what is not healthy is held back.
std::string why_still_healthy(const std::string& recent, HealthStatus found,
                              const CheckOptions& options) {
  if (options.fail_within) {
    const auto& [failures, results] = *options.fail_within;
    const int bad = bad_of_last(recent, results);
    if (bad >= failures) return {};
    return fmt::format("{}, {} of the last {} not healthy, {} make it count: still healthy",
                       to_string(found), bad, results, failures);
  }
  const int row = in_a_row(recent, true);
  if (row >= options.fail_after) return {};
  return fmt::format("{} {} of {}: still healthy", to_string(found), row, options.fail_after);
}

std::string why_still_bad(const std::string& recent, HealthStatus reported,
                          const CheckOptions& options) {
  const int row = in_a_row(recent, false);
  if (row < options.pass_after) {
    return fmt::format("healthy {} of {}: still {}", row, options.pass_after, to_string(reported));
  }
  if (!options.fail_within) return {};
  const int bad = bad_of_last(recent, options.fail_within->results);
  if (bad < options.fail_within->failures) return {};
  return fmt::format("healthy, but {} of the last {} not: still {}", bad,
                     options.fail_within->results, to_string(reported));
}

}  // namespace

bool keeps_history(const CheckOptions& options) {
  return options.fail_after > 1 || options.pass_after > 1 || options.fail_within;
}

HeldStatus hold(StatusHistory& history, HealthStatus found, const CheckOptions& options) {
  if (found == HealthStatus::unknown) return {found};
  std::string& recent = history.recent;
  recent += letter_of(found);
  if (recent.size() > kMaxInARow) recent.erase(0, recent.size() - kMaxInARow);
  const HealthStatus before = history.reported.value_or(found);
  std::string why;
  if (before == HealthStatus::healthy && found != HealthStatus::healthy) {
    why = why_still_healthy(recent, found, options);
  } else if (before != HealthStatus::healthy && found == HealthStatus::healthy) {
    why = why_still_bad(recent, before, options);
  }
  history.reported = why.empty() ? found : before;
  return {*history.reported, std::move(why)};
}

Value to_stored(const StatusHistory& history) {
  Value value = Value::object({{"recent", history.recent}});
  if (history.reported) value.set("reported", to_string(*history.reported));
  return value;
}

StatusHistory history_from(const Value& stored) {
  StatusHistory history;
  const std::string recent = text_or(stored, "recent");
  const bool known = recent.find_first_not_of(kStatusLetters) == std::string::npos;
  const auto reported = parse_health_status(text_or(stored, "reported"));
  if (!known || recent.size() > kMaxInARow || !reported || *reported == HealthStatus::unknown) {
    return history;
  }
  return {recent, reported};
}

Result<FailWithin> parse_fail_within(std::string_view text) {
  const std::size_t of = text.find(" of ");
  if (of != std::string_view::npos) {
    const auto failures = parse_int(trim(text.substr(0, of)));
    const auto results = parse_int(trim(text.substr(of + 4)));
    if (failures && results && *failures >= 1 && *failures <= *results && *results <= kMaxInARow) {
      return FailWithin{static_cast<int>(*failures), static_cast<int>(*results)};
    }
  }
  return fail(ErrorCode::parse,
              fmt::format("expected a text like '3 of 5', with numbers from 1 to {}", kMaxInARow));
}

}  // namespace rz::health
