#include <string>
#include <string_view>

#include "rz/reports/failure.h"
#include "rz/reports/formats.h"
#include "rz/reports/writing/github_annotations.h"

namespace rz::reports {
namespace {

// `rz health` of `rz.health/1`.
std::string program_of(std::string_view schema) {
  std::string name(schema.substr(0, schema.find_first_of("./", schema.find('.') + 1)));
  if (const std::size_t dot = name.find('.'); dot != std::string::npos) name[dot] = ' ';
  return name;
}

}  // namespace

void Github::write(const Failure& failure, Page& page) {
  write_annotations(
      "error",
      {{.title = program_of(failure.schema) + " could not tell", .text = to_string(failure.error)}},
      page);
}

}  // namespace rz::reports
