#include "rz/cond/explain_report.h"

#include "rz/base/error_value.h"
#include "rz/base/text.h"

namespace rz {
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

const char* state_name(State state) {
  switch (state) {
    case State::answered: return "answered";
    case State::skipped: return "skipped";
    case State::failed: return "failed";
  }
  return "";
}

std::string line_of(const ExplainedPart& part) {
  std::string line = std::string(outcome(part)) + "  " + printable(part.text);
  std::vector<std::string> operands;
  for (const auto& [text, value] : part.operands) {
    operands.push_back(printable(text) + (value == "missing" ? " is " : " = ") + printable(value));
  }
  if (!operands.empty()) line += "  [" + join(operands, ", ") + "]";
  if (part.decides) line += "  decides";
  return line;
}

void add_lines(const ExplainedPart& part, const std::string& indent, std::string& text) {
  for (std::size_t i = 0; i < part.parts.size(); ++i) {
    const bool last = i + 1 == part.parts.size();
    text.append("\n").append(indent).append(last ? "└─ " : "├─ ").append(line_of(part.parts[i]));
    add_lines(part.parts[i], indent + (last ? "   " : "│  "), text);
  }
}

Value to_value(const ExplainedPart& part) {
  Value value = Value::object({{"text", part.text}, {"state", state_name(part.state)}});
  value.set("result", part.state == State::answered ? Value(part.answer) : Value());
  value.set("decides", part.decides);
  if (!part.operation.empty()) {
    value.set("operation", part.operation);
    Value parts = Value::array();
    for (const ExplainedPart& child : part.parts) parts.push_back(to_value(child));
    value.set("parts", std::move(parts));
  } else {
    Value operands = Value::array();
    for (const auto& [text, shown] : part.operands) {
      operands.push_back(Value::object({{"text", text}, {"value", shown}}));
    }
    value.set("operands", std::move(operands));
  }
  return value;
}

}  // namespace

std::string to_text(const Explanation& explanation) {
  std::string text = line_of(explanation.root);
  add_lines(explanation.root, "", text);
  if (const auto& change = explanation.change) {
    text += "\n" + printable(change->variable) + " is " + printable(change->is) + ", needs " +
            printable(change->needs) + " for " + (change->answer ? "true" : "false");
    if (!change->then.empty()) text += ", and then " + printable(change->then) + " is needed";
  }
  return text;
}

Value to_value(const Explanation& explanation) {
  const bool answered = explanation.root.state == State::answered;
  Value value = Value::object({{"schema", "rz.cond.explain/1"}});
  value.set("expression", explanation.root.text);
  value.set("result", answered ? Value(explanation.root.answer) : Value());
  value.set("change", Value());
  if (const auto& change = explanation.change) {
    value.set("change", Value::object({{"variable", change->variable},
                                       {"is", change->is},
                                       {"needs", change->needs},
                                       {"result", change->answer},
                                       {"then", change->then.empty() ? Value() : change->then}}));
  }
  if (explanation.error) value.set("error", to_value(*explanation.error));
  value.set("explanation", to_value(explanation.root));
  return value;
}

}  // namespace rz
