#pragma once

#include <doctest/doctest.h>

#include "rz/base/result.h"

/// Lets a failed `CHECK(error == Error{…})` show both.
template <>
struct doctest::StringMaker<rz::Error> {
  static String convert(const rz::Error& error) {
    return (std::string(rz::to_string(error.code)) + " '" + error.message + "' at '" + error.where +
            "'")
        .c_str();
  }
};
