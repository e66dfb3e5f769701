#include "rz/config/settings.h"
#include "rz/reports/config_findings.h"
#include "rz/reports/formats.h"

namespace rz::reports {
namespace {

constexpr const char* kSchema = "rz.config/1";

Value path_or_null(const std::string& path) { return path.empty() ? Value() : Value(path); }

}  // namespace

void Json::write(const ConfigFindings& found, Page& page) {
  Value errors = Value::array();
  for (const Error& error : found.errors) {
    errors.push_back(Value::object({{"where", error.where}, {"message", error.message}}));
  }
  page.json(
      Value::object({{"schema", kSchema},
                     {"path", path_or_null(found.path)},
                     {"ok", found.errors.empty()},
                     {"errors", std::move(errors)},
                     {"warnings", Value::Array(found.warnings.begin(), found.warnings.end())}}));
}

void Json::write(const ConfigSearch& search, Page& page) {
  Value looked_at = Value::array();
  for (const ConfigPlace& place : search.places) {
    const bool used = !search.found.empty() && search.found == place.path;
    looked_at.push_back(
        Value::object({{"path", place.path}, {"source", place.source}, {"used", used}}));
  }
  page.json(Value::object({{"schema", kSchema},
                           {"path", path_or_null(search.found)},
                           {"candidates", std::move(looked_at)}}));
}

void Json::write(const ConfigSettings& shown, Page& page) {
  Value document = Value::object({{"schema", kSchema},
                                  {"path", path_or_null(shown.path)},
                                  {"config", config::nest(shown.settings)}});
  if (shown.origins) {
    Value origins = Value::object();
    for (const config::Setting& setting : shown.settings) {
      origins.as_object()->emplace_back(setting.path, setting.origin);
    }
    document.set("origins", std::move(origins));
  }
  page.json(document);
}

}  // namespace rz::reports
