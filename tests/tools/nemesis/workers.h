#pragma once

#include "tools/nemesis/world.h"

namespace rz::nemesis {

/// Runs rz on one host again and again, as its seed has it, until the world is over.
void work(World& world, int host, int worker);

/// A command of `host`, without a fault.
Command set_command(int host, const std::string& mode, const std::string& reason);
Command status_command(int host);
/// An evaluation of a healthy state.
Command healthy_command(World& world, int host);
Command list_command(int host);

}  // namespace rz::nemesis
