#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "rz/base/result.h"

namespace rz::health {

/// Where a MySQL or MariaDB server is, and who asks it for what.
struct MysqlUrl {
  std::string host;  ///< Empty: `socket`.
  std::uint16_t port = 3306;
  std::string user;  ///< Empty: the user that the program runs as.
  std::string password;
  std::string database;
  std::string socket;  ///< Empty: `host`.
};

/// Reads `mysql://[USER[:PASSWORD]@]HOST[:PORT][/DATABASE]`, or without a host
/// `mysql://[USER@]/[DATABASE]?socket=PATH`; `mariadb:` is the same. Userinfo, database and path
/// are percent-decoded. Errors: invalid_argument; the message never holds a part of the URL.
Result<MysqlUrl> parse_mysql_url(std::string_view url);

}  // namespace rz::health
