#include "rz/health/checks/process_check.h"

#include "rz/base/file.h"
#include "rz/base/text.h"
#include "rz/health/checks/basic_check.h"
#include "rz/health/process_table.h"
#include "rz/health/uptime.h"

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
        return answer(HealthStatus::unhealthy, to_string(read.error()));
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
    return judged(found, pid, table->incomplete);
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

  std::string description(std::optional<pid_t> pid) const {
    std::string text;
    if (!options_.process.empty()) text += " '" + printable(options_.process) + "'";
    if (!options_.match.empty()) text += " with '" + printable(options_.match) + "'";
    if (pid) text += " of number " + std::to_string(*pid) + " (" + options_.pid_file + ")";
    return text;
  }

  CheckResult judged(const std::vector<const ProcessEntry*>& found, std::optional<pid_t> pid,
                     bool incomplete) const {
    const auto count = static_cast<std::int64_t>(found.size());
    std::uint64_t rss = 0;
    Micros first = Micros::max();
    Value pids = Value::array();
    for (const ProcessEntry* process : found) {
      rss += process->rss_bytes;
      first = std::min(first, process->started);
      if (pids.as_array()->size() < kMaxShownPids) pids.push_back(process->pid);
    }
    Value metadata = Value::object({{"count", count}, {"rss_bytes", rss}, {"pids", pids}});
    const auto uptime = std::chrono::floor<std::chrono::seconds>(machine_uptime() - first);
    if (!found.empty() && uptime.count() >= 0) metadata.set(kUptimeKey, uptime.count());
    std::string message =
        std::to_string(count) + (count == 1 ? " process" : " processes") + description(pid);
    HealthStatus status = HealthStatus::healthy;
    if (count < options_.min) {
      message += ", expected at least " + std::to_string(options_.min);
      status = HealthStatus::unhealthy;
      if (incomplete) {
        status = HealthStatus::unknown;
        message += "; the system hides the processes of other users (hidepid of /proc)";
      }
    } else if (options_.max && count > *options_.max) {
      message += ", expected at most " + std::to_string(*options_.max);
      status = HealthStatus::degraded;
    }
    return answer(status, std::move(message), std::move(metadata));
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
