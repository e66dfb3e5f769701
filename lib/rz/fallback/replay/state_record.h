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
/// when it was evaluated, by whom, and for which part of the system.
struct StateRecord {
  TimePoint at{};
  std::string host;
  std::string scope;  ///< Whose mode was decided; empty: that of the whole system.
  HealthState state;
};

/// `{"at","host","scope","complete",…}`: then the variables of the rules by their names, in the
/// order of their table; then `checks`, the status of each by its name, and `void`. Of `scope`,
/// `checks` and `void` only those that say something. One line, without its end.
std::string encode(const StateRecord& record);

/// Reads such a line, with its members in any order; other members are ignored. A variable that is
/// not there, since the rz that wrote the line did not have it, has the value that it has in a
/// state of which nothing is known. What could be misread is an error: a member that has another
/// type or stands there twice, a number below 0, a word that the variable cannot hold, a line
/// without any variable, or without one but with a name that is none. Errors: parse, naming the
/// member.
Result<StateRecord> decode_state_record(std::string_view line);

/// What a line says of the whole system, and for whom it says it.
struct RecordHead {
  TimePoint at{};
  std::string_view host{};
  std::string_view scope{};
  /// The values of policy_variable_table(), in its order; none of those without a place in a state.
  std::vector<ConditionValue> values{};
};

/// Reads lines as encode() writes them, without building a document. Not thread-safe.
class StateRecordReader {
 public:
  StateRecordReader();

  /// Reads the whole line. Null: it is laid out in another way, or wrong, and
  /// decode_state_record() has to say which; it reads whatever is answered here, and reads the
  /// same. The answer is valid until the next call, and as long as the line.
  const RecordHead* read(std::string_view line);

  /// The line that read() has just answered for. Valid until the next call of read().
  const StateRecord& record();

 private:
  bool read_tail(std::string_view tail);

  std::vector<std::string> keys_;         ///< `,"NAME":` of each variable.
  std::vector<ConditionValue> defaults_;  ///< Of a line that lacks the variable.
  RecordHead head_;
  /// Only what follows the variables is always that of the last line.
  StateRecord record_;
  /// What followed the variables there: most often it is the same in the next line. Empty: what
  /// `record_` has of it is of no line.
  std::string tail_;
  std::vector<std::string_view> names_;  ///< Of checks.
};

}  // namespace rz::fallback
