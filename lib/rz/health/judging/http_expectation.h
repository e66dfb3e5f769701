#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/field_visitor.h"
#include "rz/base/regex.h"
#include "rz/base/result.h"
#include "rz/cond/condition.h"
#include "rz/health/judging/findings.h"
#include "rz/net/http_client.h"

namespace rz::health {

struct StatusRange {
  int min = 200;
  int max = 200;

  bool operator==(const StatusRange&) const = default;
};

/// `200`, or `300-399`; nothing if it is neither, or outside of 100 to 599.
std::optional<StatusRange> parse_status_range(std::string_view text);

/// A condition over `value`, which may be a number, a text or a boolean. It is read once for each
/// of these types; one for which it makes no sense is empty.
struct ValueCondition {
  std::optional<Condition> number;
  std::optional<Condition> text;
  std::optional<Condition> boolean;
};

/// What must hold of a value in the body.
struct JsonExpectation {
  std::string pointer;  ///< RFC 6901.
  ValueCondition when;
};

/// What an answer must be like.
struct HttpExpectation {
  std::vector<StatusRange> status{StatusRange{}};  ///< One of these.
  std::vector<std::string> contains{};             ///< Texts that the body must hold,
  std::vector<std::string> not_contains{};
  std::vector<std::string> matches{};  ///< and regular expressions that must be found in it.
  std::vector<std::string> not_matches{};
  std::vector<JsonExpectation> json{};

  /// Whether anything is expected of the body.
  bool asks_for_body() const {
    return !(contains.empty() && not_contains.empty() && matches.empty() && not_matches.empty() &&
             json.empty());
  }
};

/// The keys of `expect`.
void visit_fields(FieldVisitor& fields, HttpExpectation& expectation);

/// Whether a section with keys of `expect` was given for nothing.
bool asserts_nothing(const FieldVisitor& fields, const HttpExpectation& expectation);

/// An expectation with its regular expressions compiled.
class HttpJudge {
 public:
  /// Errors: parse, unavailable (compile_regex).
  static Result<HttpJudge> make(HttpExpectation expectation);

  /// `200, 204 or 300-399`.
  std::string expected_status() const;

  /// Adds to `findings` what is not as expected, and what was found instead. A 5xx that is not
  /// expected is unhealthy; anything else degraded, as the service answers; a body of which only a
  /// part was kept, so that a text may be in the rest, or that is encoded (compressed), so that
  /// nobody looked into it, unknown. Texts that are looked for are named by their key: they may be
  /// secrets.
  void judge(const net::HttpResponse& response, Findings& findings) const;

 private:
  explicit HttpJudge(HttpExpectation expectation) : expectation_(std::move(expectation)) {}
  void judge_texts(const net::HttpResponse& response, Findings& findings) const;
  void judge_json(const net::HttpResponse& response, Findings& findings) const;

  HttpExpectation expectation_;
  std::vector<std::shared_ptr<const Regex>> matches_;
  std::vector<std::shared_ptr<const Regex>> not_matches_;
};

}  // namespace rz::health
