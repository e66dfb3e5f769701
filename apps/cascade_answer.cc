#include "cascade_answer.h"

#include <string>
#include <utility>

#include "rz/base/timestamp.h"
#include "rz/reports/formats.h"

namespace rz::cli {
namespace {

void tell(Context& context, const CascadeOutcome& outcome) {
  for (const std::string& doubt : outcome.doubts) context.warn(doubt);
  for (const std::string& warning : outcome.warnings) context.warn(warning);
  for (const std::string& note : outcome.notes) context.note(note);
  if (!outcome.outage) return;
  context.warn(to_string(*outcome.outage));
  const std::string seen =
      outcome.store_seen ? ", at " + format_timestamp(*outcome.store_seen) : std::string();
  context.warn("so this is the mode of this host alone, from what it knew last" + seen + "; " +
               (outcome.unrecorded ? "nothing could be kept of it"
                                   : reports::waiting_transitions(outcome.spooled)));
}

}  // namespace

void answer(Context& context, const reports::CascadeAnswer& answer) {
  tell(context, answer.outcome);
  if (!context.options().quiet) context.print(&reports::Format::cascade, answer);
}

}  // namespace rz::cli
