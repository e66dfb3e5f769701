#include "rz/fallback/offline/spool_entry.h"

#include "rz/base/json.h"

namespace rz {

// A state and a record are kept as the store has them, so that one reader serves both.
std::string encode(const SpoolEntry& entry) {
  const auto kept = [](const std::string& json) { return *parse_json(json); };
  Value value =
      Value::object({{"before", kept(encode(entry.before))},
                     {"after", kept(encode(entry.after))},
                     {"transition", entry.transition ? kept(encode(*entry.transition)) : Value()}});
  if (entry.attempt) value.set("attempt", true);
  if (!entry.instead_of.empty()) value.set("instead_of", entry.instead_of);
  return to_json(value);
}

std::optional<SpoolEntry> decode_spool_entry(std::string_view line) {
  const auto value = parse_json(line);
  if (!value || value->as_object() == nullptr) return std::nullopt;
  const auto state = [&](std::string_view name) -> std::optional<ModeState> {
    const Value* member = value->find(name);
    if (member == nullptr) return std::nullopt;
    auto decoded = decode_mode_state(to_json(*member));
    return decoded ? std::optional(std::move(*decoded)) : std::nullopt;
  };
  auto before = state("before");
  auto after = state("after");
  if (!before || !after || after->writer.empty()) return std::nullopt;
  SpoolEntry entry{std::move(*before), std::move(*after), std::nullopt};
  if (const Value* member = value->find("transition"); member && !member->is_null()) {
    auto transition = decode_transition(to_json(*member));
    if (!transition) return std::nullopt;
    entry.transition = std::move(*transition);
  }
  if (const Value* attempt = value->find("attempt"); attempt && attempt->as_bool()) {
    entry.attempt = *attempt->as_bool();
  }
  if (const Value* token = value->find("instead_of"); token && token->as_string()) {
    entry.instead_of = *token->as_string();
  }
  return entry;
}

}  // namespace rz
