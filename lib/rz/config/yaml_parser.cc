#include "rz/config/yaml_module.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <unordered_set>

#include "rz/base/text.h"

namespace rz::config {
namespace {

// The tree is converted and destroyed by recursion, so its depth must have a bound. Real documents
// are far below it.
constexpr std::size_t kMaxDepth = 200;
constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";

/// Turns byte offsets into places. Cheap where offsets grow, as those of a parser's events do: it
/// does not count a long line again for each of its nodes.
class PlaceFinder {
 public:
  explicit PlaceFinder(std::string_view text) : text_(text) {}

  Place at(std::size_t offset) {
    offset = std::min(offset, text_.size());
    if (offset < offset_) {
      offset_ = 0;
      place_ = {};
    }
    for (; offset_ < offset; ++offset_) {
      const auto byte = static_cast<unsigned char>(text_[offset_]);
      if (byte == '\n') {
        ++place_.line;
        place_.column = 1;
      } else if ((byte & 0xC0) != 0x80) {
        ++place_.column;
      }
    }
    // Inside a code point: its place is that of its first byte.
    const bool inside = offset < text_.size() && (text_[offset] & 0xC0) == 0x80;
    return inside ? Place{place_.line, place_.column - 1} : place_;
  }

 private:
  std::string_view text_;
  std::size_t offset_ = 0;
  Place place_;
};

// yaml-cpp accepts a quoted scalar that the end of the text cuts off.
bool quote_is_closed(std::string_view text, std::size_t offset) {
  const auto skip = [&](auto wanted) {
    while (offset < text.size() && wanted(text[offset])) ++offset;
  };
  while (offset < text.size() && (text[offset] == '!' || text[offset] == '&')) {
    skip([](char c) { return !is_space(c); });
    skip(is_space);
  }
  if (offset >= text.size()) return true;
  const char quote = text[offset];
  if (quote != '"' && quote != '\'') return true;
  for (++offset; offset < text.size(); ++offset) {
    if (text[offset] == '\\' && quote == '"') {
      ++offset;
    } else if (text[offset] == quote) {
      if (quote == '"' || offset + 1 >= text.size() || text[offset + 1] != quote) return true;
      ++offset;
    }
  }
  return false;
}

// yaml-cpp's messages, in words that tell a person what to do.
std::string explain(const YAML::Exception& error, std::string_view line) {
  const std::size_t indentation = std::min(line.find_first_not_of(" \t"), line.size());
  if (line.substr(0, indentation).find('\t') != std::string_view::npos) {
    return "a tab in the indentation; YAML wants spaces";
  }
  struct Translation {
    std::string_view from, to;
  };
  static const Translation kTranslations[] = {
      {YAML::ErrorMsg::MAP_VALUE,
       "a ':' where no value can stand; indent alike what belongs together, and quote a text that "
       "holds ': '"},
      {YAML::ErrorMsg::MAP_KEY, "a key where none can stand; indent alike what belongs together"},
      {YAML::ErrorMsg::BLOCK_ENTRY,
       "a '- ' where no list can stand; indent alike what belongs together"},
      {YAML::ErrorMsg::END_OF_SEQ_FLOW, "expected ',' or ']'"},
      {YAML::ErrorMsg::END_OF_MAP_FLOW, "expected ',' or '}'"},
      {YAML::ErrorMsg::END_OF_MAP, "expected 'key: value', indented like the keys above"},
      {YAML::ErrorMsg::END_OF_SEQ, "expected '- ', indented like the entries above"},
      {YAML::ErrorMsg::FLOW_END, "a ']' or '}' that closes nothing"},
      {YAML::ErrorMsg::UNKNOWN_TOKEN,
       "no value can begin like this; put a text that begins with @, `, % or the like in quotes"},
      {YAML::ErrorMsg::UNKNOWN_ANCHOR, "aliases are not read here; write the value out"},
  };
  for (const Translation& translation : kTranslations) {
    if (error.msg == translation.from) return std::string(translation.to);
  }
  return printable(error.msg);
}

/// Builds the tree from yaml-cpp's events. YAML::Node would lose the places of keys, silently keep
/// the first of equal keys, expand aliases without a limit, and recurse.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(std::string_view text, YamlDocument& document)
      : text_(text), places_(text), document_(document) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (!started_) {
      started_ = true;
      return;
    }
    const bool marked = text_.substr(offset_of(mark)).starts_with("---");
    throw YAML::ParserException(mark, marked ? "a second document begins here; one is read"
                                             : "more text after the end of the document");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    YamlNode node = make(YamlNode::Kind::scalar, mark);
    // yaml-cpp gives a missing value the mark of whatever comes next; the place of its key helps
    // more.
    if (!open_.empty() && open_.back().key && open_.back().key->place.line < node.place.line) {
      node.place = open_.back().key->place;
      node.offset = open_.back().key->offset;
    }
    add(std::move(node));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    YamlNode node = make(YamlNode::Kind::scalar, mark);
    add_diagnostic(node.place, "aliases are not read here; write the value out");
    node.invalid = true;
    add(std::move(node));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& text) override {
    YamlNode node = make(YamlNode::Kind::scalar, mark);
    node.text = text;
    if (!quote_is_closed(text_, node.offset)) {
      throw YAML::ParserException(mark, "this quote is never closed");
    }
    node.value = tag == "?" || tag.empty() ? resolve_plain_scalar(text) : tagged(tag, text, node);
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::sequence, mark, tag, "seq");
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::mapping, mark, tag, "map");
  }
  void OnMapEnd() override { close(); }

  /// Completes an error of yaml-cpp, which does not name the opening bracket: `; the list of line 2
  /// is not closed`.
  std::string unclosed(const std::string& message) const {
    const bool list = message == YAML::ErrorMsg::END_OF_SEQ_FLOW;
    if (!list && message != YAML::ErrorMsg::END_OF_MAP_FLOW) return "";
    const auto kind = list ? YamlNode::Kind::sequence : YamlNode::Kind::mapping;
    const auto opened = std::find_if(open_.rbegin(), open_.rend(),
                                     [&](const Open& open) { return open.node.kind == kind; });
    if (opened == open_.rend()) return "";
    return fmt::format("; the {} of line {} is not closed", list ? "list" : "mapping",
                       opened->node.place.line);
  }

  Place place_of(const YAML::Mark& mark) { return places_.at(offset_of(mark)); }

  std::size_t offset_of(const YAML::Mark& mark) const {
    return mark.pos < 0 ? text_.size() : std::min(static_cast<std::size_t>(mark.pos), text_.size());
  }

 private:
  struct Open {
    YamlNode node;
    std::optional<YamlNode> key;           ///< Of a mapping: the key whose value comes next.
    std::unordered_set<std::string> keys;  ///< Of a mapping: the keys so far.
  };

  YamlNode make(YamlNode::Kind kind, const YAML::Mark& mark) {
    YamlNode node;
    node.kind = kind;
    node.offset = offset_of(mark);
    node.place = places_.at(node.offset);
    return node;
  }

  void add_diagnostic(Place place, std::string message) {
    document_.diagnostics.push_back({place, std::move(message)});
  }

  Value tagged(const std::string& tag, const std::string& text, YamlNode& node) {
    if (tag == "!" || tag == std::string(kTagPrefix) + "str") return Value(text);
    Value value = resolve_plain_scalar(text);
    if (tag.starts_with(kTagPrefix)) {
      const std::string_view type = std::string_view(tag).substr(kTagPrefix.size());
      if (type == "int" && value.as_int()) return value;
      if (type == "float" && value.as_double()) return value;
      if (type == "float" && value.as_int()) return Value(static_cast<double>(*value.as_int()));
      if (type == "bool" && value.as_bool()) return value;
      if (type == "null" && value.is_null()) return value;
    }
    add_diagnostic(node.place, "the tag '" + printable(tag) + "' does not fit here; remove it");
    node.invalid = true;
    return value;
  }

  void open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
            std::string_view type) {
    if (open_.size() == kMaxDepth) {
      throw YAML::ParserException(mark, fmt::format("more than {} levels deep", kMaxDepth));
    }
    open_.push_back({make(kind, mark), std::nullopt, {}});
    if (!tag.empty() && tag != "?" && tag != "!" && tag != std::string(kTagPrefix).append(type)) {
      add_diagnostic(open_.back().node.place,
                     "the tag '" + printable(tag) + "' does not fit here; remove it");
    }
  }

  void close() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node));
  }

  void add(YamlNode node) {
    if (open_.empty()) {
      document_.root = std::move(node);
    } else if (Open& parent = open_.back(); parent.node.kind == YamlNode::Kind::sequence) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key) {
      parent.key = std::move(node);
    } else {
      add_member(parent, *std::exchange(parent.key, std::nullopt), std::move(node));
    }
  }

  void add_member(Open& parent, YamlNode key, YamlNode value) {
    if (key.kind != YamlNode::Kind::scalar || key.is_null()) {
      add_diagnostic(key.place, "a key must be a text");
    } else if (!parent.keys.insert(key.text).second) {
      add_diagnostic(key.place, "the key '" + printable(key.text) + "' is given twice; keep one");
    } else {
      parent.node.members.push_back({std::move(key.text), key.place, std::move(value)});
    }
  }

  std::string_view text_;
  PlaceFinder places_;
  YamlDocument& document_;
  std::vector<Open> open_;
  bool started_ = false;
};

/// Finds what must not reach yaml-cpp, which guesses at UTF-16 and invalid UTF-8, and takes a NUL
/// byte or 0x04 for the end of the text.
std::optional<Diagnostic> find_bad_text(std::string_view text) {
  if (text.size() > kMaxYamlBytes) {
    return Diagnostic{{},
                      fmt::format("{} of YAML; at most {} are read", humanize_size(text.size()),
                                  humanize_size(kMaxYamlBytes))};
  }
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    return Diagnostic{{}, "the text is UTF-16; save it as UTF-8"};
  }
  PlaceFinder places(text);
  if (const auto offset = find_invalid_utf8(text)) {
    const auto byte = static_cast<unsigned char>(text[*offset]);
    return Diagnostic{places.at(*offset),
                      fmt::format("the byte \\x{:02x} is not UTF-8; save the text as UTF-8", byte)};
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool line_end = byte == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
    if ((byte >= 0x20 && byte != 0x7F) || byte == '\n' || byte == '\t' || line_end) continue;
    if (byte == '\r') {
      return Diagnostic{places.at(i), "a carriage return without a line feed; end lines with \\n"};
    }
    return Diagnostic{places.at(i),
                      fmt::format("the control character \\x{:02x} is not allowed; in a "
                                  "text in double quotes it is written so",
                                  byte)};
  }
  return std::nullopt;
}

std::string_view line_at(std::string_view text, std::size_t offset) {
  const std::size_t newline = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
  const std::size_t start = newline == std::string_view::npos ? 0 : newline + 1;
  return text.substr(start, text.find('\n', start) - start);
}

}  // namespace

}  // namespace rz::config

extern "C" void rz_read_yaml(std::string_view text, rz::config::YamlDocument& document) {
  using namespace rz::config;
  text = rz::without_byte_order_mark(text);
  if (auto diagnostic = find_bad_text(text)) {
    document.diagnostics.push_back(*std::move(diagnostic));
    return;
  }
  TreeBuilder builder(text, document);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
    document.complete = true;
  } catch (const YAML::Exception& error) {
    const std::string_view line = line_at(text, builder.offset_of(error.mark));
    document.diagnostics.push_back(
        {builder.place_of(error.mark), explain(error, line) + builder.unclosed(error.msg)});
  }
}
