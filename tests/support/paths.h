#pragma once

#include <string>

namespace rz::test {

/// The folder of the sources, and the one in which this test was built. They are in one source
/// alone, so that a compiler cache serves all others in any folder.
const std::string& source_dir();
const std::string& build_dir();

}  // namespace rz::test
