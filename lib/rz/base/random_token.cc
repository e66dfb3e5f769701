#include "rz/base/random_token.h"

#include <fmt/format.h>

#include <cstdint>
#include <random>

namespace rz {

std::string random_token() {
  std::random_device device;
  const std::uint64_t bits = (std::uint64_t{device()} << 32) | device();
  return fmt::format("{:016x}", bits);
}

}  // namespace rz
