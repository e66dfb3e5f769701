#pragma once

#include "rz/base/result.h"
#include "rz/health/health_check.h"

namespace rz::health {

/// The status that a check reports when it ends with `error`. All checks follow one rule: only a
/// subject that was asked can be unhealthy. One that refuses or stays silent is unhealthy; where
/// this machine or a messenger failed, nothing was learned about the subject, and it is unknown.
///
/// - Error::own_side is unknown, whatever the code and the subject.
/// - messenger: always unknown.
/// - target: unhealthy for unavailable, timeout, unsupported, auth and corrupt; the other codes are
///   of this side: a question that could not be put, a path that is not there.
/// - own_store: unhealthy, except for invalid_argument, parse and config: a store that cannot serve
///   rz is not healthy, whatever the reason.
HealthStatus status_of_failure(AskedParty asked, const Error& error);

/// Whether a check that ended with `error` has the word of its subject: it was refused (auth), or
/// told that this is not offered (unsupported). Silence, a connection that is not made or breaks,
/// and a name that is not found tell nothing that could be turned into its contrary.
bool is_answer(const Error& error);

}  // namespace rz::health
