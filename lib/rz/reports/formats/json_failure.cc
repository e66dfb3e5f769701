#include <string>

#include "rz/base/error_value.h"
#include "rz/reports/failure.h"
#include "rz/reports/formats.h"

namespace rz::reports {

void Json::write(const Failure& failure, Page& page) {
  Value document = Value::object({{"schema", std::string(failure.schema)}});
  if (!failure.answer.empty()) document.set(std::string(failure.answer), nullptr);
  document.set("error", to_value(failure.error));
  page.json(document);
}

}  // namespace rz::reports
