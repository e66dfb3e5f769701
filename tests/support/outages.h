#pragma once

#include <functional>
#include <string>

#include "support/outage_drill.h"

namespace rz::test {

/// The outages that rz is drilled in. Each starts its servers, or its file, runs so many rounds of
/// breaking under a stream of cascades, and compares. `on_round` is told of each round that ended.
using OnRound = std::function<void(int round)>;

/// A Redis (`appendfsync always`) that is killed and started again.
DrillFigures drill_restarts(
    int rounds, const OnRound& on_round = [](int) {});

/// The master behind a sentinel is killed; one of its two replicas takes its place, and it comes
/// back as a replica.
DrillFigures drill_sentinel(
    int rounds, const OnRound& on_round = [](int) {});

/// The master of the slot in a cluster of six is killed, and comes back as a replica.
DrillFigures drill_cluster(
    int rounds, const OnRound& on_round = [](int) {});

/// Processes that write to one SQLite file are killed at any moment.
DrillFigures drill_sqlite(
    int rounds, const OnRound& on_round = [](int) {});

}  // namespace rz::test
