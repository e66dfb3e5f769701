#pragma once

#include "rz/base/field_visitor.h"
#include "rz/storage/open_storage.h"

namespace rz::storage {

/// The keys of `storage`.
void visit_fields(FieldVisitor& fields, StorageOptions& options);

/// Those of them that say how to reach a Redis server, `url` among them: `url password_file
/// sentinel_user sentinel_password_file tls`. A redis check has them too.
void visit_connection(FieldVisitor& fields, const Field& url, StorageOptions& options);

}  // namespace rz::storage
