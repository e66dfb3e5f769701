#include "cascade_answer.h"

#include <string>
#include <utility>

#include "rz/base/timestamp.h"
#include "rz/reports/formats.h"

namespace rz::cli {
namespace {

void tell(Context& context, const Evaluation& evaluation) {
  for (const std::string& doubt : evaluation.store.doubts) context.warn(doubt);
  for (const std::string& warning : evaluation.store.warnings) context.warn(warning);
  for (const std::string& note : evaluation.store.notes) context.note(note);
  if (!evaluation.store.outage) return;
  context.warn(to_string(*evaluation.store.outage));
  const std::string seen = evaluation.store.store_seen
                               ? ", at " + format_timestamp(*evaluation.store.store_seen)
                               : std::string();
  context.warn("so this is the mode of this host alone, from what it knew last" + seen + "; " +
               (evaluation.store.unrecorded ? "nothing could be kept of it"
                                            : reports::waiting_for_store(evaluation.store)));
}

}  // namespace

void answer(Context& context, const reports::CascadeAnswer& answer) {
  tell(context, answer.evaluation);
  if (!context.options().quiet) context.print(&reports::Format::cascade, answer);
}

}  // namespace rz::cli
