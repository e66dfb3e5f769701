#pragma once

#include <utility>

#include "rz/base/result.h"

/// Returns the error of `...`, a Result, from the function around it; nothing happens if it has
/// none. For calls whose value is not needed.
#define TRY(...)                                        \
  do {                                                  \
    if (auto try_result = (__VA_ARGS__); !try_result) { \
      return ::rz::fail(std::move(try_result).error()); \
    }                                                   \
  } while (false)

/// Declares a variable with the value of a Result, or returns its error from the function around
/// it: `TRY_ASSIGN(const auto page, storage.read_log(log, range));`. Several statements, so it must
/// stand in a block of its own, never alone behind an `if`.
#define TRY_ASSIGN(variable, ...) TRY_ASSIGN_AS(TRY_NAME(__COUNTER__), variable, __VA_ARGS__)

// A name of its own for each result, so that two in one block do not meet.
#define TRY_NAME(number) TRY_JOIN(try_result_, number)
#define TRY_JOIN(a, b) a##b
#define TRY_ASSIGN_AS(result, variable, ...)                 \
  auto result = (__VA_ARGS__);                               \
  if (!result) return ::rz::fail(std::move(result).error()); \
  variable = *std::move(result)
