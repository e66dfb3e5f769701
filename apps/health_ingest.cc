#include "health_ingest.h"

#include "rz/base/file.h"
#include "rz/health/configured_registry.h"
#include "rz/health/webhook/webhook.h"
#include "rz/reports/health_report.h"

namespace rz {

Result<int> ingest_webhook(cli::Context& context, const cli::Arguments& arguments) {
  const auto provider = health::find_webhook_provider(*arguments.operand("PROVIDER"));
  if (!provider) return fail(provider.error());
  const auto payload = read_file(arguments.operand("FILE").value_or("-"), health::kMaxPayloadBytes);
  if (!payload) return fail(payload.error());
  const auto reports = health::read_webhook(**provider, *payload);
  if (!reports) return fail(reports.error());
  const auto config = context.runtime().config();
  if (!config) return fail(config.error());
  const auto storage = context.runtime().lasting_storage();
  if (!storage) return fail(storage.error());
  auto registry =
      health::component_registry(**storage, context.runtime().clock(), (*config)->health);
  const auto components = registry.report_all(*reports);
  if (!components) return fail(components.error());
  context.print(reports::IngestedReports{reports->size(), *components});
  return cli::kYes;
}

}  // namespace rz
