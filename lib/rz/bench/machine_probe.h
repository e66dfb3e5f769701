#pragma once

#include <cstdint>

namespace rz::bench {

/// How many nanoseconds this machine takes just now for a fixed piece of work, one half of which
/// keeps its units for arithmetic busy and the other reads memory as fast caches hold it: longer
/// where another program shares the core or its caches (as the other thread of it does), where the
/// frequency is lower, or where a hypervisor gives less. Takes some 50 µs, and being interrupted
/// for a moment does not show.
double probe_machine();

/// The half of that work which is arithmetic.
std::uint64_t probe_work();

/// How often this process, and its children that have ended, had to make way for others.
std::int64_t interruptions();

}  // namespace rz::bench
