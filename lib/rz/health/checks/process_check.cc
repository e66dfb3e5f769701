#include "rz/health/checks/process_check.h"

#include <algorithm>

#include "rz/base/file.h"
#include "rz/base/text.h"
#include "rz/health/checks/basic_check.h"
#include "rz/health/judging/findings.h"
#include "rz/health/judging/measured_limits.h"
#include "rz/health/machine/process_table.h"
#include "rz/health/machine/uptime.h"

namespace rz::health {
namespace {

constexpr std::size_t kMaxShownPids = 10;
constexpr Range<std::int64_t> kCountRange = {0, 1'000'000};

class ProcessCheck final : public BasicCheck {
 public:
  ProcessCheck(ProcessCheckOptions options, std::string proc_folder)
      : BasicCheck(ProcessCheckOptions::kType, options),
        options_(std::move(options)),
        proc_folder_(std::move(proc_folder)) {}

  CheckResult check() override {
    std::optional<pid_t> pid;
    if (!options_.pid_file.empty()) {
      const auto read = read_pid_file();
      // A program that has ended well removes its file.
      if (!read && read.error().code == ErrorCode::not_found && options_.min > 0) {
        return answer(HealthStatus::unhealthy,
                      "does not run: there is no " + printable(options_.pid_file) + " (pid_file)");
      }
      if (!read && read.error().code != ErrorCode::not_found) return failed(read.error());
      pid = read ? *read : 0;
    }
    const auto table = read_process_table(proc_folder_);
    if (!table) return failed(table.error());
    std::vector<const ProcessEntry*> found;
    for (const ProcessEntry& process : table->processes) {
      if (is_meant(process, pid)) found.push_back(&process);
    }
    return judged(*table, found, pid);
  }

 private:
  Result<pid_t> read_pid_file() const {
    const auto text = read_file(options_.pid_file, 4096);
    if (!text) {
      Error error = text.error();
      error.own_side = true;
      return fail(std::move(error));
    }
    const std::string_view first = trim(std::string_view(*text).substr(0, text->find('\n')));
    const auto pid = parse_int(first);
    if (pid && *pid > 0 && *pid <= std::numeric_limits<pid_t>::max()) {
      return static_cast<pid_t>(*pid);
    }
    return fail(ErrorCode::corrupt, "holds no process number", printable(options_.pid_file));
  }

  bool is_meant(const ProcessEntry& process, std::optional<pid_t> pid) const {
    return (!pid || process.pid == *pid) &&
           (options_.process.empty() || process.name == options_.process) &&
           process.command.find(options_.match) != std::string::npos;
  }

  // `'nginx' with 'master'`
  std::string description() const {
    std::string text;
    if (!options_.process.empty()) text += " '" + printable(options_.process) + "'";
    if (!options_.match.empty()) text += " with '" + printable(options_.match) + "'";
    return text;
  }

  // Why no process has the number that the file holds, or has it and is not the one that is meant.
  std::string about_file(const ProcessTable& table, pid_t pid) const {
    const std::string which =
        "process " + std::to_string(pid) + " of " + printable(options_.pid_file);
    const auto other = std::find_if(table.processes.begin(), table.processes.end(),
                                    [&](const ProcessEntry& each) { return each.pid == pid; });
    if (other == table.processes.end()) return which + " does not run";
    return which + " is '" + printable(other->name) + "', expected" + description();
  }

  std::string counted(std::int64_t count, std::optional<pid_t> pid) const {
    return std::to_string(count) + (count == 1 ? " process" : " processes") + description() +
           (pid ? " of number " + std::to_string(*pid) : "");
  }

  CheckResult judged(const ProcessTable& table, const std::vector<const ProcessEntry*>& found,
                     std::optional<pid_t> pid) const {
    Findings findings;
    const auto count = static_cast<std::int64_t>(found.size());
    const auto stopped = std::count_if(found.begin(), found.end(),
                                       [](const ProcessEntry* each) { return each->stopped; });
    const bool too_few = count - stopped < options_.min;
    if (stopped > 0) {
      findings.add(HealthStatus::degraded, "of which " + std::to_string(stopped) +
                                               (stopped == 1 ? " is" : " are") +
                                               " stopped by a signal or a debugger");
    }
    if (too_few) {
      findings.add(table.incomplete ? HealthStatus::unknown : HealthStatus::unhealthy,
                   "expected at least " + std::to_string(options_.min) +
                       (table.incomplete ? "; the system hides the processes of other users "
                                           "(hidepid of /proc)"
                                         : ""));
    } else if (options_.max && count > *options_.max) {
      findings.add(HealthStatus::degraded, "expected at most " + std::to_string(*options_.max));
    }
    const bool misses_number = pid && count == 0 && too_few && !table.incomplete;
    std::string message = counted(count, pid);
    if (!findings.empty()) message += ", " + findings.text();
    return answer(findings.status(), misses_number ? about_file(table, *pid) : message,
                  measured(found, stopped));
  }

  Value measured(const std::vector<const ProcessEntry*>& found, std::int64_t stopped) const {
    std::uint64_t rss = 0;
    Micros first = Micros::max();
    Value pids = Value::array();
    for (const ProcessEntry* process : found) {
      rss += process->rss_bytes;
      first = std::min(first, process->started);
      if (pids.as_array()->size() < kMaxShownPids) pids.push_back(process->pid);
    }
    Value metadata = Value::object(
        {{"count", found.size()}, {"stopped", stopped}, {"rss_bytes", rss}, {"pids", pids}});
    set_range(metadata, "count", "warning", std::nullopt, limit_as_number(options_.max));
    set_range(metadata, "count", "critical", static_cast<double>(options_.min), std::nullopt);
    const auto uptime = std::chrono::floor<std::chrono::seconds>(machine_uptime() - first);
    if (!found.empty() && uptime.count() >= 0) metadata.set(kUptimeKey, uptime.count());
    return metadata;
  }

  ProcessCheckOptions options_;
  std::string proc_folder_;
};

}  // namespace

void visit_fields(FieldVisitor& fields, ProcessCheckOptions& options) {
  fields.text({.key = "process",
               .sentence = "The name of the program, without its folder.",
               .example = "nginx"},
              options.process);
  fields.text({.key = "match",
               .sentence = "A part of the command line, whose arguments are joined by blanks.",
               .example = "\"master process\""},
              options.match);
  const bool file = fields.path({.key = "pid_file",
                                 .sentence = "A file with the number of the process.",
                                 .example = "/run/nginx.pid"},
                                options.pid_file);
  fields.integer({"min", "Fewer of them are unhealthy."}, options.min, kCountRange);
  const bool max =
      fields.integer({"max", "More of them are degraded.", "8"}, options.max, kCountRange);
  if (options.process.empty() && options.match.empty() && !file && !fields.has("pid_file")) {
    fields.error("", "a process check needs 'process', 'match' or 'pid_file'");
  }
  if (max && *options.max < options.min) fields.error("max", "is below 'min'");
  if (options.min == 0 && !options.max && !fields.has("max")) {
    fields.error("min", "of 0 without 'max' asks for nothing");
  }
}

std::shared_ptr<HealthCheck> make_process_check(ProcessCheckOptions options,
                                                std::string proc_folder) {
  return std::make_shared<ProcessCheck>(std::move(options), std::move(proc_folder));
}

std::shared_ptr<HealthCheck> make_health_check(const ProcessCheckOptions& options,
                                               const CheckDependencies&) {
  return make_process_check(options);
}

}  // namespace rz::health
