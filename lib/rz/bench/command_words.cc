#include "rz/bench/command_words.h"

#include <algorithm>
#include <optional>
#include <set>

#include "rz/base/text.h"

namespace rz::bench {
namespace {

constexpr std::string_view kForShell = "|&;<>()$`*?[]#~!{}";

/// Reads words as a shell does.
class CommandSplitter {
 public:
  explicit CommandSplitter(std::string_view text) : text_(text) {}

  Result<std::vector<std::string>> split() {
    for (at_ = 0; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (quote_ == 0 && kForShell.find(c) != std::string_view::npos) {
        return fail(ErrorCode::invalid_argument,
                    std::string("'") + c +
                        "' is for a shell, and none is started; quote it, or name one: "
                        "sh -c '…'");
      }
      take(c);
    }
    if (quote_ != 0) return fail(ErrorCode::invalid_argument, "a quote is not closed");
    end_word();
    if (words_.empty()) return fail(ErrorCode::invalid_argument, "names no program");
    return std::move(words_);
  }

 private:
  void take(char c) {
    if (quote_ == 0 && is_space(c)) {
      end_word();
    } else if (quote_ == 0 && (c == '\'' || c == '"')) {
      quote_ = c;
      begun_ = true;
    } else if (c == quote_) {
      quote_ = 0;
    } else if (c == '\\' && quote_ != '\'' && at_ + 1 < text_.size()) {
      add(text_[++at_]);
    } else {
      add(c);
    }
  }

  void add(char c) {
    word_ += c;
    begun_ = true;
  }

  void end_word() {
    if (begun_) words_.push_back(std::move(word_));
    word_.clear();
    begun_ = false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  char quote_ = 0;
  bool begun_ = false;  ///< An empty pair of quotes is a word.
  std::string word_;
  std::vector<std::string> words_;
};

// A colon at the end of a name would run into that of a message.
bool is_plain(std::string_view word) {
  return !word.empty() && !word.ends_with(':') &&
         std::none_of(word.begin(), word.end(), is_space) &&
         word.find_first_of("'\"\\") == std::string_view::npos &&
         word.find_first_of(kForShell) == std::string_view::npos;
}

}  // namespace

Result<std::vector<std::string>> split_command(std::string_view text) {
  return CommandSplitter(text).split();
}

std::string join_command(const std::vector<std::string>& argv) {
  std::string text;
  for (const std::string& word : argv) {
    if (!text.empty()) text += ' ';
    if (is_plain(word)) {
      text += word;
      continue;
    }
    text += '\'';
    for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    text += '\'';
  }
  return text;
}

namespace {

constexpr std::size_t kMaxChoices = 1'000;

/// `1..9` or `0..100..20`; nothing if it is none.
std::optional<std::vector<std::string>> parse_numbers(std::string_view text) {
  const std::size_t dots = text.find("..");
  if (dots == std::string_view::npos) return std::nullopt;
  std::string_view last = text.substr(dots + 2);
  std::optional<std::int64_t> step = 1;
  if (const std::size_t more = last.find(".."); more != std::string_view::npos) {
    step = parse_int(last.substr(more + 2));
    last = last.substr(0, more);
  }
  const auto from = parse_int(text.substr(0, dots));
  const auto to = parse_int(last);
  std::vector<std::string> values;
  // Numbers with dots are meant as a range; without values it is refused.
  if (from && to && (!step || *step < 1)) return values;
  if (!from || !to) return std::nullopt;
  for (std::int64_t value = *from; value <= *to && values.size() <= kMaxChoices;) {
    values.push_back(std::to_string(value));
    if (__builtin_add_overflow(value, *step, &value)) break;
  }
  return values;
}

}  // namespace

Result<Choices> parse_choices(std::string_view text) {
  const std::size_t equals = text.find('=');
  Choices choices{std::string(text.substr(0, equals))};
  if (equals != std::string_view::npos) {
    const std::string_view list = text.substr(equals + 1);
    if (auto numbers = parse_numbers(list)) {
      choices.values = *std::move(numbers);
    } else {
      for (const std::string_view value : split(list, ',')) choices.values.emplace_back(value);
    }
  }
  const std::set<std::string> distinct(choices.values.begin(), choices.values.end());
  if (choices.name.empty() || choices.values.empty() || choices.values.size() > kMaxChoices ||
      distinct.size() < choices.values.size()) {
    return fail(ErrorCode::invalid_argument,
                "'" + printable(text) +
                    "' is not up to 1000 different values; write it like "
                    "level=1,5,9, level=1..9, or level=0..100..20");
  }
  return choices;
}

void insert_choice(std::vector<std::string>& words, const std::string& name,
                   const std::string& value) {
  const std::string place = "{" + name + "}";
  for (std::string& word : words) {
    for (std::size_t at = 0; (at = word.find(place, at)) != std::string::npos; at += value.size()) {
      word.replace(at, place.size(), value);
    }
  }
}

}  // namespace rz::bench
