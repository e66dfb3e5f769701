#include <string>
#include <vector>

#include "rz/base/text.h"
#include "rz/reports/cond_reports.h"
#include "rz/reports/formats.h"

namespace rz::reports {
namespace {

using State = ExplainedPart::State;

const char* outcome(const ExplainedPart& part) {
  switch (part.state) {
    case State::answered: return part.answer ? "true" : "false";
    case State::skipped: return "skipped";
    case State::failed: return "failed";
  }
  return "";
}

// Behind it stand the condition and a caret, which the tree shows already.
std::string first_line(const std::string& message) { return message.substr(0, message.find('\n')); }

void write_part(const ExplainedPart& part, const std::string& before, Page& page) {
  std::vector<std::string> operands;
  for (const auto& [text, value] : part.operands) {
    operands.push_back(text + (value == "missing" ? " is " : " = ") + value);
  }
  page.line(before, outcome(part), "  ", part.text,
            operands.empty() ? "" : "  [" + join(operands, ", ") + "]",
            part.decides ? "  decides" : "");
}

void write_parts(const ExplainedPart& part, const std::string& indent, Page& page) {
  for (std::size_t i = 0; i < part.parts.size(); ++i) {
    const bool last = i + 1 == part.parts.size();
    write_part(part.parts[i], indent + (last ? "└─ " : "├─ "), page);
    write_parts(part.parts[i], indent + (last ? "   " : "│  "), page);
  }
}

}  // namespace

void Text::write(const CondAnswer& answer, Page& page) {
  page.line(answer.result ? "true" : "false");
}

// A line for each part:
//
//     false  severity >= 0.8 and step > 1
//     ├─ false  severity >= 0.8  [severity = 0.75]  decides
//     └─ skipped  step > 1
//     severity is 0.75, needs at least 0.8 for true, and then step is needed
void Text::write(const CondExplanation& explained, Page& page) {
  const Explanation& explanation = explained.explanation;
  write_part(explanation.root, "", page);
  write_parts(explanation.root, "", page);
  if (const auto& change = explanation.change) {
    page.line(change->variable, " is ", change->is, ", needs ", change->needs, " for ",
              change->answer ? "true" : "false",
              change->then.empty() ? "" : ", and then " + change->then + " is needed");
  }
  if (const auto& missing = explanation.missing) {
    page.line("false because a value is missing: ", first_line(missing->message));
  }
}

void Text::write(const CondCheck& check, Page& page) {
  if (check.found.errors.empty()) page.line("ok");
}

void Text::write(const FilterCounts& filter, Page& page) { page.line(filter.counts.matches); }

}  // namespace rz::reports
