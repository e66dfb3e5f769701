#pragma once

#include "tools/nemesis/store.h"

namespace rz::nemesis {

/// Brings about one fault after another, at times two at once, until `is_over`; all of them have
/// ended when it returns. When a fault begins and ends is a matter of how many programs have ended,
/// so that a slow machine has the same run.
void torment(World& world, Store& store, const std::function<bool()>& is_over);

}  // namespace rz::nemesis
