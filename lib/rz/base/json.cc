#include "rz/base/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_map>

#include "rz/base/text.h"

namespace rz {
namespace {

using Json = nlohmann::ordered_json;

// Values are written and destroyed by recursion, so their depth must have a bound. Real documents
// are far below it.
constexpr std::size_t kMaxDepth = 200;

/// Builds a Value from nlohmann's SAX events. Its own tree would hold each document in memory a
/// second time, and would be destroyed by a recursion that deep nesting can make overflow the
/// stack.
class ValueBuilder : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return add(nullptr); }
  bool boolean(bool v) override { return add(v); }
  bool number_integer(number_integer_t v) override { return add(v); }
  bool number_unsigned(number_unsigned_t v) override {
    if (v > static_cast<number_unsigned_t>(INT64_MAX)) return add(static_cast<double>(v));
    return add(static_cast<std::int64_t>(v));
  }
  bool number_float(number_float_t v, const string_t&) override { return add(v); }
  bool string(string_t& v) override { return add(std::move(v)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Value::object()); }
  bool start_array(std::size_t) override { return open(Value::array()); }
  bool key(string_t& v) override {
    keys_.back() = std::move(v);
    return true;
  }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    error_at_ = position;
    error_ = error.what();
    return false;
  }

  bool too_deep() const { return too_deep_; }
  std::optional<std::size_t> error_at() const { return error_at_; }
  const std::string& error() const { return error_; }
  Value take() { return std::move(root_); }

 private:
  bool add(Value value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (Value::Array* array = open_.back().as_array()) {
      array->push_back(std::move(value));
    } else {
      // Equal keys are both kept here; Value::find answers with the last one.
      open_.back().as_object()->emplace_back(std::move(keys_.back()), std::move(value));
    }
    return true;
  }

  bool open(Value container) {
    if (open_.size() == kMaxDepth) {
      too_deep_ = true;
      return false;
    }
    open_.push_back(std::move(container));
    keys_.emplace_back();
    return true;
  }

  bool close() {
    Value done = std::move(open_.back());
    open_.pop_back();
    keys_.pop_back();
    return add(std::move(done));
  }

  Value root_;
  std::vector<Value> open_;
  std::vector<std::string> keys_;
  bool too_deep_ = false;
  std::optional<std::size_t> error_at_;
  std::string error_;
};

std::string place(std::string_view where, std::string_view text, std::size_t offset) {
  offset = std::min(offset, text.size());
  const std::string_view before = text.substr(0, offset);
  const std::size_t line =
      1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  const std::size_t line_start =
      before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  return std::string(where) + ":" + std::to_string(line) + ":" +
         std::to_string(offset - line_start + 1);
}

// nlohmann's text is "[json.exception.parse_error.101] parse error at line 1, column 2: WHAT", or
// "[json.exception.out_of_range.406] WHAT".
std::string reason(const std::string& what) {
  const std::size_t place =
      what.find("parse error at ") == std::string::npos ? what.find("] ") : what.find(": ");
  return printable(place == std::string::npos ? what : what.substr(place + 2));
}

// JSON allows DEL, the C1 controls and the characters that change the direction of text to stand
// unescaped, but a terminal obeys them. Expects valid UTF-8.
std::string escape_unprintable(std::string json) {
  std::string out;
  std::size_t copied = 0;
  for (std::size_t i = 0; i < json.size();) {
    const CodePoint c = decode_utf8(std::string_view(json).substr(i));
    if (is_unprintable(c.value)) {
      out.append(json, copied, i - copied);
      out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(c.value));
      copied = i + c.size;
    }
    i += std::max<std::size_t>(c.size, 1);
  }
  if (copied == 0) return json;
  return out.append(json, copied);
}

/// Writes a Value piece by piece. Floating-point numbers, and strings that need escaping, are left
/// to nlohmann.
class Writer {
 public:
  Writer(std::string& out, int indent) : out_(out), indent_(static_cast<std::size_t>(indent)) {}

  void write(const Value& value) {
    if (const auto* text = value.as_string()) {
      string(*text);
    } else if (const auto* integer = value.as_int()) {
      out_ += fmt::format_int(*integer).c_str();
    } else if (const auto* boolean = value.as_bool()) {
      out_ += *boolean ? "true" : "false";
    } else if (const auto* number = value.as_double()) {
      out_ += Json(*number).dump();
    } else if (const auto* array = value.as_array()) {
      list('[', ']', *array, [&](const Value& item) { write(item); });
    } else if (const auto* members = value.as_object()) {
      object(*members);
    } else {
      out_ += "null";
    }
  }

 private:
  void string(std::string_view text) {
    const auto plain = [](char c) { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; };
    if (std::all_of(text.begin(), text.end(), plain)) {
      out_.append(1, '"').append(text).append(1, '"');
    } else {
      out_ += escape_unprintable(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace));
    }
  }

  void object(const Value::Object& members) {
    std::vector<const Value::Member*> last = last_of_each_name(members);
    list('{', '}', last, [&](const Value::Member* member) {
      string(member->first);
      out_ += indent_ == 0 ? ":" : ": ";
      write(member->second);
    });
  }

  // For equal names the last value is written, at the place of the first.
  static std::vector<const Value::Member*> last_of_each_name(const Value::Object& members) {
    std::vector<const Value::Member*> last;
    last.reserve(members.size());
    // For a few members a linear search is faster than a hash map.
    constexpr std::size_t kFew = 16;
    std::unordered_map<std::string_view, std::size_t> places;
    for (const Value::Member& member : members) {
      std::size_t place = 0;
      if (members.size() <= kFew) {
        while (place < last.size() && last[place]->first != member.first) ++place;
      } else {
        place = places.try_emplace(member.first, last.size()).first->second;
      }
      if (place == last.size()) last.emplace_back();
      last[place] = &member;
    }
    return last;
  }

  template <class List, class WriteItem>
  void list(char open, char close, const List& items, WriteItem write_item) {
    out_ += open;
    ++depth_;
    bool first = true;
    for (const auto& item : items) {
      if (!first) out_ += ',';
      first = false;
      new_line();
      write_item(item);
    }
    --depth_;
    if (!first) new_line();
    out_ += close;
  }

  void new_line() {
    if (indent_ > 0) out_.append(1, '\n').append(depth_ * indent_, ' ');
  }

  std::string& out_;
  const std::size_t indent_;
  std::size_t depth_ = 0;
};

}  // namespace

Result<Value> parse_json(std::string_view text, std::string_view where) {
  ValueBuilder builder;
  bool complete = false;
  // Syntax errors arrive through parse_error(). What is caught here is bad_alloc, or a fault of the
  // parser.
  try {
    complete = Json::sax_parse(text.begin(), text.end(), &builder);
  } catch (const std::exception& error) {
    return fail(ErrorCode::parse, printable(error.what()), std::string(where));
  }
  if (complete) {
    // The parser treats a NUL byte as the end of the text, and would silently ignore what follows
    // it.
    const std::size_t nul = text.find('\0');
    if (nul == std::string_view::npos) return builder.take();
    return fail(ErrorCode::parse, "invalid JSON: a NUL byte", place(where, text, nul));
  }
  if (builder.too_deep()) {
    return fail(ErrorCode::parse, "nested deeper than " + std::to_string(kMaxDepth) + " levels",
                std::string(where));
  }
  const std::size_t at = builder.error_at().value_or(1);
  return fail(ErrorCode::parse, "invalid JSON: " + reason(builder.error()),
              place(where, text, at == 0 ? 0 : at - 1));
}

std::string to_json(const Value& value, int indent) {
  std::string out;
  Writer(out, indent).write(value);
  return out;
}

}  // namespace rz
