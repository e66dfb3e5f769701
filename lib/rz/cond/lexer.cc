#include "rz/cond/lexer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "rz/base/text.h"
#include "rz/cond/character.h"
#include "rz/cond/unit_literal.h"

namespace rz::cond {
namespace {

// Longer than any that means something, so that reading stays linear.
constexpr std::size_t kMaxUnitLiteral = 64;

// Python's str.isspace() for ASCII, by which the old system separated tokens.
bool is_separator(char c) { return is_space(c) || (c >= '\x1c' && c <= '\x1f'); }

bool starts_name(char c) { return is_alpha(c) || c == '_'; }
bool continues_name(char c) { return starts_name(c) || is_digit(c); }

TokenKind keyword_or_name(std::string_view word) {
  static constexpr std::pair<std::string_view, TokenKind> kKeywords[] = {
      {"and", TokenKind::kw_and}, {"or", TokenKind::kw_or},     {"not", TokenKind::kw_not},
      {"in", TokenKind::kw_in},   {"true", TokenKind::kw_true}, {"false", TokenKind::kw_false}};
  for (const auto& [name, kind] : kKeywords) {
    if (word == name) return kind;
  }
  return TokenKind::name;
}

struct Operator {
  std::string_view text;
  TokenKind kind;
};

// Longest first.
constexpr std::array<Operator, 16> kOperators = {{{">=", TokenKind::greater_equal},
                                                  {"<=", TokenKind::less_equal},
                                                  {"==", TokenKind::equal},
                                                  {"!=", TokenKind::not_equal},
                                                  {">", TokenKind::greater},
                                                  {"<", TokenKind::less},
                                                  {"+", TokenKind::plus},
                                                  {"-", TokenKind::minus},
                                                  {"*", TokenKind::star},
                                                  {"/", TokenKind::slash},
                                                  {"%", TokenKind::percent},
                                                  {"(", TokenKind::left_paren},
                                                  {")", TokenKind::right_paren},
                                                  {"[", TokenKind::left_bracket},
                                                  {"]", TokenKind::right_bracket},
                                                  {",", TokenKind::comma}}};

// Operators of other languages, and what to write here.
constexpr std::pair<std::string_view, std::string_view> kForeign[] = {
    {"&&", "write 'and' instead of '&&'"},
    {"||", "write 'or' instead of '||'"},
    {"=>", "write '>=' instead of '=>'"},
    {"=<", "write '<=' instead of '=<'"},
    {"=", "write '==' to compare; values cannot be assigned"},
    {"!", "write 'not' instead of '!'"},
    {"&", "write 'and' instead of '&'"},
    {"|", "write 'or' instead of '|'"},
    {".", "write the path of a member in backquotes, as in `a.b`"},
    {";", "a condition is one expression"}};

class Lexer {
 public:
  Lexer(std::string_view text, std::size_t max_tokens, std::vector<Diagnostic>& diagnostics)
      : text_(text), max_tokens_(max_tokens), diagnostics_(diagnostics) {
    tokens_.reserve(32);
  }

  std::vector<Token> run() {
    while (true) {
      while (at_ < text_.size() && is_separator(text_[at_])) ++at_;
      if (at_ == text_.size()) break;
      // Bytes that are not a token count, too, so that binary input does not give an endless list
      // of errors.
      if (tokens_.size() + diagnostics_.size() >= max_tokens_) {
        report(at_, text_.size(),
               "more than " + std::to_string(max_tokens_) + " tokens; split the condition");
        break;
      }
      next();
    }
    // The end is where the last token ends: that is where something is missing, not lines below.
    const std::size_t end = tokens_.empty() ? 0 : tokens_.back().span.end;
    tokens_.push_back({TokenKind::end, span(end, end)});
    return std::move(tokens_);
  }

 private:
  static Span span(std::size_t begin, std::size_t end) {
    return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
  }

  char peek(std::size_t ahead) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void add(TokenKind kind, std::size_t size) {
    tokens_.push_back({kind, span(at_, at_ + size)});
    at_ += size;
  }

  void report(std::size_t begin, std::size_t end, std::string message) {
    diagnostics_.push_back({span(begin, end), std::move(message)});
  }

  void next() {
    const char c = text_[at_];
    if (is_digit(c) || (c == '.' && is_digit(peek(1))))
      return add(TokenKind::number, number_size());
    if (const std::size_t foreign = foreign_word_size()) return foreign_word(foreign);
    if (starts_name(c)) {
      std::size_t size = 1;
      while (continues_name(peek(size))) ++size;
      return add(keyword_or_name(text_.substr(at_, size)), size);
    }
    if (c == '"' || c == '\'') return quoted(c);
    if (c == '`') return quoted_name();
    for (const Operator& op : kOperators) {
      if (text_.substr(at_, op.text.size()) == op.text) return add(op.kind, op.text.size());
    }
    foreign();
  }

  // A number takes the unit after it: `5m`, `1h30m`, `10MiB`. Other letters are a word of their
  // own, as in the old language: `2and` is two tokens.
  std::size_t number_size() const {
    const std::size_t plain = plain_number_size();
    if (!is_alpha(peek(plain))) return plain;
    std::size_t size = plain;
    while (size <= kMaxUnitLiteral && (is_alpha(peek(size)) || is_digit(peek(size)) ||
                                       (peek(size) == '.' && is_digit(peek(size + 1))))) {
      ++size;
    }
    const bool unit = size <= kMaxUnitLiteral && read_unit_literal(text_.substr(at_, size));
    return unit ? size : plain;
  }

  // `1 1. .5 0.5`, with an exponent only where digits follow, so that `2else` stays two words.
  std::size_t plain_number_size() const {
    std::size_t size = 0;
    while (is_digit(peek(size))) ++size;
    if (peek(size) == '.') {
      ++size;
      while (is_digit(peek(size))) ++size;
    }
    if (to_lower(peek(size)) == 'e') {
      std::size_t digits = size + 1;
      if (peek(digits) == '+' || peek(digits) == '-') ++digits;
      if (is_digit(peek(digits))) {
        size = digits;
        while (is_digit(peek(size))) ++size;
      }
    }
    return size;
  }

  void quoted(char quote) {
    for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
      if (text_[i] == '\\') {
        ++i;
      } else if (text_[i] == quote) {
        return add(TokenKind::string, i + 1 - at_);
      }
    }
    report(at_, text_.size(), std::string("the string is not closed; a ") + quote + " is missing");
    at_ = text_.size();
  }

  // The size of a word with characters beyond ASCII, which would be a name in backquotes; 0: there
  // is none.
  std::size_t foreign_word_size() const {
    bool foreign = false;
    std::size_t size = 0;
    for (;;) {
      const char c = peek(size);
      if (size == 0 ? starts_name(c) : continues_name(c)) {
        ++size;
        continue;
      }
      const std::string_view rest = text_.substr(std::min(at_ + size, text_.size()));
      if (static_cast<unsigned char>(c) < 0x80 || advice_for(rest) != nullptr) break;
      const std::string name = name_character(rest);
      if (name.front() != '\'') break;
      size += name.size() - 2;
      foreign = true;
    }
    return foreign ? size : 0;
  }

  void foreign_word(std::size_t size) {
    const std::string word(text_.substr(at_, size));
    report(at_, at_ + size,
           "'" + word + "' is not a plain name; put it in backquotes: `" + word + "`");
    at_ += size;
  }

  // Two backquotes inside are one of the name's.
  void quoted_name() {
    const std::size_t line_end = std::min(text_.find('\n', at_), text_.size());
    std::size_t end = at_ + 1;
    while (end < line_end && (text_[end] != '`' || peek(end + 1 - at_) == '`')) {
      end += text_[end] == '`' ? 2 : 1;
    }
    if (end >= line_end) {
      report(at_, line_end, "the name is not closed; a ` is missing");
      at_ = line_end;
      return;
    }
    const std::size_t size = end + 1 - at_;
    if (size == 2) report(at_, end + 1, "a name is missing between the backquotes");
    if (find_invalid_utf8(text_.substr(at_, size))) report(at_, end + 1, "invalid UTF-8 in a name");
    add(TokenKind::name, size);
  }

  void foreign() {
    for (const auto& [spelling, advice] : kForeign) {
      if (text_.substr(at_, spelling.size()) != spelling) continue;
      report(at_, at_ + spelling.size(),
             "unexpected '" + std::string(spelling) + "'; " + std::string(advice));
      at_ += spelling.size();
      return;
    }
    // A run of bytes that are not a token is one error: a stray character of several bytes, or
    // binary input.
    std::size_t end = at_ + 1;
    while (end < text_.size() && static_cast<unsigned char>(text_[end]) >= 0x80) ++end;
    const std::string_view bytes = text_.substr(at_, end - at_);
    const char* const advice = advice_for(bytes);
    report(at_, end,
           find_invalid_utf8(bytes)
               ? "invalid UTF-8"
               : "unexpected character " + name_character(bytes) +
                     (advice == nullptr ? "" : std::string("; write ") + advice));
    at_ = end;
  }

  // What to write instead of characters that word processors and chats put in; nullptr: not one of
  // them.
  static const char* advice_for(std::string_view bytes) {
    static constexpr std::pair<std::string_view, const char*> kAdvice[] = {
        {"“", "a straight quote, \""},
        {"”", "a straight quote, \""},
        {"‘", "a straight quote, '"},
        {"’", "a straight quote, '"},
        {"\u00a0", "an ordinary space"},
        {"≥", "'>='"},
        {"≤", "'<='"},
        {"≠", "'!='"},
        {"–", "'-'"},
        {"−", "'-'"}};
    for (const auto& [character, advice] : kAdvice) {
      if (bytes.starts_with(character)) return advice;
    }
    return nullptr;
  }

  std::string_view text_;
  std::size_t max_tokens_;
  std::vector<Diagnostic>& diagnostics_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

std::optional<char> escaped(char c) {
  switch (c) {
    case 'n': return '\n';
    case 't': return '\t';
    case 'r': return '\r';
    case '\\':
    case '\'':
    case '"': return c;
    default: return std::nullopt;
  }
}

}  // namespace

std::vector<Token> lex(std::string_view text, std::size_t max_tokens,
                       std::vector<Diagnostic>& diagnostics) {
  return Lexer(text, max_tokens, diagnostics).run();
}

bool is_word(std::string_view name) {
  return keyword_or_name(name) != TokenKind::name || equals_ignore_case(name, "always");
}

bool is_identifier(std::string_view name) {
  return !name.empty() && starts_name(name.front()) &&
         std::all_of(name.begin(), name.end(), continues_name) && !is_word(name);
}

std::string name_of(std::string_view token) {
  if (!token.starts_with('`')) return std::string(token);
  std::string name;
  for (std::size_t i = 1; i + 1 < token.size(); ++i) {
    name += token[i];
    if (token[i] == '`') ++i;
  }
  return name;
}

std::string unquote(std::string_view text, Span span, std::vector<Diagnostic>& diagnostics) {
  std::string value;
  for (std::uint32_t i = span.begin + 1; i + 1 < span.end; ++i) {
    if (text[i] != '\\') {
      value += text[i];
      continue;
    }
    ++i;
    if (const auto c = escaped(text[i])) {
      value += *c;
    } else {
      value += text[i];
      diagnostics.push_back({{i - 1, i + 1},
                             "unknown escape '\\" + printable(text.substr(i, 1)) +
                                 "'; use one of \\\\ \\' \\\" \\n \\t \\r"});
    }
  }
  if (find_invalid_utf8(value)) {
    diagnostics.push_back({span, "invalid UTF-8 in a string"});
  }
  return value;
}

}  // namespace rz::cond
