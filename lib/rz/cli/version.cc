#include "rz/cli/version.h"

namespace rz::cli {

const char* version() { return RZ_VERSION; }

}  // namespace rz::cli
