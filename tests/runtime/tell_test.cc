#include "rz/runtime/tell.h"

#include <doctest/doctest.h>

#include <vector>

namespace rz::runtime {

TEST_CASE("doubts and warnings are for everybody, notes for those who look for a fault") {
  StoreStatus status;
  status.doubts = {"too old"};
  status.warnings = {"a callback failed"};
  status.notes = {"the store was asked twice"};
  Notices notices;
  tell(status, notices);
  CHECK((notices.kept() ==
         std::vector<Notice>{{Notice::Severity::warning, "too old"},
                             {Notice::Severity::warning, "a callback failed"},
                             {Notice::Severity::note, "the store was asked twice"}}));
}

}  // namespace rz::runtime
