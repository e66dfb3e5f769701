#include "rz/health/checks/disk_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "rz/base/text.h"
#include "rz/health/checks/basic_check.h"
#include "rz/health/checks/limits.h"
#include "rz/health/judging/measured_limits.h"
#include "rz/health/machine/disk_meters.h"

namespace rz::health {

const std::vector<std::string> DiskCheckOptions::kPseudoTypes = {
    "autofs",     "binfmt_misc", "bpf",      "cgroup",   "cgroup2", "configfs",
    "debugfs",    "devpts",      "devtmpfs", "efivarfs", "fusectl", "hugetlbfs",
    "iso9660",    "mqueue",      "nsfs",     "overlay",  "proc",    "pstore",
    "rpc_pipefs", "securityfs",  "squashfs", "sysfs",    "tracefs"};

namespace {

bool is_pattern(std::string_view path) {
  return path.find_first_of("*?[") != std::string_view::npos;
}

// So that the worst one is told first.
int rank(HealthStatus status) {
  switch (status) {
    case HealthStatus::unhealthy: return 0;
    case HealthStatus::degraded: return 1;
    case HealthStatus::unknown: return 2;
    case HealthStatus::healthy: return 3;
  }
  return 3;
}

/// One file system as it is reported.
struct Judged {
  std::string path;
  double used_percent = -1;
  CheckResult result;
};

class DiskCheck final : public BasicCheck {
 public:
  DiskCheck(DiskCheckOptions options, DiskMeter meter, MountReader mounts)
      : BasicCheck(DiskCheckOptions::kType, options),
        options_(std::move(options)),
        meter_(std::move(meter)),
        meters_(meter_),
        mounts_(std::move(mounts)) {}

  CheckResult check() override {
    // The runner answers for one that is stuck.
    if (options_.paths.empty()) return judge_usage(options_.path, meter_(options_.path)).result;
    std::vector<Judged> judged;
    const std::vector<std::string> paths = all_paths(judged);
    const auto usages = meters_.measure(paths, options_.timeout);
    for (std::size_t i = 0; i < paths.size(); ++i)
      judged.push_back(judge_usage(paths[i], usages[i]));
    return combined(std::move(judged));
  }

 private:
  /// Each path once. A pattern that matches nothing is `judged` at once.
  std::vector<std::string> all_paths(std::vector<Judged>& judged) const {
    std::vector<std::string> paths;
    const auto add = [&](const std::string& path) {
      if (std::find(paths.begin(), paths.end(), path) == paths.end()) paths.push_back(path);
    };
    if (!options_.path.empty()) add(options_.path);
    const std::vector<Mount> mounts = mounts_();
    for (const std::string& path : options_.paths) {
      if (!is_pattern(path)) {
        add(path);
        continue;
      }
      const auto points = matching_mounts(mounts, path, options_.exclude_types);
      std::for_each(points.begin(), points.end(), add);
      if (!points.empty()) continue;
      judged.push_back({path, -1,
                        answer(HealthStatus::unknown, printable(path) + ": matches no mount",
                               Value::object({{"path", path}}))});
    }
    return paths;
  }

  Judged judge_usage(const std::string& path, const Result<DiskUsage>& usage) const {
    if (!usage) return {path, -1, failed(usage.error(), Value::object({{"path", path}}))};
    Findings findings;
    judge_percent(findings, usage->used_percent, "", {options_.warning, options_.critical});
    judge_bytes_left(findings, usage->available_bytes, "free",
                     {options_.available_warning, options_.available_critical});
    judge_percent(findings, usage->inodes_percent, "of inodes used",
                  {options_.inodes_warning.value_or(options_.warning),
                   options_.inodes_critical.value_or(options_.critical)});
    const std::string message =
        fmt::format("{}: {} used, {} free", printable(path), shown_percent(usage->used_percent),
                    humanize_size(usage->available_bytes));
    CheckResult result = answer(findings.status(), findings.after(message),
                                Value::object({{"path", path},
                                               {"usage_percent", usage->used_percent},
                                               {"available_bytes", usage->available_bytes},
                                               {"total_bytes", usage->total_bytes},
                                               {"inodes_percent", usage->inodes_percent},
                                               {"warning", options_.warning},
                                               {"critical", options_.critical}}));
    set_most(result.metadata, "usage_percent", options_.warning, options_.critical);
    set_least(result.metadata, "available_bytes", limit_as_number(options_.available_warning),
              limit_as_number(options_.available_critical));
    set_most(result.metadata, "inodes_percent", options_.inodes_warning.value_or(options_.warning),
             options_.inodes_critical.value_or(options_.critical));
    return {path, usage->used_percent, std::move(result)};
  }

  CheckResult combined(std::vector<Judged> judged) const {
    std::stable_sort(judged.begin(), judged.end(), [](const Judged& a, const Judged& b) {
      return std::pair(rank(a.result.status), -a.used_percent) <
             std::pair(rank(b.result.status), -b.used_percent);
    });
    Value file_systems = Value::array();
    Findings findings;
    std::size_t bad = 0;
    const Judged* fullest = &judged.front();
    for (Judged& one : judged) {
      Value entry = one.result.metadata;
      entry.set("status", to_string(one.result.status));
      file_systems.push_back(std::move(entry));
      if (one.used_percent > fullest->used_percent) fullest = &one;
      if (one.result.status == HealthStatus::healthy) continue;
      ++bad;
      findings.add(one.result.status, one.result.message);
    }
    // The worst is the first.
    std::optional<Error> failure = judged.front().result.failure;
    const std::string count = std::to_string(judged.size()) + " file systems";
    const std::string message = judged.size() == 1 ? fullest->result.message
                                : bad == 0 ? count + ", the fullest is " + fullest->result.message
                                           : findings.before(std::to_string(bad) + " of " + count);
    Value metadata = Value::object({{"path", fullest->path}});
    if (fullest->used_percent >= 0) {
      metadata.set("usage_percent", fullest->used_percent);
      set_most(metadata, "usage_percent", options_.warning, options_.critical);
    }
    metadata.set("file_systems", std::move(file_systems));
    CheckResult result = answer(findings.status(), message, std::move(metadata));
    result.failure = std::move(failure);
    return result;
  }

  DiskCheckOptions options_;
  DiskMeter meter_;
  DiskMeters meters_;
  MountReader mounts_;
};

}  // namespace

void visit_fields(FieldVisitor& fields, DiskCheckOptions& options) {
  fields.path({"path", "Any path on the file system."}, options.path);
  const bool several = fields.texts(
      {"paths", "Further paths, and patterns of mount points; without path only these.",
       "[/var, \"/srv/*\"]"},
      options.paths);
  if (several && !options.paths.empty() && !fields.has("path")) options.path.clear();
  fields.texts({"exclude_types", "Types of file system that no pattern matches.",
                "[overlay, squashfs, tmpfs]"},
               options.exclude_types);
  const bool has_warning =
      fields.percent({"warning", "From this share used on it is degraded."}, options.warning);
  const bool has_critical =
      fields.percent({"critical", "From this share used on it is unhealthy."}, options.critical);
  fields.size({"available_warning", "With less than this free it is degraded.", "10GiB"},
              options.available_warning);
  fields.size({"available_critical", "With less than this free it is unhealthy.", "1GiB"},
              options.available_critical);
  fields.percent(
      {"inodes_warning",
       "From this share of the inodes used on it is degraded. Default: as warning.", "80%"},
      options.inodes_warning);
  fields.percent(
      {"inodes_critical",
       "From this share of the inodes used on it is unhealthy. Default: as critical.", "95%"},
      options.inodes_critical);
  const bool right = has_warning == fields.has("warning") && has_critical == fields.has("critical");
  if (right && options.warning > options.critical) {
    fields.error("warning", "is above 'critical', so it would never apply");
  }
  refuse_needless_warning(
      fields, "available_warning",
      Limits<std::uint64_t>{options.available_warning, options.available_critical}, false);
  refuse_needless_warning(fields, "inodes_warning",
                          Limits<double>{options.inodes_warning, options.inodes_critical});
}

std::shared_ptr<HealthCheck> make_disk_check(DiskCheckOptions options, DiskMeter meter,
                                             MountReader mounts) {
  return std::make_shared<DiskCheck>(std::move(options), std::move(meter), std::move(mounts));
}

std::shared_ptr<HealthCheck> make_health_check(const DiskCheckOptions& options,
                                               const CheckDependencies&) {
  return make_disk_check(options);
}

}  // namespace rz::health
