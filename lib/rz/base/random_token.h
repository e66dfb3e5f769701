#pragma once

#include <string>

namespace rz {

/// 16 random hexadecimal digits, different for every call on every machine.
std::string random_token();

}  // namespace rz
