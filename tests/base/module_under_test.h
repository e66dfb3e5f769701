#pragma once

#include "rz/base/module.h"

/// Twice `number`: the function of the modules of module_test.cc.
extern "C" [[gnu::visibility("default")]] int rz_double(int number);

namespace rz {

using ModuleUnderTest = Module<decltype(rz_double)>;

}  // namespace rz
