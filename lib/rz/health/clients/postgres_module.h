#pragma once

#include "rz/base/module.h"
#include "rz/health/clients/sql_client.h"

/// The caller owns what it gets.
extern "C" [[gnu::visibility("default")]] rz::health::SqlClient* rz_make_postgres_client();

namespace rz::health {

inline constexpr Module<decltype(rz_make_postgres_client)> kPostgresModule{
    "postgres", "rz_make_postgres_client", "libpq5"};

}  // namespace rz::health
