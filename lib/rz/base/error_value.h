#pragma once

#include "rz/base/result.h"
#include "rz/base/value.h"

namespace rz {

/// `{"code", "message", "where"}`: an error within a document.
Value to_value(const Error& error);

}  // namespace rz
