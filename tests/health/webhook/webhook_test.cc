#include "rz/health/webhook/webhook.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "rz/base/text.h"
#include "rz/health/stored_record.h"
#include "rz/storage/memory_storage.h"
#include "support/results.h"

namespace rz::health {
namespace {

Result<WebhookReports> from_datadog(const std::string& payload) {
  return read_webhook(**find_webhook_provider("datadog"), payload);
}

std::string batch_of(std::size_t count) {
  std::string payload = R"({"events":[)";
  for (std::size_t i = 0; i < count; ++i)
    payload += i == 0 ? R"({"title":"a"})" : R"(,{"title":"a"})";
  return payload + "]}";
}

}  // namespace

TEST_CASE("a provider is found by its name, and the nearest is suggested") {
  CHECK(ok(find_webhook_provider("DataDog"))->name == "datadog");
  CHECK(ok(find_webhook_provider("newrelic"))->name == "newrelic");
  CHECK(message_of(find_webhook_provider("newrelics")) ==
        "'newrelics' is not a provider whose payloads rz can read; use datadog or newrelic; did "
        "you mean 'newrelic'?");
}

TEST_CASE("a payload that is no JSON, or too large, is refused whole") {
  CHECK(code_of(from_datadog("")) == ErrorCode::parse);
  CHECK(code_of(from_datadog("title=a")) == ErrorCode::parse);
  CHECK(code_of(from_datadog("{\"title\":\"\xff\"}")) == ErrorCode::parse);
  CHECK(code_of(from_datadog(R"({"title":"a"} {"title":"b"})")) == ErrorCode::parse);
  CHECK(code_of(from_datadog(R"({"title":"a","deep":)" + std::string(100'000, '['))) ==
        ErrorCode::parse);
  CHECK(message_of(from_datadog(R"({"title":")" + std::string(kMaxPayloadBytes, 'x') + "\"}")) ==
        "payload: is larger than 1.0 MiB, the most that is taken");
  CHECK(ok(from_datadog(batch_of(kMaxWebhookReports))).size() == kMaxWebhookReports);
  CHECK(message_of(from_datadog(batch_of(kMaxWebhookReports + 1))) ==
        "payload: holds more than 1000 reports, the most that is taken at once");
  CHECK(ok(from_datadog("\xEF\xBB\xBF{\"title\":\"a\"}")).size() == 1);
}

TEST_CASE("a name or a message that is too long is cut between characters") {
  const std::string common(250, 'x');
  std::string wide;
  for (int i = 0; i < 3000; ++i) wide += "ß";
  const auto reports =
      ok(from_datadog(R"({"events":[{"title":")" + common + R"(first"},{"title":")" + common +
                      R"(second"},{"title":")" + wide + R"(","text":")" + wide + R"("}]})"));
  for (const auto& [name, report] : reports) {
    CHECK(name.size() <= kMaxRecordName);
    CHECK_FALSE(find_invalid_utf8(name));
    CHECK_FALSE(find_invalid_utf8(report.message));
    CHECK(report.message.size() < 4010);
  }
  // Titles that differ only in what is cut off are of different components.
  CHECK(reports[0].first != reports[1].first);
  CHECK(ok(from_datadog(R"({"title":")" + common + R"(first"})"))[0].first == reports[0].first);
}

TEST_CASE("what was read can be stored, whatever is in its names") {
  ManualClock clock;
  storage::MemoryStorage storage(clock);
  ComponentRegistry registry(storage, clock);
  const auto reports =
      ok(from_datadog(R"({"events":[{"title":"\u001b[2J:*?\u0000","alert_type":"error"},)"
                      R"({"title":"\u202eevil","text":"\r\n"},{"title":" "}]})"));
  CHECK(ok(registry.report_all(reports)).size() == 3);
  std::vector<Error> unreadable;
  const auto stored = ok(registry.list(unreadable));
  CHECK(stored.size() == 3);
  CHECK(unreadable.empty());
  CHECK(*stored[0].metadata.find("source")->as_string() == "datadog");
}

}  // namespace rz::health
