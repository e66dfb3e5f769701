// The judge of nemesis must neither miss a lie nor accuse wrongly.
#include "tools/nemesis/lies.h"

#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "support/temp_folder.h"

namespace rz::nemesis {
namespace {

/// A story, told a program at a time; each takes ten units of time.
class Story {
 public:
  static constexpr Moment kUnit = 10'000'000;

  Story& answer(int host, Action action, const std::string& mode, int exit_code,
                const std::string& more = {}) {
    Command command;
    command.host = host;
    command.action = action;
    command.gate = action == Action::status;
    command.exit_code = exit_code;
    command.output = R"({"schema":"rz.cascade/1","mode":")" + mode + R"(","previous":")" + mode +
                     R"(","changed":false,"reason":"x","epoch":1,"since":null,"pin":null)" + more +
                     "}";
    return add(std::move(command));
  }
  Story& safe(int host, const std::string& more = {}) {
    return answer(host, Action::status, "safe", 2, more);
  }
  /// The gate that is accused, or not.
  Story& gate(int host, const std::string& more = {}) {
    return answer(host, Action::status, "primary", 0, more);
  }
  Story& set_primary(int host, const std::string& more = {}) {
    Command command;
    command.host = host;
    command.action = Action::set;
    command.wanted = Mode::primary;
    command.output = R"({"schema":"rz.cascade/1","mode":"primary","pin":null)" + more + "}";
    return add(std::move(command));
  }
  Story& killed(int host, Action action) {
    Command command;
    command.host = host;
    command.action = action;
    command.wanted = Mode::primary;
    command.exit_code = 137;
    command.killed = true;
    return add(std::move(command));
  }
  Story& lose(bool restored = false) {
    Loss loss;
    loss.start = at_;
    loss.end = at_ + 1;
    loss.copied = restored ? 0 : -1;
    journal_.add(loss);
    at_ += kUnit;
    return *this;
  }
  /// Whether the last program lied.
  bool lied() const {
    return !LieDetector(journal_).accuse(journal_.all_commands().back()).empty();
  }

 private:
  Story& add(Command command) {
    command.start = at_;
    command.end = at_ + kUnit / 2;
    at_ += kUnit;
    journal_.add(std::move(command));
    return *this;
  }

  TempFolder folder_;
  Journal journal_{folder_ / "commands"};
  Moment at_ = 0;
};

constexpr const char* kOffline = R"(,"offline":true,"spooled":0)";
constexpr const char* kSpooled = R"(,"offline":true,"spooled":1)";
constexpr const char* kForEver = R"(,"pin":{"until":null,"reason":"x","actor":"x"})";

TEST_CASE("primary after safe, and nobody recovered: a lie") {
  CHECK(Story().safe(0).gate(0).lied());
  CHECK(Story().safe(0).gate(1).lied());
  CHECK(Story().set_primary(0).safe(0).gate(1).lied());
  CHECK(Story().safe(0).gate(0, kOffline).lied());
  CHECK(Story().safe(0, kForEver).killed(1, Action::evaluate).gate(1).lied());
}

TEST_CASE("whoever may have recovered is an explanation") {
  CHECK_FALSE(Story().gate(0).lied());
  CHECK_FALSE(Story().safe(0).set_primary(1).gate(0).lied());
  CHECK_FALSE(Story().safe(0).killed(1, Action::evaluate).gate(0).lied());
  CHECK_FALSE(Story().safe(0, kForEver).killed(1, Action::release).gate(0).lied());
  // It waited in a spool, and has come to the store since.
  CHECK_FALSE(Story().set_primary(1, kSpooled).safe(0).gate(0).lied());
  CHECK(Story().set_primary(1, kSpooled).gate(1).safe(0).gate(0).lied());
}

TEST_CASE("a host that was cut off knows nothing of the others") {
  CHECK_FALSE(Story().safe(0).gate(1, kOffline).lied());
  CHECK_FALSE(Story().safe(0, kSpooled).gate(1).lied());
  // Its own word it knows.
  CHECK(Story().safe(0, kSpooled).gate(0, kOffline).lied());
  CHECK_FALSE(Story().safe(0, kSpooled).set_primary(0, kSpooled).gate(0, kOffline).lied());
  // Others overtook it, as its host was told with exit 3, once; an offline answer with exit 3 told
  // nothing, nor did one that left the word in the spool.
  const auto lied_after_doubt = [](const std::string& more) {
    Story story;
    story.safe(0, kSpooled).answer(0, Action::status, "primary", 3, more);
    return story.gate(0, kOffline).lied();
  };
  CHECK_FALSE(lied_after_doubt(""));
  CHECK(lied_after_doubt(kOffline));
  CHECK(lied_after_doubt(R"(,"spooled":1)"));
}

TEST_CASE("a store that lost its memory: a host that knew must not say yes") {
  CHECK(Story().safe(0).lose().gate(0).lied());
  CHECK(Story().safe(1).safe(0).lose().safe(1).gate(0).lied());
  CHECK(Story().safe(0).lose(true).gate(0).lied());
  CHECK_FALSE(Story().safe(0).lose().gate(1).lied());
  CHECK_FALSE(Story().safe(0).lose().lose().gate(0).lied());
  // A stranger may have gone past what the host knows.
  CHECK_FALSE(Story().safe(0).lose().safe(1).set_primary(1).gate(0).lied());
}

TEST_CASE("what was seen after a loss holds once all who may know more have come") {
  // The other host had recovered, which the store has forgotten, and puts that back.
  CHECK_FALSE(Story().safe(0).set_primary(1).lose(true).safe(0).gate(2).lied());
  CHECK_FALSE(Story().safe(0).set_primary(1).lose(true).safe(0).safe(0).gate(0).lied());
  CHECK_FALSE(Story().safe(0).set_primary(1).lose(true).safe(1, kOffline).safe(0).gate(2).lied());
  CHECK(Story().safe(0).set_primary(1).lose(true).safe(1).safe(0).gate(2).lied());
  CHECK(Story().safe(0).set_primary(1).lose(true).safe(0).safe(1).gate(2).lied());
  // Nobody had recovered.
  CHECK(Story().safe(0).safe(1).lose(true).safe(0).gate(2).lied());
}

}  // namespace
}  // namespace rz::nemesis
