#include "rz/health/judging/http_expectation.h"

#include <algorithm>
#include <span>
#include <utility>

#include "rz/base/json.h"
#include "rz/base/json_pointer.h"
#include "rz/base/text.h"

namespace rz::health {
namespace {

constexpr std::size_t kMaxShownColumns = 60;

std::string text_of(StatusRange range) {
  return std::to_string(range.min) +
         (range.min == range.max ? "" : "-" + std::to_string(range.max));
}

// `expect.contains[1]`: how the configuration names it.
std::string key_of(std::string_view key, std::size_t index) {
  return "expect." + std::string(key) + "[" + std::to_string(index) + "]";
}

Result<std::vector<std::shared_ptr<const Regex>>> compile(
    const std::vector<std::string>& patterns) {
  std::vector<std::shared_ptr<const Regex>> compiled;
  for (const std::string& pattern : patterns) {
    auto regex = compile_regex(pattern);
    if (!regex) return fail(std::move(regex).error());
    compiled.push_back(*std::move(regex));
  }
  return compiled;
}

/// A value of the document, as a condition takes it; nothing for null, arrays and objects.
struct ConditionInput {
  const std::optional<Condition>* condition = nullptr;
  ConditionValue value;
};

ConditionInput input_of(const Value& value, const ValueCondition& when) {
  if (const auto* number = value.as_int()) return {&when.number, *number};
  if (const auto* number = value.as_double()) return {&when.number, *number};
  if (const auto* text = value.as_string()) return {&when.text, std::string_view(*text)};
  if (const auto* boolean = value.as_bool()) return {&when.boolean, *boolean};
  return {};
}

const std::string& text_of(const ValueCondition& when) {
  return (when.number ? when.number : when.text ? when.text : when.boolean)->text();
}

// How the body is encoded; empty: as it is.
std::string encoding_of(const net::HttpResponse& response) {
  for (const auto& [name, value] : response.headers) {
    if (name == "content-encoding" && !equals_ignore_case(trim(value), "identity")) return value;
  }
  return {};
}

// The first part of the pointer that stands twice in its object, so that nobody knows which of them
// is meant; empty: none does.
std::string_view repeated_part(const Value& document, std::string_view pointer) {
  for (std::size_t end = 0; end < pointer.size();) {
    const Value* object = find_at(document, pointer.substr(0, end));
    end = std::min(pointer.find('/', end + 1), pointer.size());
    const std::string_view part = pointer.substr(0, end);
    const Value* member = find_at(document, part);
    if (object == nullptr || member == nullptr || object->as_object() == nullptr) continue;
    const auto& members = *object->as_object();
    const auto named = std::find_if(members.begin(), members.end(),
                                    [&](const auto& each) { return &each.second == member; });
    const auto count = std::count_if(members.begin(), members.end(),
                                     [&](const auto& each) { return each.first == named->first; });
    if (count > 1) return part;
  }
  return {};
}

// What is wrong with the value at the pointer; nothing if it is as it must be.
std::optional<std::string> find_json_problem(const Value& document,
                                             const JsonExpectation& expectation) {
  const std::string expected = ", expected " + text_of(expectation.when);
  const std::string where =
      expectation.pointer.empty() ? "the body" : printable(expectation.pointer);
  const Value* value = find_at(document, expectation.pointer);
  if (value == nullptr) return where + " is missing in the body" + expected;
  const ConditionInput input = input_of(*value, expectation.when);
  if (input.condition == nullptr) {
    return where + " is " + (value->is_null() ? "null" : std::string("an ") + value->type_name()) +
           expected;
  }
  const std::string found = where + " is " + ellipsize(to_json(*value), kMaxShownColumns);
  if (!*input.condition) return found + expected;
  const auto holds = (*input.condition)->evaluate(std::span(&input.value, 1));
  if (!holds) return found + ", of which " + text_of(expectation.when) + " cannot be told";
  return *holds ? std::nullopt : std::optional(found + expected);
}

}  // namespace

std::optional<StatusRange> parse_status_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const auto min = parse_int(trim(text.substr(0, dash)));
  const auto max = dash == std::string_view::npos ? min : parse_int(trim(text.substr(dash + 1)));
  if (!min || !max || *min < 100 || *max > 599 || *min > *max) return std::nullopt;
  return StatusRange{static_cast<int>(*min), static_cast<int>(*max)};
}

Result<HttpJudge> HttpJudge::make(HttpExpectation expectation) {
  HttpJudge judge(std::move(expectation));
  auto matches = compile(judge.expectation_.matches);
  if (!matches) return fail(std::move(matches).error());
  auto not_matches = compile(judge.expectation_.not_matches);
  if (!not_matches) return fail(std::move(not_matches).error());
  judge.matches_ = *std::move(matches);
  judge.not_matches_ = *std::move(not_matches);
  return judge;
}

std::string HttpJudge::expected_status() const {
  std::vector<std::string> each;
  for (const auto& status : expectation_.status) each.push_back(text_of(status));
  return join_or(each);
}

void HttpJudge::judge(const net::HttpResponse& response, Findings& findings) const {
  const bool expected =
      std::any_of(expectation_.status.begin(), expectation_.status.end(), [&](StatusRange range) {
        return range.min <= response.status && response.status <= range.max;
      });
  if (!expected) {
    // What is in an error page tells nothing more.
    const bool failed = response.status >= 500;
    return findings.add(
        failed ? HealthStatus::unhealthy : HealthStatus::degraded,
        "got " + std::to_string(response.status) + ", expected " + expected_status());
  }
  if (!expectation_.asks_for_body()) return;
  if (const std::string encoding = encoding_of(response); !encoding.empty()) {
    return findings.add(HealthStatus::unknown,
                        "the body is encoded as " + printable(encoding) +
                            ", so that what is expected of it cannot be told");
  }
  judge_texts(response, findings);
  if (!expectation_.json.empty()) judge_json(response, findings);
}

void HttpJudge::judge_texts(const net::HttpResponse& response, Findings& findings) const {
  const std::string& body = response.body;
  const std::string rest =
      response.body_cut ? " in its first " + humanize_size(body.size()) + "; the rest was not read"
                        : "";
  const auto demand = [&](std::string_view key, std::size_t i, bool found, bool wanted) {
    const std::string name = key_of(key, i);
    if (!wanted && found) {
      findings.add(HealthStatus::degraded, "the body holds what " + name + " excludes");
    } else if (!wanted && response.body_cut) {
      findings.add(HealthStatus::unknown, "the body does not hold " + name + rest);
    } else if (wanted && !found) {
      // It may come in the rest.
      findings.add(response.body_cut ? HealthStatus::unknown : HealthStatus::degraded,
                   "the body does not hold " + name + rest);
    }
  };
  const HttpExpectation& expected = expectation_;
  for (std::size_t i = 0; i < expected.contains.size(); ++i) {
    demand("contains", i, body.find(expected.contains[i]) != std::string::npos, true);
  }
  for (std::size_t i = 0; i < expected.not_contains.size(); ++i) {
    demand("not_contains", i, body.find(expected.not_contains[i]) != std::string::npos, false);
  }
  for (std::size_t i = 0; i < matches_.size(); ++i) {
    demand("matches", i, matches_[i]->find(body).has_value(), true);
  }
  for (std::size_t i = 0; i < not_matches_.size(); ++i) {
    demand("not_matches", i, not_matches_[i]->find(body).has_value(), false);
  }
}

void HttpJudge::judge_json(const net::HttpResponse& response, Findings& findings) const {
  if (response.body_cut) {
    return findings.add(HealthStatus::unknown, "the body is longer than " +
                                                   humanize_size(response.body.size()) +
                                                   ", which is too long to be read as JSON");
  }
  const auto document = parse_json(response.body, "body");
  if (!document) {
    return findings.add(HealthStatus::degraded,
                        "the body is not JSON (" + document.error().where + ")");
  }
  for (const JsonExpectation& expectation : expectation_.json) {
    const std::string_view repeated = repeated_part(*document, expectation.pointer);
    if (!repeated.empty()) {
      findings.add(HealthStatus::unknown,
                   printable(repeated) + " stands twice in the body; which of them is meant?");
      continue;
    }
    if (const auto problem = find_json_problem(*document, expectation)) {
      findings.add(HealthStatus::degraded, *problem);
    }
  }
}

}  // namespace rz::health
