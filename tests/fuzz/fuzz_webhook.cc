#include <string>

#include "fuzz/fuzz_targets.h"
#include "rz/base/text.h"
#include "rz/health/stored_record.h"
#include "rz/health/webhook/webhook.h"

namespace rz::fuzz {

void webhook(std::string_view input) {
  for (const health::WebhookProvider& provider : health::webhook_providers()) {
    const auto reports = health::read_webhook(provider, input);
    if (!reports) {
      require(!reports.error().message.empty(), "a refusal says why");
      require(printable(reports.error().where) == reports.error().where, "a place is printable");
      continue;
    }
    require(reports->size() <= health::kMaxWebhookReports, "no more reports than are allowed");
    for (const auto& [name, report] : *reports) {
      require(!name.empty() && name.size() <= health::kMaxRecordName, "a name can be stored");
      require(!find_invalid_utf8(name) && !find_invalid_utf8(report.message), "texts are UTF-8");
      const std::string& status = report.status;
      require(status == "healthy" || status == "degraded" || status == "failed", "a known status");
    }
  }
}

}  // namespace rz::fuzz
