#pragma once

#include "rz/base/value.h"

namespace rz::bench {

/// The machine on which the figures were measured: `cpu cores kernel compiler build rz_version`,
/// and `governor` where the kernel tells it. Figures of machines that differ in these cannot be
/// compared.
Value machine_fingerprint();

}  // namespace rz::bench
