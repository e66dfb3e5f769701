#pragma once

#include "rz/base/result.h"
#include "rz/health/health_check.h"

namespace rz {

/// What a check that could not be finished says of its subject. All checks go by this rule: what
/// was not asked is not unhealthy. A subject that refuses or is silent is unhealthy; where this
/// machine or a messenger failed, nothing was learned, and that is unknown.
///
/// - Error::own_side is unknown, whatever the code and the subject.
/// - messenger: always unknown.
/// - target: unhealthy for unavailable, timeout, unsupported, auth and corrupt; the other codes are
///   of this side: a question that could not be put, a path that is not there.
/// - own_store: unhealthy but for invalid_argument, parse and config: what cannot serve rz is not
///   healthy, whatever the reason.
HealthStatus status_of_failure(AskedParty asked, const Error& error);

}  // namespace rz
