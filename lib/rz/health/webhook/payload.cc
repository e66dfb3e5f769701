#include "rz/health/webhook/payload.h"

#include <fmt/format.h>
#include <algorithm>

#include <cstdint>
#include <utility>

#include "rz/base/text.h"
#include "rz/health/stored_record.h"

namespace rz::health {
namespace {

constexpr std::size_t kMaxMessage = 4000;

// The beginning of `text` with at most `size` bytes, without half a character at its end.
std::string_view beginning(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) --size;
  return text.substr(0, size);
}

// FNV-1a: the same on every machine, for names that differ only in what is cut off.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

std::string name_that_fits(std::string name) {
  if (name.size() <= kMaxRecordName) return name;
  const std::string end = fmt::format("… {:016x}", hash_of(name));
  return std::string(beginning(name, kMaxRecordName - end.size())) + end;
}

std::string message_that_fits(const std::string& message) {
  if (message.size() <= kMaxMessage) return message;
  return std::string(beginning(message, kMaxMessage)) + "…";
}

}  // namespace

PayloadObject::PayloadObject(const Value& object, std::string path)
    : object_(object), path_(std::move(path)) {
  if (object.as_object() == nullptr) {
    refuse("", std::string("expected an object, but this is ") + object.type_name());
  } else if (const auto name = object.repeated_name()) {
    refuse(*name, "stands here twice; which of them is meant?");
  }
}

void PayloadObject::refuse(std::string_view key, std::string message) {
  if (error_) return;
  const std::string dot = path_.empty() || key.empty() ? "" : ".";
  error_ = Error{ErrorCode::parse, std::move(message),
                 printable("payload" + std::string(path_.empty() && key.empty() ? "" : ".") +
                           path_ + dot + std::string(ellipsize(printable(key), 60)))};
}

std::optional<std::string> PayloadObject::text_of(const Value& value, std::string_view key) {
  if (const std::string* text = value.as_string()) {
    return text->empty() ? std::nullopt : std::optional(*text);
  }
  if (const std::int64_t* integer = value.as_int()) return std::to_string(*integer);
  if (const double* number = value.as_double()) return format_double(*number);
  if (!value.is_null()) {
    refuse(key, std::string("expected a text, but this is of type ") + value.type_name());
  }
  return std::nullopt;
}

std::optional<std::string> PayloadObject::text(std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    const Value* member = object_.find(key);
    if (member == nullptr) continue;
    if (auto text = text_of(*member, key)) return text;
  }
  return std::nullopt;
}

std::vector<std::string> PayloadObject::texts(std::string_view key) {
  const Value* member = object_.find(key);
  if (member == nullptr) return {};
  std::vector<std::string> texts;
  const Value::Array single{*member};
  const Value::Array* list = member->as_array();
  for (const Value& each : list != nullptr ? *list : single) {
    if (auto text = text_of(each, key)) texts.push_back(std::move(*text));
  }
  return texts;
}

bool PayloadObject::set(std::string_view key) const {
  const Value* member = object_.find(key);
  if (member == nullptr || member->is_null()) return false;
  const std::int64_t* integer = member->as_int();
  return integer == nullptr || *integer != 0;
}

namespace {}  // namespace

Result<WebhookReports> read_batch(const Value& payload, std::string_view key,
                                  std::initializer_list<std::string_view> required,
                                  std::pair<std::string, ComponentReport> (*read)(PayloadObject&)) {
  const std::string where = "payload." + std::string(key);
  const Value& list = *payload.find(key);
  if (list.as_array() == nullptr) {
    return fail(ErrorCode::parse,
                std::string("expected a list, but this is of type ") + list.type_name(), where);
  }
  WebhookReports reports;
  for (const Value& each : *list.as_array()) {
    PayloadObject object(each, fmt::format("{}[{}]", key, reports.size()));
    if (object.error()) return fail(*object.error());
    const bool any = std::any_of(required.begin(), required.end(),
                                 [&](std::string_view name) { return object.has(name); });
    if (!any)
      object.refuse(
          "", "expected an object with " + join_or(std::span(required.begin(), required.size())));
    if (object.error()) return fail(*object.error());
    reports.push_back(read(object));
    if (object.error()) return fail(*object.error());
    if (reports.size() > kMaxWebhookReports) break;
  }
  return reports;
}

std::string status_of_severity(std::string_view severity) {
  const std::string word = to_lower(trim(severity));
  if (word == "critical" || word == "error" || word == "failure") return "failed";
  if (word == "warning" || word == "warn" || word == "degraded") return "degraded";
  return "healthy";
}

std::string status_of_alarm_severity(std::string_view severity) {
  static constexpr std::string_view kHarmless[] = {
      "info",   "informational", "information", "success",       "ok",        "normal",
      "none",   "notice",        "debug",       "healthy",       "recovered", "resolved",
      "closed", "user_update",   "snapshot",    "recommendation"};
  const std::string word = to_lower(trim(severity));
  const std::string known = status_of_severity(word);
  const bool harmless =
      std::find(std::begin(kHarmless), std::end(kHarmless), word) != std::end(kHarmless);
  return known == "healthy" && !harmless ? "degraded" : known;
}

std::pair<std::string, ComponentReport> webhook_report(std::string_view provider,
                                                       std::string component, std::string status,
                                                       std::string message) {
  ComponentReport report{.status = std::move(status),
                         .message = message_that_fits(message),
                         .metadata = Value::object({{"source", provider}})};
  return {name_that_fits(std::move(component)), std::move(report)};
}

}  // namespace rz::health
