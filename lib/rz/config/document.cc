#include <algorithm>
#include <string>

#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/config/config.h"
#include "rz/config/yaml.h"

namespace rz::config {
namespace {

Value to_value(YamlNode node) {
  if (node.kind == YamlNode::Kind::sequence) {
    Value::Array array;
    array.reserve(node.items.size());
    for (YamlNode& item : node.items) array.push_back(to_value(std::move(item)));
    return array;
  }
  if (node.kind == YamlNode::Kind::mapping) {
    Value::Object object;
    object.reserve(node.members.size());
    for (YamlMember& member : node.members) {
      object.emplace_back(std::move(member.key), to_value(std::move(member.value)));
    }
    return object;
  }
  return std::move(node.value);
}

std::string_view without_space(std::string_view text) {
  text = without_byte_order_mark(text);
  return trim(text);
}

// Text that begins like `{"` or `[{"`: YAML is hardly ever written so.
bool is_meant_as_json(std::string_view text) {
  while (!text.empty() && (text.front() == '{' || text.front() == '[')) {
    text = trim(text.substr(1));
    if (text.starts_with('"')) return true;
  }
  return false;
}

}  // namespace

Result<Value> parse_document(std::string_view text, std::string_view where) {
  const std::string_view content = without_space(text);
  if (content.starts_with('{') || content.starts_with('[')) {
    auto json = parse_json(text, where);
    // A flow mapping of YAML can begin like JSON, so text that is not JSON goes to the YAML reader.
    // Where JSON was meant, the message of the JSON reader helps more. YAML has a limit of size
    // that JSON does not have.
    if (json || is_meant_as_json(content) || text.size() > kMaxYamlBytes) return json;
  }
  YamlDocument document = read_yaml(text);
  if (document.diagnostics.empty()) return to_value(std::move(document.root));
  const Diagnostic& first =
      *std::min_element(document.diagnostics.begin(), document.diagnostics.end(),
                        [](const Diagnostic& a, const Diagnostic& b) { return a.place < b.place; });
  return fail(ErrorCode::parse, first.message,
              std::string(where) + ":" + std::to_string(first.place.line) + ":" +
                  std::to_string(first.place.column));
}

}  // namespace rz::config
