#include "rz/base/notices.h"

#include <doctest/doctest.h>

namespace rz {

TEST_CASE("notices are kept in their order where nobody listens") {
  Notices notices;
  notices.warn("full");
  notices.note("read");
  CHECK((notices.kept() == std::vector<Notice>{{Notice::Severity::warning, "full"},
                                               {Notice::Severity::note, "read"}}));
  CHECK(notices.warnings() == std::vector<std::string>{"full"});
}

TEST_CASE("what was kept is passed on to whoever listens") {
  Notices kept;
  kept.warn("full");
  kept.note("read");
  std::vector<Notice> heard;
  Notices notices([&](const Notice& notice) { heard.push_back(notice); });
  notices.add(kept);
  CHECK(heard == kept.kept());
}

TEST_CASE("a listener hears each at once, and nothing is kept") {
  std::vector<Notice> heard;
  Notices notices([&](const Notice& notice) { heard.push_back(notice); });
  notices.warn("full");
  CHECK((heard == std::vector<Notice>{{Notice::Severity::warning, "full"}}));
  CHECK(notices.kept().empty());
}

}  // namespace rz
