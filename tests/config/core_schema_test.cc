#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "rz/config/yaml.h"

namespace rz::config {

TEST_CASE("plain scalars follow the core schema of YAML 1.2") {
  struct Row {
    const char* text;
    Value value;
  };
  const Row rows[] = {{"", nullptr},
                      {"~", nullptr},
                      {"null", nullptr},
                      {"NULL", nullptr},
                      {"nUll", "nUll"},
                      {"true", true},
                      {"True", true},
                      {"TRUE", true},
                      {"tRUE", "tRUE"},
                      {"false", false},
                      {"FALSE", false},
                      {"yes", "yes"},
                      {"no", "no"},
                      {"on", "on"},
                      {"off", "off"},
                      {"y", "y"},
                      {"0", 0},
                      {"-0", 0},
                      {"+12", 12},
                      {"-12", -12},
                      {"0123", 123},
                      {"0o17", 15},
                      {"0o8", "0o8"},
                      {"0x1F", 31},
                      {"0xfg", "0xfg"},
                      {"0x-1", "0x-1"},
                      {"-0x1", "-0x1"},
                      {"0o", "0o"},
                      {"1_000", "1_000"},
                      {"1.5", 1.5},
                      {"-.5", -0.5},
                      {"1.", 1.0},
                      {".", "."},
                      {"1e3", 1e3},
                      {"1E-3", 1e-3},
                      {"1.e+2", 100.0},
                      {"e3", "e3"},
                      {"1e", "1e"},
                      {"+", "+"},
                      {"--1", "--1"},
                      {"9223372036854775807", INT64_MAX},
                      {"-9223372036854775808", INT64_MIN},
                      {"9223372036854775808", 9223372036854775808.0},
                      {"9223372036854775809", "9223372036854775809"},
                      {"18446744073709551615", "18446744073709551615"},
                      {"1e-400", 0.0},
                      {"1e999", "1e999"},
                      {"inf", "inf"},
                      {"nan", "nan"},
                      {".inf", std::numeric_limits<double>::infinity()},
                      {"-.INF", -std::numeric_limits<double>::infinity()},
                      {"12:30:45", "12:30:45"},
                      {"2001-01-01", "2001-01-01"},
                      {"<<", "<<"}};
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK(resolve_plain_scalar(row.text) == row.value);
  }
  CHECK(std::isnan(*resolve_plain_scalar(".nan").as_double()));
}

}  // namespace rz::config
