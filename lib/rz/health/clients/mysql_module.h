#pragma once

#include "rz/base/module.h"
#include "rz/health/clients/sql_client.h"

/// The caller owns what it gets.
extern "C" [[gnu::visibility("default")]] rz::health::SqlClient* rz_make_mysql_client();

namespace rz::health {

inline constexpr Module<decltype(rz_make_mysql_client)> kMysqlModule{
    "mysql", "rz_make_mysql_client", "libmariadb3"};

}  // namespace rz::health
