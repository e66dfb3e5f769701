#include "rz/base/error_value.h"
#include "rz/reports/cond_reports.h"
#include "rz/reports/formats.h"

namespace rz::reports {
namespace {

using State = ExplainedPart::State;

const char* state_name(State state) {
  switch (state) {
    case State::answered: return "answered";
    case State::skipped: return "skipped";
    case State::failed: return "failed";
  }
  return "";
}

// A part has text, state, result, decides, and operation with parts, or operands.
Value part_value(const ExplainedPart& part) {
  Value value = Value::object({{"text", part.text}, {"state", state_name(part.state)}});
  value.set("result", part.state == State::answered ? Value(part.answer) : Value());
  value.set("decides", part.decides);
  if (!part.operation.empty()) {
    value.set("operation", part.operation);
    Value parts = Value::array();
    for (const ExplainedPart& child : part.parts) parts.push_back(part_value(child));
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

Value findings(const std::vector<Error>& all) {
  Value values = Value::array();
  for (const Error& error : all) {
    values.push_back(Value::object({{"where", error.where}, {"message", error.message}}));
  }
  return values;
}

}  // namespace

void Json::write(const CondAnswer& answer, Page& page) {
  page.json(Value::object(
      {{"schema", "rz.cond/1"}, {"expression", answer.expression}, {"result", answer.result}}));
}

void Json::write(const CondExplanation& explained, Page& page) {
  const Explanation& explanation = explained.explanation;
  const bool answered = explanation.root.state == State::answered;
  Value document = Value::object({{"schema", "rz.cond.explain/1"}});
  document.set("expression", explained.expression);
  document.set("result", answered ? Value(explanation.root.answer) : Value());
  document.set("change", Value());
  if (const auto& change = explanation.change) {
    document.set("change",
                 Value::object({{"variable", change->variable},
                                {"is", change->is},
                                {"needs", change->needs},
                                {"result", change->answer},
                                {"then", change->then.empty() ? Value() : change->then}}));
  }
  if (explanation.missing) document.set("missing", to_value(*explanation.missing));
  if (explanation.error) document.set("error", to_value(*explanation.error));
  document.set("explanation", part_value(explanation.root));
  page.json(document);
}

void Json::write(const CondCheck& check, Page& page) {
  page.json(Value::object({{"schema", "rz.cond.check/1"},
                           {"conditions", check.found.conditions},
                           {"bad", check.found.bad},
                           {"errors", findings(check.found.errors)},
                           {"warnings", findings(check.found.warnings)},
                           {"ok", check.found.errors.empty()}}));
}

void Json::write(const FilterCounts& filter, Page& page) {
  page.json(Value::object({{"schema", "rz.cond.filter/1"},
                           {"records", filter.counts.records},
                           {"matches", filter.counts.matches},
                           {"bad", filter.counts.bad}}));
}

}  // namespace rz::reports
