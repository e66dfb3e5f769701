#pragma once

#include "rz/reports/profile_report.h"

namespace rz::testing {

inline reports::ProfileReport cpu_profile() {
  reports::ProfileReport report{.program = "parse big.json",
                                .by = "gperftools",
                                .profile = profile::Profile({{"cpu", profile::Unit::nanoseconds}}),
                                .exit_code = 0};
  report.profile.add({"main", "parse"}, 0, 60);
  report.profile.add({"main", "parse", "std::vector<int>::push_back(int const&)"}, 0, 30);
  report.profile.add({"main"}, 0, 10);
  return report;
}

inline reports::ProfileReport compared_profile() {
  reports::ProfileReport report = cpu_profile();
  report.before = profile::Profile({{"samples", profile::Unit::count}});
  report.before->add({"main", "parse"}, 0, 3);
  report.before->add({"main", "parse", "std::vector<int>::push_back(int const&)"}, 0, 5);
  report.before->add({"main", "gone"}, 0, 2);
  report.before_name = "before.folded";
  return report;
}

inline reports::ProfileReport heap_profile() {
  reports::ProfileReport report{.program = "parse big.json",
                                .by = "heaptrack",
                                .profile = profile::Profile({{"peak", profile::Unit::bytes},
                                                             {"allocations", profile::Unit::count},
                                                             {"leaked", profile::Unit::bytes}}),
                                .exit_code = 3,
                                .heap = profile::HeapSummary{5, 1, 4'106, 10}};
  report.profile.add({"main", "read_all"}, 0, 4'096);
  report.profile.add({"main", "read_all"}, 1, 3);
  report.profile.add({"main", "keep"}, 0, 10);
  report.profile.add({"main", "keep"}, 1, 2);
  report.profile.add({"main", "keep"}, 2, 10);
  return report;
}

}  // namespace rz::testing
