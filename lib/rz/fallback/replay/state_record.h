#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"
#include "rz/cond/condition.h"
#include "rz/health/health_state.h"

namespace rz::fallback {

/// What `rz cascade --record` keeps of a health state, a line each: all that a policy decides from,
/// when it was evaluated and by whom.
struct StateRecord {
  TimePoint at{};
  std::string host;
  HealthState state;
};

/// `{"at","host","complete",…}`: then the variables of the rules by their names, in the order of
/// their table; and, where there is something to say, `checks`, the status of each by its name, and
/// `void`. One line, without its end.
std::string encode(const StateRecord& record);

/// Reads such a line, with its members in any order; other members are ignored.
/// Errors: parse, naming the member.
Result<StateRecord> decode_state_record(std::string_view line);

/// The beginning of a line as encode() writes it, read without building anything.
struct RecordHead {
  TimePoint at{};
  std::string_view host{};
  /// The values of policy_variable_table(), in its order; none of `mode` and `dwell_seconds`.
  std::vector<ConditionValue> values{};
};

/// Reads the variables of lines that were written by encode(), quickly. Not thread-safe.
class RecordHeadReader {
 public:
  RecordHeadReader();

  /// Null: the line is laid out in another way, and must be read by decode_state_record(). The
  /// answer is valid until the next call, and as long as the line.
  const RecordHead* read(std::string_view line);

 private:
  std::vector<std::string> keys_;  ///< `,"NAME":` of each variable.
  RecordHead head_;
};

}  // namespace rz::fallback
