#pragma once

namespace rz::sim {

/// Two hosts that evaluate every minute for an hour, of which one sees two failed components and
/// the other none. Prints the transitions with a quorum of one and of two. Answers whether there
/// was one with the first, and none with the second.
bool simulate_disagreement();

}  // namespace rz::sim
