#include "rz/health/checks/systemd_check.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "rz/base/file.h"
#include "support/patience.h"
#include "support/temp_folder.h"

namespace rz::health {
namespace {

/// A program in place of systemctl that writes what a test wants.
class FakeSystemctl {
 public:
  CheckResult check(const std::string& script, const SystemdCheckOptions& given = {}) const {
    const std::string program = folder_ / "systemctl";
    REQUIRE(write_file(program, "#!/bin/sh\n" + script + "\n"));
    REQUIRE(::chmod(program.c_str(), 0755) == 0);
    SystemdCheckOptions options = given;
    options.unit = "web.service";
    if (given.timeout == SystemdCheckOptions().timeout) options.timeout = test::kPatience;
    return make_systemd_check(options, program)->check();
  }
  CheckResult check_unit(const std::string& active, const std::string& sub,
                         const std::string& result = "success", const std::string& load = "loaded",
                         const SystemdCheckOptions& options = {}) const {
    return check("printf 'Result=" + result + "\\nNRestarts=2\\nLoadState=" + load +
                     "\\nActiveState=" + active + "\\nSubState=" + sub + "\\n'",
                 options);
  }

 private:
  TempFolder folder_{};
};

TEST_CASE("a unit that is active and ended well before is healthy") {
  const FakeSystemctl systemctl;
  const auto result = systemctl.check_unit("active", "running");
  CHECK(result.status == HealthStatus::healthy);
  CHECK(result.message == "web.service: active, running");
  CHECK(*result.metadata.find("active_state") == Value("active"));
  CHECK(*result.metadata.find("restarts") == Value(2));
  CHECK(systemctl.check_unit("active", "exited").status == HealthStatus::healthy);
}

TEST_CASE("a unit that is not active is told with what was expected") {
  const FakeSystemctl systemctl;
  auto result = systemctl.check_unit("inactive", "dead");
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message ==
        "web.service: is inactive, expected active or reloading (inactive, dead)");
  result = systemctl.check_unit("failed", "failed", "exit-code");
  CHECK(result.status == HealthStatus::unhealthy);
  CHECK(result.message ==
        "web.service: its last run has failed (exit-code); is failed, expected active or reloading "
        "(failed, failed)");
  CHECK(systemctl.check_unit("activating", "start").status == HealthStatus::degraded);
  // Between two starts of a unit that crashes.
  CHECK(systemctl.check_unit("activating", "auto-restart", "signal").status ==
        HealthStatus::unhealthy);
  CHECK(systemctl.check_unit("inactive", "dead", "success", "masked").message ==
        "web.service: it is masked; is inactive, expected active or reloading (inactive, dead)");
}

TEST_CASE("a job that a timer starts is healthy while it rests") {
  const FakeSystemctl systemctl;
  SystemdCheckOptions options;
  options.states = {"active", "activating", "inactive"};
  CHECK(systemctl.check_unit("inactive", "dead", "success", "loaded", options).status ==
        HealthStatus::healthy);
  CHECK(systemctl.check_unit("inactive", "dead", "exit-code", "loaded", options).status ==
        HealthStatus::unhealthy);
}

TEST_CASE("a unit that was restarted too often is degraded") {
  const FakeSystemctl systemctl;
  SystemdCheckOptions options;
  options.restarts_warning = 3;
  CHECK(systemctl.check_unit("active", "running", "success", "loaded", options).status ==
        HealthStatus::healthy);
  options.restarts_warning = 2;
  const auto result = systemctl.check_unit("active", "running", "success", "loaded", options);
  CHECK(result.status == HealthStatus::degraded);
  CHECK(result.message == "web.service: 2 restarts, warning from 2 (active, running)");
}

TEST_CASE("systemctl gets the unit as one argument behind the options") {
  const FakeSystemctl systemctl;
  CHECK(systemctl.check("echo \"$*\" >&2; exit 1")
            .message.ends_with(": --system --no-pager show "
                               "--property=LoadState,ActiveState,SubState,Result,NRestarts,"
                               "InactiveExitTimestampMonotonic -- "
                               "web.service"));
  SystemdCheckOptions options;
  options.user = true;
  CHECK(systemctl.check("echo \"$1\" >&2; exit 1", options).message.ends_with(": --user"));
}

TEST_CASE("what systemd does not tell is unknown") {
  const FakeSystemctl systemctl;
  auto result = systemctl.check_unit("inactive", "dead", "success", "not-found");
  CHECK(result.status == HealthStatus::unknown);
  CHECK(result.message == "web.service: no unit has this name");

  result = systemctl.check("echo 'System has not been booted with systemd' >&2; exit 1");
  CHECK(result.status == HealthStatus::unknown);
  CHECK(result.message.ends_with("systemctl: System has not been booted with systemd"));
  CHECK(systemctl.check("exit 0").status == HealthStatus::unknown);

  SystemdCheckOptions options;
  options.timeout = Millis{100};
  result = systemctl.check("exec sleep 3600", options);
  CHECK(result.status == HealthStatus::unknown);
  CHECK(result.message.ends_with("systemctl: did not end within 100ms"));

  options.unit = "web.service";
  const TempFolder folder;
  result = make_systemd_check(options, folder / "systemctl")->check();
  CHECK(result.status == HealthStatus::unknown);
  CHECK(result.message.ends_with("/systemctl: is not installed; install systemd"));
}

TEST_CASE("the systemd of this machine tells of its units, or why it does not") {
  SystemdCheckOptions options;
  options.unit = "-.slice";
  options.timeout = test::kPatience;
  const auto result = make_systemd_check(options)->check();
  CAPTURE(result.message);
  if (kind_of_file("/run/systemd/system/.") == FileKind::none) {
    CHECK(result.status == HealthStatus::unknown);
  } else {
    CHECK(result.message == "-.slice: active, active");
  }
}

}  // namespace
}  // namespace rz::health
