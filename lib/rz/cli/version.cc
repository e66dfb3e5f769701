#include "rz/cli/version.h"

namespace rz {

const char* version() { return RZ_VERSION; }

}  // namespace rz
