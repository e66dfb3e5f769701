#include "rz/bench/run_members.h"

namespace rz::bench {
namespace {

// A benchmark of many years; beyond it arithmetic with the figure would overflow somewhere.
constexpr double kMaxFigure = 1e18;
constexpr double kMinTime = 1e-6;
constexpr std::int64_t kMaxCount = 1'000'000'000;

tl::unexpected<Error> wrong_member(const std::string& place, const std::string& expected,
                                   const Value* found) {
  return fail(ErrorCode::parse,
              "expected " + expected + ", " +
                  (found == nullptr ? std::string("but it is missing")
                                    : std::string("got ") + found->type_name()),
              place);
}

std::optional<double> number_in(const Value& value) {
  if (const double* number = value.as_double()) return *number;
  if (const std::int64_t* number = value.as_int()) return static_cast<double>(*number);
  return std::nullopt;
}

Result<double> figure_in(const Value& value, const std::string& place, Figures kind,
                         double factor) {
  const auto number = number_in(value);
  if (!number) return wrong_member(place, "a number", &value);
  const double figure = *number * factor;
  // A number that is not one fails both comparisons.
  if (figure >= (kind == Figures::times ? kMinTime : 0) && figure <= kMaxFigure) return figure;
  return fail(ErrorCode::parse, "is not a figure that a benchmark can have", place);
}

}  // namespace

Result<const Value::Array*> objects_at(const Value& object, std::string_view key,
                                       const std::string& place) {
  const std::string at = member_place(place, key);
  const Value* found = object.find(key);
  const Value::Array* list = found == nullptr ? nullptr : found->as_array();
  if (list == nullptr) return wrong_member(at, "a list", found);
  if (list->empty()) return fail(ErrorCode::parse, "is empty", at);
  for (std::size_t i = 0; i < list->size(); ++i) {
    if ((*list)[i].as_object() == nullptr)
      return wrong_member(item_place(at, i), "an object", &(*list)[i]);
  }
  return list;
}

Result<std::string> name_at(const Value& object, std::string_view key, const std::string& place) {
  const Value* found = object.find(key);
  const std::string* text = found == nullptr ? nullptr : found->as_string();
  if (text == nullptr) return wrong_member(member_place(place, key), "a text", found);
  if (text->empty()) return fail(ErrorCode::parse, "is empty", member_place(place, key));
  return *text;
}

Result<double> figure_at(const Value& object, std::string_view key, const std::string& place,
                         Figures kind, double factor) {
  const Value* found = object.find(key);
  if (found == nullptr) return wrong_member(member_place(place, key), "a number", found);
  return figure_in(*found, member_place(place, key), kind, factor);
}

Result<std::size_t> count_at(const Value& object, std::string_view key, const std::string& place) {
  const Value* found = object.find(key);
  const std::int64_t* number = found == nullptr ? nullptr : found->as_int();
  if (number == nullptr) return wrong_member(member_place(place, key), "a whole number", found);
  if (*number < 1 || *number > kMaxCount) {
    return fail(ErrorCode::parse, "is not a number of samples", member_place(place, key));
  }
  return static_cast<std::size_t>(*number);
}

Result<std::uint64_t> iterations_at(const Value& object, const std::string& place) {
  const Value* found = object.find("iterations");
  if (found == nullptr) return std::uint64_t{1};
  const std::string at = member_place(place, "iterations");
  const std::int64_t* number = found->as_int();
  if (number == nullptr) return wrong_member(at, "a whole number", found);
  if (*number < 1) return fail(ErrorCode::parse, "is not a number of iterations", at);
  return static_cast<std::uint64_t>(*number);
}

Result<std::vector<double>> figures_at(const Value& object, std::string_view key,
                                       const std::string& place, Figures kind, double factor) {
  const std::string at = member_place(place, key);
  const Value* found = object.find(key);
  const Value::Array* list = found == nullptr ? nullptr : found->as_array();
  if (list == nullptr) return wrong_member(at, "a list of numbers", found);
  if (list->empty()) return fail(ErrorCode::parse, "is empty", at);
  std::vector<double> figures;
  figures.reserve(list->size());
  for (std::size_t i = 0; i < list->size(); ++i) {
    auto figure = figure_in((*list)[i], item_place(at, i), kind, factor);
    if (!figure) return fail(std::move(figure).error());
    figures.push_back(*figure);
  }
  return figures;
}

}  // namespace rz::bench
