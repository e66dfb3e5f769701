#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/result.h"
#include "rz/base/value.h"
#include "rz/health/webhook/webhook.h"

namespace rz::health {

/// An object of a payload, and where it stands in it. What is wrong is kept and not thrown: it
/// counts once, when everything was read.
class PayloadObject {
 public:
  /// `path`: `events[2]`; empty for the payload itself.
  PayloadObject(const Value& object, std::string path);

  bool has(std::string_view key) const { return object_.find(key) != nullptr; }

  /// The first of `keys` that has a text, or a number as one; an empty text or null counts as
  /// missing, as in the old system. A member of another type is an error.
  std::optional<std::string> text(std::initializer_list<std::string_view> keys);

  /// The texts of a list, or a single text; empty if there are none.
  std::vector<std::string> texts(std::string_view key);

  /// Whether there is a member with a value that is neither null nor 0.
  bool set(std::string_view key) const;

  const std::optional<Error>& error() const { return error_; }
  void refuse(std::string_view key, std::string message);

 private:
  std::optional<std::string> text_of(const Value& value, std::string_view key);

  const Value& object_;
  std::string path_;
  std::optional<Error> error_;
};

/// The objects of the list `key` of a payload, each read by `read`, or the first error of all. Each
/// must have one of the members `required`: without any it is something else.
Result<WebhookReports> read_batch(const Value& payload, std::string_view key,
                                  std::initializer_list<std::string_view> required,
                                  std::pair<std::string, ComponentReport> (*read)(PayloadObject&));

/// The status that a severity stands for: critical, error and failure are failed; warning, warn and
/// degraded are degraded; anything else is healthy. In any case of letters.
std::string status_of_severity(std::string_view severity);

/// As status_of_severity(), for a member that tells nothing but the severity of an alarm: a word
/// that is neither bad nor known to be harmless (`FATAL`, `P1`) is degraded, since nobody said that
/// all is well.
std::string status_of_alarm_severity(std::string_view severity);

/// A report of `component`, named and worded so that both can be stored: a name that is too long is
/// cut, and told apart from others by a number made of all of it.
std::pair<std::string, ComponentReport> webhook_report(std::string_view provider,
                                                       std::string component, std::string status,
                                                       std::string message);

}  // namespace rz::health
