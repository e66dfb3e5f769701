#include "tools/nemesis/workers.h"

#include <fstream>

#include "rz/base/timestamp.h"

namespace rz::nemesis {
namespace {

constexpr int kImported = 5;  // Records of one import.

class Worker {
 public:
  Worker(World& world, int host, int worker)
      : world_(world),
        host_(host),
        worker_(worker),
        choose_(world.options().seed, 1 + host * 100 + worker) {}

  void run() {
    bool pins = false;
    while (!world_.over) {
      const bool pinned_era = world_.pinned_era;
      // The first word of everybody in such an era is the pin.
      Command command = pinned_era && !pins ? pin() : pinned_era ? in_pinned_era() : in_storm();
      pins = pinned_era;
      const Mishap mishap = choose_mishap();
      command.worker = worker_;
      if (mishap.kind == Mishap::Kind::kill) command.mishap = "kill";
      if (mishap.kind == Mishap::Kind::kill_in_callback) command.mishap = "kill in callback";
      if (mishap.kind == Mishap::Kind::stop) command.mishap = "stop";
      const Command ended = world_.run(std::move(command), mishap);
      if (ended.killed && mishap.kind == Mishap::Kind::kill_in_callback) {
        world_.journal().count("program killed with its callback");
      }
    }
  }

 private:
  Mishap choose_mishap() {
    Mishap mishap;
    const int dice = choose_.between(1, 100);
    // Most programs have ended after some milliseconds; those that wait for the store have not.
    const int longest = choose_.percent(70) ? 40'000 : 1'500'000;
    mishap.after = std::chrono::microseconds{choose_.between(0, longest)};
    mishap.stopped = std::chrono::milliseconds{choose_.between(50, 2'000)};
    if (dice <= 5) {
      mishap.kind = Mishap::Kind::kill;
      world_.journal().count("program killed");
    } else if (dice <= 12) {
      mishap.kind = Mishap::Kind::kill_in_callback;
    } else if (dice <= 16) {
      mishap.kind = Mishap::Kind::stop;
      world_.journal().count("program stopped");
    } else if (dice > 92 && world_.faketime()) {
      mishap.clock = choose_clock();
      world_.journal().count("clock jump");
    }
    return mishap;
  }

  // By seconds to days.
  std::string choose_clock() {
    const int unit = choose_.between(0, 2);
    const int most = unit == 0 ? 3'600 : unit == 1 ? 24 : 3;
    return (choose_.percent(50) ? "+" : "-") + std::to_string(choose_.between(1, most)) +
           "shd"[unit];
  }

  std::string next_reason() {
    return "r" + std::to_string(host_) + "-" + std::to_string(worker_) + "-" +
           std::to_string(++count_);
  }

  Command pin() {
    Command command = set_command(host_, "safe", next_reason());
    command.argv.insert(command.argv.end(), {"--for", "30d"});
    command.long_pin = true;
    return command;
  }

  Command set() {
    static constexpr const char* kModes[] = {"primary", "heuristic", "safe"};
    Command command = set_command(host_, kModes[choose_.between(0, 2)], next_reason());
    // One that holds for ever would leave nothing to the evaluations.
    static constexpr const char* kSpans[] = {"50ms", "300ms", "1s"};
    command.argv.insert(command.argv.end(), {"--for", kSpans[choose_.between(0, 2)]});
    return command;
  }

  Command evaluate(Mode mode) {
    Command command;
    command.host = host_;
    command.action = Action::evaluate;
    command.wanted = mode;
    command.gate = choose_.percent(50);
    // A number that no other health state has, for the policy puts it into the reason.
    const std::string n = std::to_string(100'000 * (1 + host_ * 10 + worker_) + ++count_);
    const std::string file = "state-" + std::to_string(worker_) + ".json";
    std::ofstream state(world_.hosts()[static_cast<std::size_t>(host_)].folder + "/" + file);
    if (mode == Mode::safe) {
      state << "{\"system\":{\"failed_components\":" << n << "}}";
      command.reason = "multiple_failures(" + n + ")";
    } else if (mode == Mode::heuristic) {
      state << "{\"system\":{},\"retry\":{\"failures_1h\":" << n << "}}";
      command.reason = "high_retry_failures(" + n + ")";
    } else {
      state << "{\"system\":{}}";
    }
    command.argv = {"cascade", "--state", file, "--format", "json"};
    if (command.gate) command.argv.push_back("--exit-code");
    return command;
  }

  Command release() {
    Command command;
    command.host = host_;
    command.action = Action::release;
    command.argv = {"cascade", "release", "--format", "json"};
    return command;
  }

  Command prune() {
    Command command;
    command.host = host_;
    command.action = Action::prune;
    command.argv = {"transitions", "prune", "--older-than", "60d"};
    return command;
  }

  // Of the old system, 20 to 40 days old: neither prune nor a clock that jumps takes them away.
  Command import() {
    Command command;
    command.host = host_;
    command.action = Action::import;
    const std::string file = "import-" + std::to_string(worker_) + ".ndjson";
    std::ofstream out(world_.hosts()[static_cast<std::size_t>(host_)].folder + "/" + file);
    const TimePoint now = SystemClock::instance().now();
    for (int i = 0; i < kImported; ++i) {
      const std::string reason = "i" + next_reason();
      const TimePoint time = now - std::chrono::hours{24 * choose_.between(20, 40)};
      out << R"({"timestamp":")" << format_timestamp(time)
          << R"(","from":"primary","to":"heuristic","reason":")" << reason << "\"}\n";
      command.imported.push_back(reason);
    }
    command.argv = {"transitions", "import", file};
    return command;
  }

  Command other() {
    const int dice = choose_.between(0, 2);
    return dice == 0 ? prune() : dice == 1 ? import() : list_command(host_);
  }

  Command in_storm() {
    const int dice = choose_.between(1, 100);
    if (dice <= 25) return set();
    if (dice <= 30) return release();
    if (dice <= 50) return evaluate(Mode::safe);
    if (dice <= 70) return evaluate(Mode::primary);
    if (dice <= 78) return evaluate(Mode::heuristic);
    if (dice <= 92) return status_command(host_);
    return other();
  }

  // Nothing in it may leave safe.
  Command in_pinned_era() {
    const int dice = choose_.between(1, 100);
    if (dice <= 15) return pin();
    if (dice <= 25) return evaluate(Mode::safe);
    if (dice <= 55) return evaluate(Mode::primary);
    if (dice <= 92) return status_command(host_);
    return other();
  }

  World& world_;
  const int host_;
  const int worker_;
  Chooser choose_;
  int count_ = 0;
};

}  // namespace

void work(World& world, int host, int worker) { Worker(world, host, worker).run(); }

Command set_command(int host, const std::string& mode, const std::string& reason) {
  Command command;
  command.host = host;
  command.action = Action::set;
  command.wanted = parse_mode(mode);
  command.reason = reason;
  command.argv = {"cascade", "set", mode, "--reason", reason, "--format", "json"};
  return command;
}

Command status_command(int host) {
  Command command;
  command.host = host;
  command.action = Action::status;
  command.gate = true;
  command.argv = {"cascade", "status", "--exit-code", "--format", "json"};
  return command;
}

Command healthy_command(World& world, int host) {
  const std::string file = "state-healthy.json";
  std::ofstream(world.hosts()[static_cast<std::size_t>(host)].folder + "/" + file)
      << "{\"system\":{}}";
  Command command;
  command.host = host;
  command.action = Action::evaluate;
  command.wanted = Mode::primary;
  command.argv = {"cascade", "--state", file, "--format", "json"};
  return command;
}

Command list_command(int host) {
  Command command;
  command.host = host;
  command.action = Action::list;
  command.argv = {"transitions", "--format", "ndjson"};
  return command;
}

}  // namespace rz::nemesis
