#include "rz/base/time_zone.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "rz/base/file.h"
#include "rz/base/text.h"

namespace rz {
namespace {

using std::chrono::floor;
using std::chrono::seconds;
using std::chrono::sys_seconds;

// The largest file of the database has 4 KiB.
constexpr std::uint64_t kMaxFile = 1 << 20;
constexpr std::size_t kHeaderBytes = 44;

std::int64_t big_endian(std::string_view bytes) {
  // The first byte has the sign.
  auto value =
      static_cast<std::uint64_t>(static_cast<std::int64_t>(static_cast<signed char>(bytes[0])));
  for (const char byte : bytes.substr(1)) value = value << 8 | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(value);
}

/// How many entries each part of a block has.
struct Counts {
  std::size_t ut, standard, leap, times, types, chars;

  std::size_t bytes(std::size_t time_bytes) const {
    return times * (time_bytes + 1) + types * 6 + chars + leap * (time_bytes + 4) + standard + ut;
  }
};

std::optional<Counts> read_header(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes || !bytes.starts_with("TZif") || bytes[4] < '2') {
    return std::nullopt;
  }
  const auto count = [&](std::size_t i) {
    // A wrong one is larger than the file, and found by that.
    return static_cast<std::size_t>(
        static_cast<std::uint32_t>(big_endian(bytes.substr(20 + i * 4, 4))));
  };
  return Counts{count(0), count(1), count(2), count(3), count(4), count(5)};
}

tl::unexpected<Error> corrupt() {
  return fail(ErrorCode::corrupt, "is not a file of the tz database (version 2 or later)");
}

bool is_zone_name(std::string_view name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return is_alpha(c) || is_digit(c) || c == '/' || c == '_' || c == '-' || c == '+';
  });
  return plain && !name.empty() && name.front() != '/' && name.back() != '/';
}

}  // namespace

std::string TimeZone::database() {
  const char* folder = std::getenv("TZDIR");
  return folder != nullptr && *folder != '\0' ? folder : "/usr/share/zoneinfo";
}

Result<TimeZone> TimeZone::load(std::string_view name, const std::string& folder) {
  if (name == "UTC") return TimeZone();
  const std::string quoted = "'" + printable(name) + "'";
  const std::string path = folder + "/" + std::string(name);
  if (!is_zone_name(name) || kind_of_file(path) != FileKind::regular) {
    if (kind_of_file(folder) == FileKind::none) {
      return fail(ErrorCode::not_found, quoted +
                                            " cannot be looked up: there is no tz database at " +
                                            folder + "; install the package tzdata, or use UTC");
    }
    return fail(ErrorCode::invalid_argument,
                quoted + " is not a time zone; use a name of the tz database, as Europe/Berlin");
  }
  const auto file = read_file(path, kMaxFile);
  if (!file) return fail(file.error());
  auto zone = parse(*file);
  if (!zone) zone.error().where = path;
  return zone;
}

Result<TimeZone> TimeZone::parse(std::string_view file) {
  // First comes a block for readers that know only 32 bits, and then the one that counts.
  const auto old = read_header(file);
  if (!old) return corrupt();
  const std::size_t begin = kHeaderBytes + old->bytes(4);
  if (begin > file.size()) return corrupt();
  const auto counts = read_header(file.substr(begin));
  if (!counts) return corrupt();
  std::string_view block = file.substr(begin + kHeaderBytes);
  // The zones of the folder `right` count leap seconds, which no clock of a computer does.
  if (counts->bytes(8) > block.size() || counts->types == 0 || counts->leap != 0) return corrupt();
  const std::string_view indices = block.substr(counts->times * 8, counts->times);
  const std::string_view types = block.substr(counts->times * 9, counts->types * 6);
  const auto offset_of = [&](std::size_t type) {
    return seconds{big_endian(types.substr(type * 6, 4))};
  };
  TimeZone zone;
  zone.first_ = offset_of(0);
  for (std::size_t i = 0; i < counts->times; ++i) {
    const auto type = static_cast<unsigned char>(indices[i]);
    const sys_seconds time{seconds{big_endian(block.substr(i * 8, 8))}};
    const bool in_order = zone.transitions_.empty() || zone.transitions_.back().time < time;
    if (type >= counts->types || !in_order) return corrupt();
    zone.transitions_.push_back({time, offset_of(type)});
  }
  const std::string_view rest = block.substr(counts->bytes(8));
  const std::size_t end = rest.size() > 1 ? rest.find('\n', 1) : std::string_view::npos;
  if (end == std::string_view::npos || rest.front() != '\n') return corrupt();
  // Empty: nobody knows what comes after the last transition.
  if (end == 1) return zone;
  zone.later_ = PosixZone::parse(rest.substr(1, end - 1));
  if (!zone.later_) return corrupt();
  return zone;
}

Result<TimeZone> TimeZone::local() {
  const char* set = std::getenv("TZ");
  if (set == nullptr) {
    const auto file = read_file("/etc/localtime", kMaxFile);
    if (!file && file.error().code == ErrorCode::not_found) return TimeZone{};
    if (!file) return fail(file.error());
    return parse(*file);
  }
  std::string name = set;
  if (name.starts_with(':')) name.erase(0, 1);
  if (name.empty()) return TimeZone{};
  if (name.starts_with('/')) {
    const auto file = read_file(name, kMaxFile);
    if (!file) return fail(file.error());
    return parse(*file);
  }
  auto zone = load(name);
  if (zone) return zone;
  if (auto rule = PosixZone::parse(name)) {
    TimeZone by_rule;
    by_rule.later_ = std::move(rule);
    return by_rule;
  }
  zone.error().where = "TZ";
  return zone;
}

seconds TimeZone::offset_at(sys_seconds time) const {
  const auto next =
      std::upper_bound(transitions_.begin(), transitions_.end(), time,
                       [](sys_seconds at, const Transition& one) { return at < one.time; });
  if (next == transitions_.end() && later_) return later_->offset_at(time);
  return next == transitions_.begin() ? first_ : std::prev(next)->offset;
}

std::chrono::local_time<Micros> TimeZone::to_local(TimePoint time) const {
  const Micros offset = offset_at(floor<seconds>(time));
  return std::chrono::local_time<Micros>{time.time_since_epoch() + offset};
}

TimePoint TimeZone::to_utc(std::chrono::local_time<Micros> local) const {
  // No zone changes its clocks twice within two days.
  const TimePoint near{local.time_since_epoch()};
  const seconds before = offset_at(floor<seconds>(near - std::chrono::days{1}));
  const seconds after = offset_at(floor<seconds>(near + std::chrono::days{1}));
  const TimePoint by_before = near - before;
  const TimePoint by_after = near - after;
  if (to_local(by_before) == local)
    return std::min(by_before, to_local(by_after) == local ? by_after : by_before);
  return to_local(by_after) == local ? by_after : by_before;
}

}  // namespace rz
