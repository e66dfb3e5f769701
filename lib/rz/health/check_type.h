#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "rz/base/clock.h"
#include "rz/base/field_visitor.h"
#include "rz/health/check_options.h"
#include "rz/health/health_check.h"
#include "rz/net/http_client.h"
#include "rz/storage/storage.h"

namespace rz::health {

/// Returns the store when it is first needed, so that a check can report that it cannot be opened.
using StorageSource = std::function<Result<Storage*>()>;

using HttpClientFactory = std::function<Result<std::unique_ptr<net::HttpClient>>()>;

/// What checks are made with.
struct CheckDependencies {
  StorageSource storage;
  HttpClientFactory http_client = net::make_http_client;
  Clock& clock = SystemClock::instance();
};

/// A type of check: everything that the rest of rz knows about it.
struct CheckType {
  std::string_view name;     ///< What `type` says in the configuration, and in a report.
  std::string_view summary;  ///< What it tells, a whole sentence.
  /// What it looks at, in the words of application/health+json: `datastore system component`.
  std::string_view component_type;
  /// New options, with the fields of this type visited; those of every check are not.
  std::shared_ptr<CheckOptions> (*fields)(FieldVisitor& fields);
  /// The check that `options`, which `fields` made, describe.
  std::shared_ptr<HealthCheck> (*make)(const CheckOptions& options,
                                       const CheckDependencies& dependencies);
};

/// The row of the type whose options are `Options`, which has its name as `kType`; visit_fields()
/// and make_health_check() of them stand beside it.
template <class Options>
constexpr CheckType check_type(std::string_view summary,
                               std::string_view component_type = "component") {
  return {.name = Options::kType,
          .summary = summary,
          .component_type = component_type,
          .fields = [](FieldVisitor& fields) -> std::shared_ptr<CheckOptions> {
            auto options = std::make_shared<Options>();
            visit_fields(fields, *options);
            return options;
          },
          .make =
              [](const CheckOptions& options, const CheckDependencies& dependencies) {
                return make_health_check(static_cast<const Options&>(options), dependencies);
              }};
}

/// Every type of check that a configuration can name, in the order in which lists show them.
std::span<const CheckType> check_types();

}  // namespace rz::health
