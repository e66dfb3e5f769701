#include "rz/reports/writing/xml.h"

#include <fmt/format.h>

#include <cstdint>

#include "rz/base/text.h"

namespace rz::reports {
namespace {

constexpr std::string_view kReplacement = "\uFFFD";

// XML 1.0 cannot represent most control characters, nor U+FFFE and U+FFFF.
bool is_xml_character(char32_t c) {
  return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c != 0xFFFE && c != 0xFFFF);
}

std::string escaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const CodePoint c = decode_utf8(text);
    const std::string_view bytes = text.substr(0, c.size == 0 ? 1 : c.size);
    text.remove_prefix(bytes.size());
    if (c.size == 0 || !is_xml_character(c.value)) {
      out += kReplacement;
    } else if (is_unprintable(c.value) || std::string_view("<>&\"'").find(bytes) < 5) {
      out += fmt::format("&#{};", static_cast<std::uint32_t>(c.value));
    } else {
      out += bytes;
    }
  }
  return out;
}

// The start tag, up to its last character.
std::string tag(const XmlWriter::Element& element) {
  std::string text = fmt::format("<{}", element.name);
  for (const auto& [name, value] : element.attributes) {
    text += fmt::format(" {}=\"{}\"", name, escaped(value));
  }
  return text;
}

}  // namespace

XmlWriter::XmlWriter(Page& page) : page_(page) {
  page_.raw("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
}

void XmlWriter::open(const Element& element) {
  page_.raw(indent() + tag(element) + ">\n");
  open_.emplace_back(element.name);
}

void XmlWriter::close() {
  const std::string name = std::move(open_.back());
  open_.pop_back();
  page_.raw(fmt::format("{}</{}>\n", indent(), name));
}

void XmlWriter::add(const Element& element) { page_.raw(indent() + tag(element) + "/>\n"); }

void XmlWriter::add(const Element& element, const Element& within) {
  const std::string rest =
      within.text.empty() ? "/>" : fmt::format(">{}</{}>", escaped(within.text), within.name);
  page_.raw(
      fmt::format("{}{}>{}{}</{}>\n", indent(), tag(element), tag(within), rest, element.name));
}

}  // namespace rz::reports
