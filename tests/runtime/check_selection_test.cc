#include "rz/runtime/check_selection.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

namespace rz::runtime {
namespace {

class NamedCheck final : public HealthCheck {
 public:
  explicit NamedCheck(std::string name) : name_(std::move(name)) {}
  const std::string& name() const override { return name_; }
  std::string_view type() const override { return "named"; }
  Millis timeout() const override { return Millis{1}; }
  CheckResult check() override { return {}; }

 private:
  std::string name_;
};

RegisteredCheck check(const std::string& name, std::vector<std::string> tags,
                      std::vector<std::string> parents) {
  RegisteredCheck registered{std::make_shared<NamedCheck>(name), {}};
  registered.options.tags = std::move(tags);
  registered.options.depends_on = std::move(parents);
  return registered;
}

/// The names of the checks that run for `selection`, in order, joined by blanks; or the message.
std::string chosen(const CheckSelection& selection) {
  const auto selected =
      select_checks({check("base", {"core"}, {}), check("middle", {}, {"base"}),
                     check("top", {"slow"}, {"middle"}), check("aside", {"core", "slow"}, {})},
                    selection);
  if (!selected) return to_string(selected.error());
  std::string names;
  for (const RegisteredCheck& each : *selected) names += each.check->name() + " ";
  return names;
}

}  // namespace

TEST_CASE("a selection takes what it names, and what that depends on") {
  CHECK(chosen({}) == "base middle top aside ");
  CHECK(chosen({{"aside"}, {}, {}}) == "aside ");
  CHECK(chosen({{"top"}, {}, {}}) == "base middle top ");
  CHECK(chosen({{}, {"core"}, {}}) == "base aside ");
  CHECK(chosen({{}, {"core"}, {"slow"}}) == "base ");
  CHECK(chosen({{}, {}, {"core"}}) == "base middle top ");
  CHECK(chosen({{"base", "top"}, {}, {"slow"}}) == "base ");
}

TEST_CASE("a name may be a glob; one that matches nothing is an error") {
  CHECK(chosen({{"[ab]*e"}, {}, {}}) == "base aside ");
  CHECK(chosen({{"t?p"}, {}, {}}) == "base middle top ");
  CHECK(chosen({{"*"}, {}, {"slow"}}) == "base middle ");
  CHECK(chosen({{"aside", "web-*"}, {}, {}}) ==
        "no check matches 'web-*'; there are base, middle, top, aside");
  CHECK(chosen({{"\\base"}, {}, {}}) == "no check is named '\\base'; did you mean 'base'?");
}

TEST_CASE("a selection of nothing is an error with a way out") {
  CHECK(chosen({{"tpo"}, {}, {}}) == "no check is named 'tpo'; did you mean 'top'?");
  CHECK(chosen({{"\x1b[2J"}, {}, {}}) ==
        "no check matches '\\x1b[2J'; there are base, middle, top, aside");
  CHECK(chosen({{}, {"nosuch"}, {}}) == "no check has the tag 'nosuch'; there are core, slow");
  CHECK(chosen({{}, {"core", "slwo"}, {}}) == "no check has the tag 'slwo'; did you mean 'slow'?");
  CHECK(chosen({{}, {"core"}, {"nosuch"}}) == "base aside ");
  CHECK(chosen({{}, {"slow"}, {"slow"}}) ==
        "no check is selected; 'rz health list' shows them and their tags");
}

}  // namespace rz::runtime
