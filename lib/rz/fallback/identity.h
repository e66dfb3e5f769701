#pragma once

#include <string>

namespace rz {

/// The name of the person or user that this process runs for. As root: who called sudo, else who
/// logged in; else the login name of the effective user, else its number.
std::string user_name();

/// The name of this machine, as `hostname` prints it.
std::string host_name();

/// 16 random hexadecimal digits, different for every call on every machine.
std::string random_token();

}  // namespace rz
