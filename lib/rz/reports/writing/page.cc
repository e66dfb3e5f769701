#include "rz/reports/writing/page.h"

#include "rz/base/json.h"
#include "rz/base/text.h"

namespace rz::reports {
namespace {

std::string_view escape_of(Color color) {
  switch (color) {
    case Color::none: return "";
    case Color::green: return "\x1b[32m";
    case Color::yellow: return "\x1b[33m";
    case Color::red: return "\x1b[31m";
    case Color::cyan: return "\x1b[36m";
    case Color::bold: return "\x1b[1m";
    case Color::dim: return "\x1b[2m";
  }
  return "";
}

}  // namespace

void Page::json(const Value& value) { raw(to_json(value, pretty() ? 2 : 0) + "\n"); }

void Page::json(std::string_view schema, const Value& members) {
  Value document = Value::object({{"schema", std::string(schema)}});
  for (const auto& [name, member] : *members.as_object()) {
    if (name != "schema") document.set(name, member);
  }
  json(document);
}

std::string Page::paint(Color color_wanted, std::string printable) const {
  if (!color() || color_wanted == Color::none) return printable;
  return std::string(escape_of(color_wanted)).append(printable).append("\x1b[0m");
}

void Page::append(std::string& line, const Painted& piece) const {
  line += paint(piece.color, printable(piece.text));
}

void Page::append(std::string& line, std::string_view piece) { line += printable(piece); }

}  // namespace rz::reports
