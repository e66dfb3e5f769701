#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "rz/health/machine/cgroup.h"

namespace rz::health {

/// How much time the CPUs have been busy so far. Only the difference of two means anything.
struct CpuSample {
  std::string source;       ///< `machine`, or the folder of the control group whose quota counts.
  double at_seconds = 0;    ///< Since the machine was started, time asleep included.
  double busy_seconds = 0;  ///< Of all CPUs together.
  double cpus = 1;          ///< How many there are, or how many the quota allows: 0.5.
};

/// Where a control group has a quota of CPU time, its own; else the machine's. Nothing where the
/// kernel does not tell. `root` is a folder with a `proc` and a `sys`; tests give their own.
std::optional<CpuSample> sample_cpu(const std::string& root = "");

/// Percent of the CPUs in use between two samples, from 0 to 100. Nothing if they are not of one
/// source and one run of the machine.
std::optional<double> cpu_use(const CpuSample& before, const CpuSample& now);

/// Measures the use of the CPUs since it was asked a minute or two ago, by this process or an
/// earlier one: what is use over a moment says nothing about a machine, and a command that runs for
/// a few milliseconds has no more. Between them the samples are in a small file. Not thread-safe.
class CpuMeter {
 public:
  using Sampler = std::function<std::optional<CpuSample>()>;

  static constexpr double kMinIntervalSeconds = 1;
  static constexpr double kMaxIntervalSeconds = 600;
  static constexpr double kRenewSeconds = 60;

  /// `file` may be empty: then only this process's samples count.
  explicit CpuMeter(
      std::string file = "", Sampler sample = [] { return sample_cpu(); });

  /// Nothing until there is a sample of kMinIntervalSeconds ago.
  std::optional<double> measure();

 private:
  void keep(const CpuSample& now);

  std::string file_;
  Sampler sample_;
  std::vector<CpuSample> samples_;  ///< At most two, the older one first.
};

}  // namespace rz::health
