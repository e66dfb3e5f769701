#pragma once

#include <string>

namespace rz::testing {

/// The part of config/rz.yaml that has an entry of every type of check, each key with its default
/// or its example; the keys of every type are explained in the first entry. It is made from the
/// schema, so that a new type of check writes its own.
std::string example_checks();

}  // namespace rz::testing
