#include "cascade_answer.h"

#include <string>
#include <utility>

#include "rz/base/timestamp.h"
#include "rz/reports/formats.h"
#include "rz/runtime/tell.h"

namespace rz::cli {
namespace {

void tell_store(Context& context, const Evaluation& evaluation) {
  runtime::tell(evaluation.store, context.runtime().notices());
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
  tell_store(context, answer.evaluation);
  if (!context.options().quiet) context.print(answer);
}

}  // namespace rz::cli
