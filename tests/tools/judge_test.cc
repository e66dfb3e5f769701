// The judge of nemesis finds what is missing, and takes nothing that is there for missing.
#include "tools/nemesis/judge.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "fallback/fallback_support.h"
#include "rz/base/timestamp.h"
#include "support/temp_folder.h"

namespace rz::nemesis {
namespace {

using fallback::at;

/// A run of one host in which one evaluation recovered while the store was away, at(10), after
/// twelve seconds, and the history that is left.
class Recovery {
 public:
  explicit Recovery(std::string warning = {}) : warning_(std::move(warning)) {}

  Recovery& records(TimePoint time, Mode from = Mode::heuristic) {
    Transition record;
    record.timestamp = time;
    record.from = from;
    record.to = Mode::primary;
    record.reason = "recovered";
    record.host = "host-0";
    record.trigger = "offline";
    remains_.history.push_back(std::move(record));
    return *this;
  }

  Verdict verdict() const {
    Options options;
    options.folder = folder_.path();
    options.hosts = 0;
    World world(options);
    Command command;
    command.action = Action::evaluate;
    command.wanted = Mode::primary;
    command.end = 12'000'000;
    command.error = warning_;
    command.output =
        R"({"schema":"rz.cascade/1","mode":"primary","previous":"heuristic","changed":true,)"
        R"("reason":"recovered","epoch":2,"offline":true,"spooled":1,"pin":null,"since":")" +
        format_timestamp(at(10)) + "\"}";
    world.journal().add(std::move(command));
    return judge(world, world.journal(), remains_);
  }

 private:
  TempFolder folder_;
  std::string warning_;
  Remains remains_{};
};

TEST_CASE("a recovery of an outage is found from its time on") {
  CHECK(Recovery().verdict().lost == 1);
  CHECK(Recovery().records(at(10)).verdict().lost == 0);
  CHECK(Recovery().records(at(60)).verdict().lost == 0);
  CHECK(Recovery().records(at(9)).verdict().lost == 1);
}

TEST_CASE("one that was decided again has the time of its first write, if that took effect") {
  const std::string unknown = "what was asked for may have been done";
  CHECK(Recovery(unknown).records(at(9)).verdict().lost == 0);
  CHECK(Recovery(unknown).records(at(-3)).verdict().lost == 1);
  CHECK(Recovery(unknown).verdict().lost == 1);
  // It was decided again on what others of its host had decided.
  CHECK(Recovery(unknown).records(at(9), Mode::safe).verdict().lost == 0);
  CHECK(Recovery().records(at(10), Mode::safe).verdict().lost == 1);
}

}  // namespace
}  // namespace rz::nemesis
