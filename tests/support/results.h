#pragma once

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "rz/base/result.h"

namespace rz {

/// The value of `result`; an error fails the test. Not for other threads than the test's own.
template <class T>
T ok(Result<T> result) {
  REQUIRE_MESSAGE(result.has_value(), to_string(result.error()));
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

/// The error that `result` must be; a value fails the test.
template <class T>
Error error_of(const Result<T>& result) {
  REQUIRE_FALSE(result.has_value());
  return result.error();
}

/// The code of the error that `result` must be; nothing if it is none.
template <class T>
std::optional<ErrorCode> code_of(const Result<T>& result) {
  return result ? std::nullopt : std::optional(result.error().code);
}

/// The error of `result` as a person reads it; empty if there is none.
template <class T>
std::string message_of(const Result<T>& result) {
  return result ? "" : to_string(result.error());
}

}  // namespace rz
