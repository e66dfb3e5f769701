#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rz/base/clock.h"
#include "rz/base/result.h"

namespace rz {

/// A place in a text, both from 1. Columns count code points.
struct Place {
  std::size_t line = 1;
  std::size_t column = 1;

  auto operator<=>(const Place&) const = default;
};

/// The bounds of a number or duration, both allowed.
template <class T>
struct Range {
  T min, max;
};

/// The least and the longest that a timeout may be.
inline constexpr Range<Millis> kTimeoutRange = {Millis{1}, std::chrono::hours{24}};

/// A word of the file and what it stands for.
template <class T>
struct Choice {
  const char* name;
  T value;
};

/// What is to be known of one option beside its value. The texts live as long as the program.
struct Field {
  std::string_view key;
  /// What it is for, in whole sentences. The manual's entry begins with it.
  std::string_view sentence;
  /// A value as YAML writes it, where the default is none or tells little.
  std::string_view example{};
  /// Who cannot do without it, as in `an http check`; empty: it may be left out.
  std::string_view needed_by{};
  /// What is said of an empty text, as in `is empty; name a component`; empty: it is allowed.
  std::string_view when_empty{};
};

/// One of the sorts of entry that a list has: `redis`, `http`.
struct Kind {
  std::string_view name;
  std::string_view summary;  ///< A whole sentence.
};

/// What is wrong with a text in a language of its own, and what is only doubtful. `where` of each
/// ends with `:LINE:COLUMN` within the text.
struct TextProblems {
  std::vector<Error> errors;
  std::vector<Error> doubts;
};

/// A mapping of names to words, as `{unknown: degraded}`.
using NamedWords = std::vector<std::pair<std::string, std::string>>;

/// Which names and words such a mapping takes.
struct NamedWordsType {
  std::vector<std::string> words;
  std::vector<std::string> names;  ///< Empty: any that `name_problem` lets pass.
  /// All that is to be said of a wrong name; nothing if it is right.
  std::function<std::optional<std::string>(const std::string& name)> name_problem;
};

/// Is shown every option of a struct, by the function visit_fields() that stands beside the struct,
/// in the order in which they are read and shown. MapReader fills them from a file, SchemaBuilder
/// writes down what there is; so an option is declared once. The value that an option has when it
/// is shown is its default.
///
/// Every member function that takes a field and an option returns whether a right value was read
/// into it; one that reads nothing returns false and leaves the option alone.
class FieldVisitor {
 public:
  using Visit = std::function<void(FieldVisitor&)>;

  virtual ~FieldVisitor() = default;

  virtual bool text(const Field& field, std::string& option) = 0;
  /// A text in which a password may stand: it is shown without. Never empty.
  virtual bool url(const Field& field, std::string& option) = 0;
  /// A file; one that is relative is seen from the folder of the configuration.
  virtual bool path(const Field& field, std::string& option) = 0;
  /// The content of a file, which is never shown. The variable of the environment goes before it.
  virtual bool secret(const Field& field, std::string& option, std::string_view variable = {}) = 0;
  virtual bool boolean(const Field& field, bool& option) = 0;
  virtual bool integer(const Field& field, std::optional<std::int64_t>& option,
                       Range<std::int64_t> range) = 0;
  /// An integer, or the word `none`, which stands for an option without a value.
  virtual bool limit(const Field& field, std::string_view none, std::optional<std::int64_t>& option,
                     Range<std::int64_t> range) = 0;
  virtual bool duration(const Field& field, std::optional<Millis>& option, Range<Millis> range) = 0;
  virtual bool percent(const Field& field, std::optional<double>& option) = 0;
  /// Bytes: a plain number of them, or one with a unit, as `10MiB`.
  virtual bool size(const Field& field, std::optional<std::uint64_t>& option) = 0;
  /// A number with or without decimals.
  virtual bool number(const Field& field, std::optional<double>& option, Range<double> range) = 0;
  virtual bool texts(const Field& field, std::vector<std::string>& option) = 0;
  /// A list of texts, among which numbers stand for their texts.
  virtual bool texts_or_numbers(const Field& field, std::vector<std::string>& option) = 0;
  /// A program and its arguments; numbers stand for their texts.
  virtual bool command(const Field& field, std::vector<std::string>& option) = 0;
  /// A condition, which `parse` reads; nothing is filled into it.
  virtual bool condition(const Field& field,
                         const std::function<TextProblems(const std::string& text)>& parse) = 0;
  /// A mapping that is given replaces the option; its wrong members are told and left out.
  virtual bool named_words(const Field& field, NamedWords& option, const NamedWordsType& type) = 0;
  /// One of `names`, by number; `current` is that of the default, or their count if there is none.
  virtual std::optional<std::size_t> word(const Field& field, std::span<const std::string> names,
                                          std::size_t current) = 0;
  /// Which of `kinds` an entry of a list is. Where that cannot be told, nothing else of the entry
  /// is asked for.
  virtual std::optional<std::size_t> kind(const Field& field, std::span<const Kind> kinds) = 0;

  /// A mapping, visited whether it is given or not.
  virtual bool section(const Field& field, const Visit& visit) = 0;
  /// A mapping, visited by a reader only if it is given.
  virtual bool optional_section(const Field& field, const Visit& visit) = 0;
  /// A list of mappings; a reader visits once for each entry.
  virtual void list(const Field& field, const Visit& visit) = 0;
  /// Of these two keys one must be given, and not the other; else `message` is told.
  virtual void either(std::string_view one, std::string_view other, std::string_view message) = 0;

  // What a reader knows beside the values. There is nothing of it where nothing is read.

  virtual bool has(std::string_view) const { return false; }
  /// Where the value of `key` stands; without it, where the mapping does.
  virtual Place place_of(std::string_view) const { return {}; }
  /// Where each entry of the list at `key` stands.
  virtual std::vector<Place> places_in(std::string_view) const { return {}; }
  /// `path` as it is seen from the folder of the configuration.
  virtual std::string resolved(const std::string& path) const { return path; }
  /// An error at the value of `key`, or at the mapping.
  virtual void error(std::string_view, std::string) {}
  virtual void error_at(Place, std::string) {}
  /// As error, for a message that may quote the value: where something was filled into that, the
  /// message is that the text which was filled in `is_wrong`.
  virtual void value_error(std::string_view, std::string, std::string_view) {}
  virtual void warn(std::string_view, const std::string&) {}

  template <std::integral T>
  bool integer(const Field& field, T& option, Range<T> range) {
    std::optional<std::int64_t> read = static_cast<std::int64_t>(option);
    const bool given = integer(field, read,
                               Range<std::int64_t>{static_cast<std::int64_t>(range.min),
                                                   static_cast<std::int64_t>(range.max)});
    option = static_cast<T>(*read);
    return given;
  }

  bool duration(const Field& field, Millis& option, Range<Millis> range) {
    std::optional<Millis> read = option;
    const bool given = duration(field, read, range);
    option = *read;
    return given;
  }

  bool percent(const Field& field, double& option) {
    std::optional<double> read = option;
    const bool given = percent(field, read);
    option = *read;
    return given;
  }

  template <class T>
  bool choice(const Field& field, T& option, std::span<const Choice<T>> choices) {
    std::vector<std::string> names;
    std::size_t current = choices.size();
    for (std::size_t i = 0; i < choices.size(); ++i) {
      names.emplace_back(choices[i].name);
      if (choices[i].value == option) current = i;
    }
    const auto found = word(field, names, current);
    if (found) option = choices[*found].value;
    return found.has_value();
  }
};

}  // namespace rz
