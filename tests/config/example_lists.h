#pragma once

#include <string>

namespace rz::testing {

/// The part of config/rz.yaml that has an entry of every kind of a list of `health`, `checks` or
/// `metrics`: each key with its default or its example; the keys of every kind are explained in the
/// first entry. It is made from the schema, so that a new type of check or sink writes its own.
std::string example_list(const std::string& list);

}  // namespace rz::testing
