#include "rz/fallback/offline/host_notes.h"

#include "rz/base/json_members.h"
#include "rz/base/timestamp.h"

namespace rz::fallback {
namespace {

/// How far `others_seen` may be behind, so that not every evaluation writes the file.
constexpr Millis kOthersLagMax{std::chrono::seconds{30}};

}  // namespace

bool HostNotes::is_as_good_as(const HostNotes& newer) const {
  if (memory != newer.memory || memory_is_ahead != newer.memory_is_ahead) return false;
  if (others != newer.others) return false;
  if (others != Mode::primary && others_lineage != newer.others_lineage) return false;
  const Micros behind = newer.others_seen - others_seen;
  return others == Mode::primary || (behind >= Micros{0} && behind < kOthersLagMax);
}

Mode HostNotes::others_at(TimePoint now, Millis ttl) const {
  const Micros age = now - others_seen;
  return age < ttl && -age < ttl ? others : Mode::primary;
}

void add_members(Value& object, const HostNotes& notes) {
  if (!notes.memory.empty() || notes.memory_is_ahead) {
    object.set("memory", to_stored(notes.memory));
  }
  if (notes.memory_is_ahead) object.set("memory_is_ahead", true);
  if (notes.others == Mode::primary) return;
  object.set("others", to_string(notes.others));
  object.set("others_seen", format_timestamp(notes.others_seen));
  if (!notes.others_lineage.empty()) object.set("others_lineage", notes.others_lineage);
}

HostNotes host_notes_of(const Value& object) {
  HostNotes notes;
  if (const Value* memory = object.find("memory")) notes.memory = host_memory_from(*memory);
  notes.memory_is_ahead = boolean_or(object, "memory_is_ahead", false);
  notes.others = parse_mode(text_or(object, "others")).value_or(Mode::primary);
  // One that cannot be read is of long ago, and no longer counts.
  notes.others_seen = time_or(object, "others_seen").value_or(TimePoint{});
  notes.others_lineage = text_or(object, "others_lineage");
  return notes;
}

}  // namespace rz::fallback
