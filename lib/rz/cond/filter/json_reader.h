#pragma once

#include <array>
#include <cstdint>
#include <forward_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rz/cond/filter/number.h"
#include "rz/cond/filter/record_reader.h"

namespace rz::cond {

/// Reads the values of variables out of records, each a JSON object (RFC 8259) on a line of its
/// own.
///
/// The whole record is checked, also the members that the condition does not name. A record is its
/// line, so an error in one cannot affect the next. Most records of a stream have the same members
/// in the same order and spacing: the text between the values of the last record is compared as a
/// whole, and parsed only where it differs.
///
/// Not thread-safe: one for each thread.
class JsonReader {
 public:
  /// `variables` must outlive it. `watched` names a member of which it shall tell whether a record
  /// has it; "" for none.
  explicit JsonReader(std::span<const Variable> variables, std::string_view watched = {});

  /// Reads the record at `begin`, which is not blank and is ended by a line feed. Each of `values`,
  /// in the order of the variables, is set: to monostate where there is no such member, or it is
  /// null. The last of equal members counts. Where no member has the very name of a variable, and
  /// it has a dot, it is a path: `a.b` is what `b` means in the object `a`. Strings are valid until
  /// the next call. Returns the place of the line feed, or nullptr: see problem().
  const char* read(const char* begin, std::span<ConditionValue> values);

  const RecordProblem& problem() const { return problem_; }

  /// Where the object of the last record ends, before its brace, and whether it had a member.
  const char* brace() const { return brace_; }
  bool empty_object() const { return empty_object_; }

  /// Whether the last record is a whole object, even if one of its values is of a wrong type.
  bool whole() const { return whole_; }
  /// Whether the last record, if whole, has the member that is watched.
  bool has_watched() const { return watched_ && watches_.back().value != nullptr; }

 private:
  static constexpr std::uint32_t kUnnamed = UINT32_MAX;

  /// The layout of one member: the text before its value, such as `{"severity":` or `, "step": `,
  /// and where the value goes.
  struct MemberLayout {
    static constexpr std::size_t kMaxWords = 5;
    std::array<std::uint64_t, kMaxWords> words{};
    std::uint64_t last_mask = 0;  ///< Which bytes of the last word count.
    std::uint32_t word_count = 0;
    std::uint32_t size = 0;
    std::uint32_t slot = kUnnamed;
    std::uint32_t watch = kUnnamed;
    bool number = false;  ///< The slot takes numbers.
  };

  /// A member whose place is kept: the first step of a path, or the one that is watched.
  struct Watch {
    std::string name;
    const char* value = nullptr;
  };

  /// A variable whose name may be a path.
  struct Path {
    std::uint32_t slot = 0;
    std::uint32_t watch = 0;  ///< Of its first step.
    std::string_view rest;
  };

  std::uint32_t watch(std::string_view name);

  template <bool kWatching>
  const char* read_record(const char* begin);
  template <bool kWatching>
  const char* read_unlike(const char* p, std::size_t member);
  void note(const MemberLayout& layout, const char* value);
  void read_paths();
  std::string_view read_key(const char*& p, std::string& unescaped);
  const char* find_member(const char* object, std::string_view name);
  static MemberLayout layout_of(std::uint32_t slot, VariableType type);

  bool matches(const char* p, const MemberLayout& layout) const;
  const char* read_member_layout(const char* p, MemberLayout& layout, bool first);
  void learn(MemberLayout& layout, const char* begin, std::size_t member);

  const char* read_value(const char* p, const MemberLayout& layout);
  const char* finish_number(const char* p, const char* end, NumberState state,
                            const MemberLayout& layout);
  const char* read_string_value(const char* p, const MemberLayout& layout);
  const char* read_literal_value(const char* p, const MemberLayout& layout);
  void set(const MemberLayout& layout, const ConditionValue& value);
  void mismatch(const MemberLayout& layout, const char* at, std::string_view found);

  const char* skip_nested(const char* p);
  const char* skip_scalar(const char* p);
  const char* skip_key(const char* p);
  const char* skip_string(const char* p, bool& escaped);
  const char* skip_escape(const char* p);

  const char* fail(const char* at, std::string message);
  const char* fail_no_object(const char* at);
  const char* fail_unexpected(const char* at, const char* expected);

  std::span<const Variable> variables_;
  std::vector<MemberLayout> layouts_;
  std::span<ConditionValue> values_;
  ValueProblems value_problems_;
  RecordProblem problem_;
  const char* brace_ = nullptr;
  bool empty_object_ = false;
  bool whole_ = false;
  std::vector<Watch> watches_;  ///< The one that is watched last.
  std::vector<Path> paths_;
  std::vector<bool> named_;  ///< Whether the record has a member of the variable's very name.
  bool watched_ = false;
  std::forward_list<std::string> unescaped_;
};

}  // namespace rz::cond
