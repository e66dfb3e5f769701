#pragma once

#include "rz/base/clock.h"

namespace rz::test {

/// How long a test waits for what must come before it gives up. It says nothing about how fast
/// anything is: on a slow, busy machine a program may take a minute for what takes it 10 ms.
inline constexpr Millis kPatience{600'000};

}  // namespace rz::test
