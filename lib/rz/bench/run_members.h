#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/result.h"
#include "rz/base/value.h"

/// Members of the documents in which runs of benchmarks are saved. Errors: parse, `where` being the
/// place, as `benchmarks[3].samples[2]`.
namespace rz::bench {

inline std::string member_place(const std::string& place, std::string_view key) {
  return place.empty() ? std::string(key) : place + "." + std::string(key);
}
inline std::string item_place(const std::string& place, std::size_t index) {
  return place + "[" + std::to_string(index) + "]";
}

/// A list of objects; at least one.
Result<const Value::Array*> objects_at(const Value& object, std::string_view key,
                                       const std::string& place);

/// A text that is not empty.
Result<std::string> name_at(const Value& object, std::string_view key, const std::string& place);

/// What a figure may be.
enum class Figures {
  times,   ///< From 1e-6 to 1e18: what is less no clock has measured.
  counts,  ///< From 0 to 1e18.
};

/// A number, multiplied by `factor`.
Result<double> figure_at(const Value& object, std::string_view key, const std::string& place,
                         Figures kind = Figures::counts, double factor = 1);

/// A whole number from 1 to a billion.
Result<std::size_t> count_at(const Value& object, std::string_view key, const std::string& place);

/// How many iterations a sample has: a whole number from 1 on; 1 where it is missing.
Result<std::uint64_t> iterations_at(const Value& object, const std::string& place);

/// Figures, each multiplied by `factor`; at least one.
Result<std::vector<double>> figures_at(const Value& object, std::string_view key,
                                       const std::string& place, Figures kind, double factor = 1);

}  // namespace rz::bench
