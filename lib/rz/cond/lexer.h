#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "rz/cond/diagnostic.h"
#include "rz/cond/token.h"

namespace rz::cond {

/// Splits `text`, of less than 4 GiB, into at most `max_tokens` tokens, and the end behind them,
/// which is not counted and has the place where the last one ends.
/// The old language's rules for white space, names, numbers and quotes hold: `2and` is two tokens,
/// `1.` and `.5` are numbers.
/// What is wrong goes to `diagnostics`: bytes that belong to no token, an unclosed string, one
/// token too many (then it stops there). Time and memory are linear in what was read.
std::vector<Token> lex(std::string_view text, std::size_t max_tokens,
                       std::vector<Diagnostic>& diagnostics);

/// Whether `name` is a word of the language: `and`, `or`, `not`, `in`, `true`, `false`, `always`.
bool is_word(std::string_view name);

/// Whether `name` can be written as it is: letters, digits and `_`, no digit first, and no word of
/// the language itself.
bool is_identifier(std::string_view name);

/// The name that a name token stands for: without its backquotes, if it has them; two of them
/// inside are one.
std::string name_of(std::string_view token);

/// The text of a string token without its quotes, escapes (`\\ \' \" \n \t \r`) replaced. A wrong
/// escape goes to `diagnostics`.
std::string unquote(std::string_view text, Span span, std::vector<Diagnostic>& diagnostics);

}  // namespace rz::cond
