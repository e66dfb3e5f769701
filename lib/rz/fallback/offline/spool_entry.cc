#include "rz/fallback/offline/spool_entry.h"

#include "rz/base/json.h"
#include "rz/base/json_members.h"

namespace rz::fallback {

// A state and a record have the form that they have in the store, so that one reader serves both.
std::string encode(const SpoolEntry& entry) {
  Value value =
      Value::object({{"before", to_stored(entry.before)},
                     {"after", to_stored(entry.after)},
                     {"transition", entry.transition ? to_stored(*entry.transition) : Value()}});
  if (entry.attempt) value.set("attempt", true);
  if (!entry.instead_of.empty()) value.set("instead_of", entry.instead_of);
  add_members(value, entry.made);
  return to_json(value);
}

std::optional<SpoolEntry> decode_spool_entry(std::string_view line) {
  const auto value = parse_json(line);
  if (!value || value->as_object() == nullptr) return std::nullopt;
  const auto state = [&](std::string_view name) -> std::optional<ModeState> {
    const Value* member = value->find(name);
    if (member == nullptr) return std::nullopt;
    auto decoded = mode_state_from(*member);
    return decoded ? std::optional(std::move(*decoded)) : std::nullopt;
  };
  auto before = state("before");
  auto after = state("after");
  if (!before || !after || after->writer.empty()) return std::nullopt;
  // rz never writes such an entry, and its drain would undo transitions.
  if (after->epoch < before->epoch) return std::nullopt;
  SpoolEntry entry{{std::move(*before), std::move(*after), std::nullopt}};
  if (const Value* member = value->find("transition"); member && !member->is_null()) {
    auto transition = transition_from(*member);
    if (!transition) return std::nullopt;
    entry.transition = std::move(*transition);
  }
  entry.attempt = boolean_or(*value, "attempt", false);
  entry.instead_of = text_or(*value, "instead_of");
  entry.made = uptime_of(*value);
  return entry;
}

}  // namespace rz::fallback
