#include "rz/cond/filter/json_reader.h"

#include <algorithm>
#include <optional>

#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/cond/character.h"
#include "rz/cond/filter/number.h"

namespace rz::cond {
namespace {

// As parse_json() has it; the record itself is the first level.
constexpr std::size_t kMaxDepth = 200;

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighBits = 0x8080808080808080;

bool may_be_number(char c) { return (c >= '0' && c <= '9') || c == '-'; }

// The line feed that ends a record is no space of it.
const char* skip_space(const char* p) {
  while (*p == ' ' || *p == '\t' || *p == '\r') ++p;
  return p;
}

// High bits of bytes that are zero; above the first such byte it may be wrong.
std::uint64_t zero_bytes(std::uint64_t word) { return (word - kOnes) & ~word & kHighBits; }

// The first byte from `p` on that a string cannot simply hold: a quote, a backslash, a control
// character, anything beyond ASCII.
const char* find_special(const char* p) {
  for (;; p += 8) {
    const std::uint64_t word = load_word(p);
    const std::uint64_t found = zero_bytes(word ^ (kOnes * '"')) |
                                zero_bytes(word ^ (kOnes * '\\')) |
                                ((word - kOnes * 0x20) & ~word & kHighBits) | (word & kHighBits);
    if (found != 0) return p + std::countr_zero(found) / 8;
  }
}

std::optional<unsigned> hex4(const char* p) {
  unsigned value = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_digit(p[i]);
    if (digit < 0) return std::nullopt;
    value = value * 16 + static_cast<unsigned>(digit);
  }
  return value;
}

// A literal of JSON at `p`: its length, or 0.
std::size_t literal_at(const char* p) {
  for (const std::string_view word : {"true", "false", "null"}) {
    if (std::string_view(p, word.size()) == word) return word.size();
  }
  return 0;
}

}  // namespace

JsonReader::JsonReader(std::span<const Variable> variables, std::string_view watched)
    : variables_(variables), watched_(!watched.empty()) {
  for (std::uint32_t slot = 0; slot < variables_.size(); ++slot) {
    const std::string_view name = variables_[slot].name;
    const std::size_t dot = name.find('.');
    if (dot != std::string_view::npos) {
      paths_.push_back({slot, watch(name.substr(0, dot)), name.substr(dot + 1)});
    }
  }
  // Not by watch(): it stands behind the others, whatever its name.
  if (watched_) watches_.push_back({std::string(watched)});
}

// The place of `name` in watches_; it is added if it is not there.
std::uint32_t JsonReader::watch(std::string_view name) {
  const auto known = std::find_if(watches_.begin(), watches_.end(),
                                  [&](const Watch& other) { return other.name == name; });
  const auto index = static_cast<std::uint32_t>(known - watches_.begin());
  if (known == watches_.end()) watches_.push_back({std::string(name)});
  return index;
}

[[gnu::always_inline]] inline bool JsonReader::matches(const char* p,
                                                       const MemberLayout& layout) const {
  std::uint32_t i = 0;
  for (; i + 1 < layout.word_count; ++i) {
    if (load_word(p + 8 * i) != layout.words[i]) return false;
  }
  return (load_word(p + 8 * i) & layout.last_mask) == layout.words[i];
}

[[gnu::always_inline]] inline const char* JsonReader::read_value(const char* p,
                                                                 const MemberLayout& layout) {
  if (may_be_number(*p)) {
    NumberState state;
    const char* end = read_number(p, layout.number ? &values_[layout.slot] : nullptr, state);
    // The slow path takes what is not a number, is out of range, has the wrong type or replaces a
    // wrong value.
    const bool done = state == NumberState::ok && (layout.slot == kUnnamed || layout.number) &&
                      value_problems_.empty();
    return done ? end : finish_number(p, end, state, layout);
  }
  if (*p == '"') return read_string_value(p, layout);
  if (*p != '{' && *p != '[') return read_literal_value(p, layout);
  if (layout.slot != kUnnamed) mismatch(layout, p, *p == '{' ? "an object" : "an array");
  return skip_nested(p);
}

const char* JsonReader::read(const char* begin, std::span<ConditionValue> values) {
  values_ = values;
  // Paths and watched members are rare, and must cost nothing where there are none.
  return watches_.empty() ? read_record<false>(begin) : read_record<true>(begin);
}

template <bool kWatching>
[[gnu::always_inline]] inline const char* JsonReader::read_record(const char* begin) {
  std::fill(values_.begin(), values_.end(), ConditionValue());
  if (!unescaped_.empty()) unescaped_.clear();
  empty_object_ = false;
  whole_ = false;
  if constexpr (kWatching) {
    for (Watch& watched : watches_) watched.value = nullptr;
    named_.assign(variables_.size(), false);
  }

  const char* p = begin;
  std::size_t member = 0;
  for (; member < layouts_.size() && matches(p, layouts_[member]); ++member) {
    const MemberLayout& layout = layouts_[member];
    if constexpr (kWatching) note(layout, p + layout.size);
    p = read_value(p + layout.size, layout);
    if (p == nullptr) return nullptr;
  }
  if (member == 0 || *p != '}') {
    p = read_unlike<kWatching>(p, member);
    if (p == nullptr) return nullptr;
  }
  brace_ = p++;
  if (*p != '\n') {
    p = skip_space(p);
    if (*p != '\n') return fail(p, "unexpected text after the end of the object");
  }
  whole_ = true;
  if constexpr (kWatching) read_paths();
  if (!value_problems_.empty()) {
    problem_ = value_problems_.first();
    value_problems_.clear();
    return nullptr;
  }
  return p;
}

// Reads the remaining members once the layout has stopped matching.
template <bool kWatching>
const char* JsonReader::read_unlike(const char* p, std::size_t member) {
  for (;; ++member) {
    const char* begin = p;
    p = skip_space(p);
    if (member > 0 && *p == '}') return p;
    MemberLayout layout;
    p = read_member_layout(p, layout, member == 0);
    if (p == nullptr || empty_object_) return p;
    layout.size = static_cast<std::uint32_t>(std::min<std::ptrdiff_t>(p - begin, UINT32_MAX));
    learn(layout, begin, member);
    if constexpr (kWatching) note(layout, p);
    p = read_value(p, layout);
    if (p == nullptr) return nullptr;
  }
}

void JsonReader::note(const MemberLayout& layout, const char* value) {
  if (layout.slot != kUnnamed) named_[layout.slot] = true;
  if (layout.watch != kUnnamed) watches_[layout.watch].value = value;
  // The member that is watched may be the first step of a path, too.
  if (watched_ && layout.watch != kUnnamed && watches_[layout.watch].name == watches_.back().name) {
    watches_.back().value = value;
  }
}

// The record has been checked: what is skipped here is whole.
void JsonReader::read_paths() {
  for (const Path& path : paths_) {
    const char* value = watches_[path.watch].value;
    if (named_[path.slot] || value == nullptr) continue;
    value = find_member(skip_space(value), path.rest);
    if (value != nullptr) read_value(value, layout_of(path.slot, variables_[path.slot].type));
  }
}

// The place of the value that `name` means in the object; nullptr if there is none.
const char* JsonReader::find_member(const char* object, std::string_view name) {
  if (*object != '{') return nullptr;
  const std::size_t dot = name.find('.');
  const std::string_view first_step = name.substr(0, dot);
  const char* found = nullptr;
  const char* outer = nullptr;
  const char* p = skip_space(object + 1);
  while (*p != '}') {
    std::string unescaped;
    const std::string_view key = read_key(p, unescaped);
    if (key == name) found = p;
    if (key == first_step) outer = p;
    p = skip_space(skip_nested(p));
    if (*p == ',') p = skip_space(p + 1);
  }
  if (found != nullptr || dot == std::string_view::npos || outer == nullptr) return found;
  return find_member(outer, name.substr(dot + 1));
}

// Moves `p` from the name of a member to its value. Returns the name, which is in the record or in
// `unescaped`; `p` becomes nullptr where this is wrong.
std::string_view JsonReader::read_key(const char*& p, std::string& unescaped) {
  const char* const name = p;
  if (*p != '"') {
    p = fail_unexpected(p, "the name of a member");
    return {};
  }
  bool escaped = false;
  p = skip_string(p, escaped);
  if (p == nullptr) return {};
  const std::string_view quoted(name, static_cast<std::size_t>(p - name));
  if (escaped) unescaped = *parse_json(quoted)->as_string();
  p = skip_space(p);
  p = *p == ':' ? skip_space(p + 1) : fail_unexpected(p, "':'");
  return escaped ? std::string_view(unescaped) : quoted.substr(1, quoted.size() - 2);
}

JsonReader::MemberLayout JsonReader::layout_of(std::uint32_t slot, VariableType type) {
  MemberLayout layout;
  layout.slot = slot;
  layout.number = type == VariableType::number || type == VariableType::integer;
  return layout;
}

// Reads the text before a value, and finds which variable it belongs to; or the end of an empty
// object.
const char* JsonReader::read_member_layout(const char* p, MemberLayout& layout, bool first) {
  if (first) {
    if (*p != '{') return fail_no_object(p);
    p = skip_space(p + 1);
    empty_object_ = *p == '}';
    if (empty_object_) return p;
  } else {
    if (*p != ',') return fail_unexpected(p, "',' or '}'");
    p = skip_space(p + 1);
  }
  std::string unescaped;
  const std::string_view key = read_key(p, unescaped);
  if (p == nullptr) return nullptr;
  for (std::uint32_t slot = 0; slot < variables_.size(); ++slot) {
    if (variables_[slot].name == key) layout = layout_of(slot, variables_[slot].type);
  }
  for (std::uint32_t i = 0; i < watches_.size() && layout.watch == kUnnamed; ++i) {
    if (watches_[i].name == key) layout.watch = i;
  }
  return p;
}

void JsonReader::learn(MemberLayout& layout, const char* begin, std::size_t member) {
  if (member < layouts_.size()) layouts_.resize(member);
  if (member > layouts_.size() || layout.size > 8 * MemberLayout::kMaxWords) return;
  layout.word_count = (layout.size + 7) / 8;
  for (std::uint32_t i = 0; i < layout.word_count; ++i) layout.words[i] = load_word(begin + 8 * i);
  const std::uint32_t unused = 8 * layout.word_count - layout.size;
  layout.last_mask = ~std::uint64_t{0} >> (8 * unused);
  layout.words[layout.word_count - 1] &= layout.last_mask;
  layouts_.push_back(layout);
}

// ---- values

const char* JsonReader::finish_number(const char* p, const char* end, NumberState state,
                                      const MemberLayout& layout) {
  if (state == NumberState::none) return fail(p, "this is not a JSON number");
  if (layout.slot == kUnnamed) return end;
  if (!layout.number) {
    mismatch(layout, p, "a number");
  } else if (state == NumberState::out_of_range) {
    set(layout, {});
    value_problems_.add(
        layout.slot, p,
        out_of_range(variables_[layout.slot], {p, static_cast<std::size_t>(end - p)}));
  } else {
    value_problems_.forget(layout.slot);
  }
  return end;
}

const char* JsonReader::read_string_value(const char* p, const MemberLayout& layout) {
  bool escaped = false;
  const char* end = skip_string(p, escaped);
  if (end == nullptr || layout.slot == kUnnamed) return end;
  if (variables_[layout.slot].type != VariableType::string) {
    mismatch(layout, p, "a string");
    return end;
  }
  std::string_view text(p, static_cast<std::size_t>(end - p));
  if (escaped) {
    text = unescaped_.emplace_front(*parse_json(text)->as_string());
  } else {
    text = text.substr(1, text.size() - 2);
  }
  set(layout, text);
  return end;
}

const char* JsonReader::read_literal_value(const char* p, const MemberLayout& layout) {
  // There is more white space than before this value in the last record.
  if (const char* value = skip_space(p); value != p) return read_value(value, layout);
  const std::size_t size = literal_at(p);
  if (size == 0) return fail_unexpected(p, "a value");
  if (layout.slot == kUnnamed) return p + size;
  if (*p == 'n') {
    set(layout, {});
  } else if (variables_[layout.slot].type == VariableType::boolean) {
    set(layout, *p == 't');
  } else {
    mismatch(layout, p, std::string_view(p, size));
  }
  return p + size;
}

inline void JsonReader::set(const MemberLayout& layout, const ConditionValue& value) {
  values_[layout.slot] = value;
  if (!value_problems_.empty()) [[unlikely]]
    value_problems_.forget(layout.slot);
}

void JsonReader::mismatch(const MemberLayout& layout, const char* at, std::string_view found) {
  set(layout, {});
  value_problems_.add(layout.slot, at, wrong_type(variables_[layout.slot], found));
}

// ---- members that the condition does not name

const char* JsonReader::skip_nested(const char* p) {
  std::array<char, kMaxDepth - 1> closers;
  std::size_t depth = 0;
  for (;;) {
    if (*p != '{' && *p != '[') {
      p = skip_scalar(p);
    } else if (depth == closers.size()) {
      return fail(p, "nested deeper than " + std::to_string(kMaxDepth) + " levels");
    } else {
      const char closer = *p == '{' ? '}' : ']';
      closers[depth++] = closer;
      p = skip_space(p + 1);
      if (*p != closer) {
        if (closer == '}') p = skip_key(p);
        if (p == nullptr) return nullptr;
        continue;
      }
      --depth;
      ++p;
    }
    if (p == nullptr) return nullptr;
    // A value has ended, and so may those that it is in.
    while (depth > 0) {
      p = skip_space(p);
      if (*p == ',') break;
      if (*p != closers[depth - 1]) {
        return fail_unexpected(p, closers[depth - 1] == '}' ? "',' or '}'" : "',' or ']'");
      }
      --depth;
      ++p;
    }
    if (depth == 0) return p;
    p = skip_space(p + 1);
    if (closers[depth - 1] == '}') p = skip_key(p);
    if (p == nullptr) return nullptr;
  }
}

const char* JsonReader::skip_scalar(const char* p) {
  if (*p == '"') {
    bool escaped = false;
    return skip_string(p, escaped);
  }
  if (may_be_number(*p)) {
    NumberState state;
    const char* end = read_number(p, nullptr, state);
    return state == NumberState::ok ? end : fail(p, "this is not a JSON number");
  }
  const std::size_t size = literal_at(p);
  return size > 0 ? p + size : fail_unexpected(p, "a value");
}

const char* JsonReader::skip_key(const char* p) {
  if (*p != '"') return fail_unexpected(p, "the name of a member");
  bool escaped = false;
  p = skip_string(p, escaped);
  if (p == nullptr) return nullptr;
  p = skip_space(p);
  return *p == ':' ? skip_space(p + 1) : fail_unexpected(p, "':'");
}

const char* JsonReader::skip_string(const char* begin, bool& escaped) {
  bool ascii = true;
  for (const char* p = begin + 1;;) {
    p = find_special(p);
    if (*p == '"') {
      const std::string_view text(begin, static_cast<std::size_t>(p - begin));
      if (!ascii) {
        if (const auto invalid = find_invalid_utf8(text)) {
          return fail(begin + *invalid, "a byte that is not UTF-8");
        }
      }
      return p + 1;
    }
    if (*p == '\\') {
      escaped = true;
      p = skip_escape(p);
      if (p == nullptr) return nullptr;
    } else if (static_cast<unsigned char>(*p) >= 0x80) {
      ascii = false;
      do ++p;
      while (static_cast<unsigned char>(*p) >= 0x80);
    } else if (*p == '\n' || (*p == '\r' && p[1] == '\n')) {
      return fail(begin, "a string that is not closed");
    } else {
      return fail(p, "a control character in a string");
    }
  }
}

const char* JsonReader::skip_escape(const char* p) {
  if (p[1] != 'u') {
    if (std::string_view("\"\\/bfnrt").find(p[1]) != std::string_view::npos) return p + 2;
    return fail(p, "an escape that JSON does not have");
  }
  const auto unit = hex4(p + 2);
  if (!unit) return fail(p, "an escape \\u without four hexadecimal digits");
  const bool high = *unit >= 0xd800 && *unit < 0xdc00;
  if (!high) {
    const bool low = *unit >= 0xdc00 && *unit < 0xe000;
    return low ? fail(p, "half of a surrogate pair") : p + 6;
  }
  const auto low = p[6] == '\\' && p[7] == 'u' ? hex4(p + 8) : std::nullopt;
  if (!low || *low < 0xdc00 || *low >= 0xe000) return fail(p, "half of a surrogate pair");
  return p + 12;
}

const char* JsonReader::fail(const char* at, std::string message) {
  value_problems_.clear();
  problem_ = {at, std::move(message)};
  return nullptr;
}

const char* JsonReader::fail_no_object(const char* at) {
  const char* found = *at == '['           ? "an array"
                      : *at == '"'         ? "a string"
                      : may_be_number(*at) ? "a number"
                      : literal_at(at) > 0 ? "true, false or null"
                                           : nullptr;
  if (found == nullptr) return fail_unexpected(at, "a JSON object");
  return fail(at, std::string("expected a JSON object, but this is ") + found);
}

const char* JsonReader::fail_unexpected(const char* at, const char* expected) {
  const bool line_ends = *at == '\n' || (*at == '\r' && at[1] == '\n');
  return fail(at, std::string("expected ") + expected + ", but " +
                      (line_ends ? "the line ends" : "there is " + name_character({at, 4})));
}

}  // namespace rz::cond
