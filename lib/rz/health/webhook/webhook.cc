#include "rz/health/webhook/webhook.h"

#include "rz/base/json.h"
#include "rz/base/text.h"

namespace rz::health {
namespace {

constexpr WebhookProvider kProviders[] = {{"datadog", read_datadog}, {"newrelic", read_newrelic}};

}  // namespace

std::span<const WebhookProvider> webhook_providers() { return kProviders; }

Result<const WebhookProvider*> find_webhook_provider(std::string_view name) {
  std::vector<std::string> names;
  for (const WebhookProvider& provider : webhook_providers()) {
    if (equals_ignore_case(provider.name, name)) return &provider;
    names.emplace_back(provider.name);
  }
  return fail(ErrorCode::invalid_argument,
              "'" + printable(name) + "' is not a provider whose payloads rz can read; use " +
                  join_or(names) + suggestion(name, names));
}

Result<WebhookReports> read_webhook(const WebhookProvider& provider, std::string_view payload) {
  if (payload.size() > kMaxPayloadBytes) {
    return fail(ErrorCode::invalid_argument,
                "is larger than " + humanize_size(kMaxPayloadBytes) + ", the most that is taken",
                "payload");
  }
  const auto document = parse_json(without_byte_order_mark(payload), "payload");
  if (!document) return fail(document.error());
  auto reports = provider.read(*document);
  if (reports && reports->size() > kMaxWebhookReports) {
    return fail(ErrorCode::invalid_argument,
                "holds more than " + std::to_string(kMaxWebhookReports) +
                    " reports, the most that is taken at once",
                "payload");
  }
  return reports;
}

}  // namespace rz::health
