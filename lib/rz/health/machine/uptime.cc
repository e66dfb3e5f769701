#include "rz/health/machine/uptime.h"

#include <algorithm>
#include <ctime>

#include "rz/health/machine/process_table.h"

namespace rz::health {

Micros machine_uptime() {
  timespec time{};
  if (::clock_gettime(CLOCK_BOOTTIME, &time) != 0) return Micros::zero();
  return std::chrono::floor<Micros>(std::chrono::seconds{time.tv_sec} +
                                    std::chrono::nanoseconds{time.tv_nsec});
}

Micros host_uptime(const std::string& proc_folder) {
  const Micros machine = machine_uptime();
  // The first process of a container is as old as that. It may be hidden.
  const auto first = process_start(1, proc_folder);
  return first ? std::max(Micros::zero(), machine - *first) : machine;
}

}  // namespace rz::health
