#include "rz/bench/command_words.h"

#include <algorithm>

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

}  // namespace rz::bench
