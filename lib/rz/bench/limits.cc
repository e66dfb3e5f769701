#include "rz/bench/limits.h"

namespace rz::bench {

void visit_fields(FieldVisitor& fields, Limits& limits) {
  fields.percent({"warn_above",
                  "A benchmark that became slower by more than this is warned of where rz bench "
                  "compares."},
                 limits.warn_above);
  fields.percent({"fail_above", "One that became slower by more than this makes the exit code 1."},
                 limits.fail_above);
  if (limits.warn_above > limits.fail_above) {
    fields.error(fields.has("warn_above") ? "warn_above" : "fail_above",
                 "warn_above must not be greater than fail_above");
  }
}

}  // namespace rz::bench
