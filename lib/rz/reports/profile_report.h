#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "rz/profile/call_tree.h"
#include "rz/profile/heaptrack_summary.h"
#include "rz/profile/profile.h"

namespace rz::reports {

/// Where a program spent its processor time, or its memory.
struct ProfileReport {
  std::string program;  ///< What was looked at: its words, or a benchmark's name.
  std::string by{};     ///< The profiler; empty: it was read from a file.
  profile::Profile profile;
  std::size_t shown = 0;  ///< The measure that formats with room for one show.
  std::optional<int> exit_code{};
  bool is_cut = false;  ///< The program was ended; this is what was seen until then.
  std::optional<profile::HeapSummary> heap{};
  /// Another profile, by its first measure, and what it is called.
  std::optional<profile::Profile> before{};
  std::string before_name{};

  const profile::Measure& measure() const { return profile.measures()[shown]; }
  std::int64_t total() const { return profile.total(shown); }
  /// What weights of the other profile are multiplied by to be compared. Of processor time shares
  /// are compared, since one run may be longer than the other; of memory the amounts.
  double before_scale() const;
  /// By how much a weight has changed, as a part of the whole: 0.1 for ten percent of it more.
  double change_of(std::int64_t now, std::int64_t before_weight) const;
};

/// A weight for people: `1.20 s`, `92.7 KiB`, `201`.
std::string humanize_weight(std::int64_t weight, profile::Unit unit);

/// `cpu profile of gzip -k data by gperftools: 2.98 s; exit code 0`.
std::string describe_profile(const ProfileReport& report);

/// What the heap summary says; empty without one.
std::string describe_heap(const ProfileReport& report);

}  // namespace rz::reports
