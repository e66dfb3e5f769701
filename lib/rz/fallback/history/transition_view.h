#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/fallback/history/transition.h"

namespace rz::fallback {

/// A record of the history whose texts stand where it was read from: a list of a million records
/// need not copy them. The members are those of Transition.
struct TransitionView {
  TimePoint timestamp{};
  Mode from = Mode::primary;
  Mode to = Mode::primary;
  std::string_view reason;
  std::string_view trigger;
  std::string_view actor;
  std::string_view host;
  std::optional<std::int64_t> epoch;
  std::string_view detail;
  std::string_view writer;
  /// The record as a report shows it: what to_json(to_value(copy())) returns, without its closing
  /// brace.
  std::string_view json_without_end;

  bool changes_mode() const { return from != to; }
  bool legacy() const { return !epoch.has_value() && trigger.empty(); }
  Transition copy() const;
};

/// Reads a record in exactly the form in which encode() writes it: the names in their order, no
/// escapes, nothing that a terminal would obey. Nearly all records have that form, and reading it
/// checks all of it, so that the text may be shown as it is. Nothing for any other form: that is
/// for the JSON parser.
std::optional<TransitionView> read_encoded(std::string_view stored);

/// Reads stored records one after the other, and keeps what a view of the last one needs.
class TransitionDecoder {
 public:
  /// The view is valid until the next call, and as long as `stored` is.
  /// Errors: corrupt, naming the field.
  Result<TransitionView> decode(std::string_view stored);

  /// A view of a record. It is valid until the next call, and as long as `transition` is.
  TransitionView view_of(const Transition& transition);

 private:
  Transition decoded_;
  std::string json_;
};

}  // namespace rz::fallback
