#pragma once

#include "rz/base/clock.h"

namespace rz::net {

/// How long the parts of an exchange with a server took, those of redirects together.
struct Phases {
  Micros dns{0};
  Micros connect{0};     ///< 0 with dns where nothing had to be looked up or connected.
  Micros tls{0};         ///< 0: no TLS.
  Micros first_byte{0};  ///< From the request to the first byte of its answer; 0: none was awaited.
};

}  // namespace rz::net
