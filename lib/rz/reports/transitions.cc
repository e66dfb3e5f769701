#include "rz/reports/transitions.h"

namespace rz::reports {

void TransitionsWriter::add(const Transition& transition) {
  fallback::TransitionDecoder decoder;
  add(decoder.view_of(transition));
}

}  // namespace rz::reports
