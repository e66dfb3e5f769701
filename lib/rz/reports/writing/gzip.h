#pragma once

#include <string>
#include <string_view>

namespace rz::reports {

/// `bytes` as a file of gzip (RFC 1952) that stores them as they are: for formats that must be in
/// gzip, and are small, without a library for it.
std::string stored_gzip(std::string_view bytes);

}  // namespace rz::reports
