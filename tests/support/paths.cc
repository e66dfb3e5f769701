#include "support/paths.h"

namespace rz::test {

const std::string& source_dir() {
  static const std::string dir = RZ_SOURCE_DIR;
  return dir;
}

const std::string& build_dir() {
  static const std::string dir = RZ_BUILD_DIR;
  return dir;
}

}  // namespace rz::test
