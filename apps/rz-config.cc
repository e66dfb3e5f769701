// rz config: is the configuration right, what holds, and where did it come from.

#include <algorithm>
#include <string>
#include <utility>

#include "programs.h"
#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/cli/program.h"
#include "rz/config/json_schema.h"
#include "rz/config/mask_url.h"
#include "rz/config/missing_programs.h"
#include "rz/reports/config_findings.h"
#include "rz/reports/formats.h"
#include "rz/storage/storage_url.h"

namespace rz {
namespace {

using cli::Context;

constexpr const char* kSchema = "rz.config/1";

// Whether no key has a value from the file.
bool says_nothing(const config::Config& config) {
  return std::none_of(config.settings.begin(), config.settings.end(),
                      [&](const config::Setting& setting) {
                        return setting.origin.starts_with(config.path + ":");
                      });
}

Result<int> run_check(Context& context, const cli::Arguments& arguments) {
  const std::string file = arguments.operand("FILE").value_or("");
  const std::string path = file.empty() ? config::find_config(context.runtime().options().config,
                                                              config::process_environment)
                                              .value_or("")
                                        : file;
  config::CheckedConfig checked = config::check_config(path);
  // Of a wrong configuration only half may be there.
  Notices& found = checked.config.notices;
  if (checked.errors.empty())
    config::warn_of_missing_programs(checked.config, config::process_environment, found);
  context.runtime().notices().add(found);
  context.print(reports::ConfigFindings{.path = path,
                                        .name = checked.config.path,
                                        .errors = checked.errors,
                                        .warnings = found.warnings(),
                                        .checks = checked.config.health.checks.size(),
                                        .rules = checked.config.fallback.rules.size(),
                                        .says_nothing = says_nothing(checked.config)});
  if (checked.errors.empty()) return cli::kYes;
  if (context.json()) return cli::kCouldNotTell;
  return fail(config::join_errors(checked.errors));
}

// What flags and environment put in place of what the file says.
void apply_overrides(std::vector<config::Setting>& settings,
                     const runtime::RuntimeOptions& options) {
  for (config::Setting& setting : settings) {
    if (setting.path != "storage.url") continue;
    if (!options.storage_url.empty()) {
      setting.value = config::mask_url(options.storage_url);
      setting.origin =
          options.storage_source == "--storage" ? "flag --storage" : "environment RZ_STORAGE_URL";
    } else if (setting.value.is_null()) {
      if (const auto url = storage::default_storage_url()) setting.value = *url;
    }
  }
}

Result<int> run_show(Context& context, const cli::Arguments& arguments) {
  auto config = context.runtime().config();
  if (!config) return fail(std::move(config).error());
  reports::ConfigSettings shown{(*config)->path, (*config)->settings, arguments.has("--origin")};
  apply_overrides(shown.settings, context.runtime().options());
  context.print(shown);
  return cli::kYes;
}

// One that is named counts whether it is there or not. A file that can be read is the answer,
// whatever is wrong in it.
bool cannot_be_read(const std::string& path) {
  const auto loaded = config::load_config(path);
  // The place of the error is then the file itself, and not a line of it.
  return !loaded && loaded.error().where == path;
}

Result<int> run_path(Context& context, const cli::Arguments&) {
  const auto candidates =
      config::config_candidates(context.runtime().options().config, config::process_environment);
  const auto found =
      config::find_config(context.runtime().options().config, config::process_environment);
  if (found && cannot_be_read(*found)) {
    // The same words as of every other command.
    if (const auto config = context.runtime().config(); !config) return fail(config.error());
  }
  reports::ConfigSearch search{.found = found.value_or("")};
  for (const config::ConfigCandidate& candidate : candidates) {
    search.places.push_back({candidate.path, candidate.source});
  }
  context.print(search);
  if (context.json()) return found ? cli::kYes : cli::kNo;
  for (const config::ConfigCandidate& candidate : candidates) {
    const bool used = found == candidate.path;
    const std::string line = candidate.path + " (" + candidate.source + "): " +
                             (used               ? "read"
                              : candidate.counts ? "outranked"
                                                 : "not there");
    if (found) {
      context.note(line);
    } else {
      context.warn(line);
    }
  }
  return found ? cli::kYes : cli::kNo;
}

// The text of a file, for an editor to read: it has the same bytes wherever it goes, and no other
// format.
Result<int> run_schema(Context& context, const cli::Arguments&) {
  context.out().raw(to_json(config::json_schema(), 2) + "\n");
  return cli::kYes;
}

// ---- The commands

constexpr cli::Operand kCheckOperands[] = {
    {.name = "FILE", .about = "The file to check, - for standard input; else that in force"}};
constexpr cli::Option kShowOptions[] = {
    {.name = "--origin", .about = "Say where each value came from"}};

constexpr cli::Command kCommands[] = {
    {.name = "check",
     .summary = "Check a configuration; every defect is told at once",
     .examples = "rz config check\n"
                 "rz config check rz.yaml\n"
                 "generate-config | rz config check -",
     .operands = kCheckOperands,
     .formats = reports::kNamesFor<reports::ConfigFindings>,
     .exits = "0 right, 3 wrong",
     .schema = kSchema,
     .answer = "ok",
     .run = run_check},
    {.name = "show",
     .summary = "Show every value that is in force, never a secret",
     .examples = "rz config show --origin",
     .options = kShowOptions,
     .formats = reports::kNamesFor<reports::ConfigSettings>,
     .exits = "0 shown, 3 the configuration is wrong",
     .schema = kSchema,
     .run = run_show},
    {.name = "path",
     .summary = "Print which file is read; exit code 1 if there is none",
     .examples = "rz config path -v",
     .formats = reports::kNamesFor<reports::ConfigSearch>,
     .exits = "0 there is a file, 1 there is none, 3 the one that is named cannot be read",
     .schema = kSchema,
     .run = run_path},
    {.name = "schema",
     .summary = "Print the JSON schema of a configuration (draft 2020-12), for editors",
     .examples = "rz config schema > rz.schema.json",
     .formats = cli::kJson,
     .exits = "0 printed",
     .schema = kSchema,
     .run = run_schema},
};

constexpr cli::Program kProgram = {.name = "rz config",
                                   .summary = "Check and show the configuration.",
                                   .examples =
                                       "rz config check rz.yaml\n"
                                       "rz config show --origin\n"
                                       "rz config path",
                                   .commands = kCommands};

const apps::Registered registered(kProgram);

}  // namespace
}  // namespace rz
