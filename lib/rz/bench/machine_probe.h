#pragma once

#include <cstdint>

namespace rz::bench {

/// How many nanoseconds this machine takes just now for a fixed piece of work that keeps its units
/// for arithmetic busy: longer where another program shares the core (as the other thread of it
/// does), where the frequency is lower, or where a hypervisor gives less. Takes some 30 µs, and
/// being interrupted for a moment does not show.
double probe_machine();

/// That piece of work, some 3 µs of it.
std::uint64_t probe_work();

}  // namespace rz::bench
