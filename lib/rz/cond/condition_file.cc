#include "rz/cond/condition_file.h"

#include <algorithm>

#include "rz/base/text.h"
#include "rz/cond/diagnostic.h"
#include "rz/cond/lint.h"
#include "rz/cond/parser.h"

namespace rz::cond {
namespace {

std::string_view without_mark(std::string_view text) {
  text = without_byte_order_mark(text);
  return text;
}

// The line up to its comment. A string that is not closed ends with its line, so the `#` in it is
// the string's.
std::string_view without_comment(std::string_view line) {
  char quote = '\0';
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (quote != '\0') {
      if (line[i] == '\\' && quote != '`') {
        ++i;
      } else if (line[i] == quote) {
        quote = '\0';
      }
    } else if (line[i] == '#') {
      return line.substr(0, i);
    } else if (line[i] == '"' || line[i] == '\'' || line[i] == '`') {
      quote = line[i];
    }
  }
  return line;
}

// Without the blanks at the end (a CR among them), but with those that columns count.
std::string_view trim_end(std::string_view line) {
  while (!line.empty() && is_space(line.back())) line.remove_suffix(1);
  return line;
}

}  // namespace

ConditionFileReport check_condition_file(std::string_view text, std::string_view name,
                                         const ConditionOptions& options) {
  ConditionFileReport report;
  text = without_mark(text);
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trim_end(without_comment(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
    ++number;
    if (line.empty()) continue;
    std::vector<cond::Diagnostic> diagnostics;
    const cond::Ast ast = cond::parse(line, options, diagnostics);
    for (const cond::Diagnostic& diagnostic : diagnostics) {
      report.errors.push_back(cond::to_error(line, diagnostic, ErrorCode::parse, {name, number}));
    }
    if (diagnostics.empty()) {
      for (const cond::Diagnostic& diagnostic : cond::lint(ast)) {
        report.warnings.push_back(
            cond::to_error(line, diagnostic, ErrorCode::invalid_argument, {name, number}));
      }
    }
    ++report.conditions;
    if (!diagnostics.empty()) ++report.bad;
  }
  return report;
}

std::string without_comments(std::string_view text) {
  text = without_mark(text);
  std::string result;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    const std::string_view kept = without_comment(line);
    result.append(kept).append(line.size() - kept.size(), ' ');
    text.remove_prefix(line.size());
    if (text.empty()) break;
    result += '\n';
    text.remove_prefix(1);
  }
  return result;
}

Result<Condition> parse_condition_file(std::string_view text, std::string_view name,
                                       const ConditionOptions& options) {
  const std::string condition = without_comments(text);
  auto parsed = parse_condition(condition, options);
  if (parsed) return parsed;
  std::vector<cond::Diagnostic> diagnostics;
  (void)cond::parse(condition, options, diagnostics);
  return fail(cond::to_error(condition, diagnostics.front(), ErrorCode::parse, {name, 1}));
}

}  // namespace rz::cond
