#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rz/health/check_type.h"

namespace rz::health {

/// `type: command`: a program that tells by its exit code, as every Nagios plugin does.
struct CommandCheckOptions : CheckOptions {
  static constexpr std::string_view kType = "command";

  std::vector<std::string> command;  ///< The program and its arguments; never passed to a shell.
};

void visit_fields(FieldVisitor& fields, CommandCheckOptions& options);

/// Runs a program: exit code 0 is healthy, 1 degraded, 2 unhealthy, 3 unknown; the message is the
/// first line that it writes. Unknown, too, is all that is no answer of the program: it cannot be
/// run, a signal ends it, it takes longer than `timeout` (its process group is ended then), another
/// exit code. Metadata: exit_code, and perfdata (plugin_output.h) where the program wrote some.
std::shared_ptr<HealthCheck> make_command_check(CommandCheckOptions options);
std::shared_ptr<HealthCheck> make_health_check(const CommandCheckOptions& options,
                                               const CheckDependencies& dependencies);

}  // namespace rz::health
