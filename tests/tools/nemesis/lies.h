#pragma once

#include <string>
#include <vector>

#include "tools/nemesis/journal.h"

namespace rz::nemesis {

/// Finds the gates (`--exit-code`) that said `primary` with exit 0 although safe held. It must
/// never accuse wrongly, so whatever may explain such an answer counts as an explanation.
///
/// Words:
/// - A *sighting* is an answer `safe` that came from the store (not `offline`, nothing `unrecorded`
///   or `spooled`): safe held there at some time between start and end of that program.
/// - A *recoverer* is a program that may take the system out of safe, whether it was answered or
///   not: `set` to another mode or with a short pin, `release`; and, unless the sighting shows a
///   pin that outlasts every clock jump, an evaluation of a health that does not call for safe. It
///   may do so from its start until its *settled end*: its end, if it was answered from the store;
///   else its write may wait in a spool or on a line, and it is the end of the first program of
///   that host, begun later, that was answered from the store without a remark, or of the faults
///   that it ran in and a second more, whichever is later.
///
/// - A sighting is *provisional* if the store had lost its memory before, somebody may have
/// recovered
///   before that loss, and another host that ran before it has not been answered from the store in
///   between: such a host may know of the recovery, and puts it back when it comes.
///
/// A gate [g0, g1] lied if there is a sighting [s0, s1] with s1 <= g0 that is not provisional, such
/// that no recoverer begun before g1 settles behind s0, and one of these is true:
/// - The store did not lose its memory between s0 and g1, and the gate was answered from it; or the
///   sighting was of the gate's own host, without a remark, so that the host had a note of it.
/// - The store lost its memory once between s0 and g1; the sighting was of the gate's own host,
///   without a remark; and no program ran, between the loss and g1, on a host without such a
///   sighting of its own before the loss. (A host that does not know may decide anew, and go past
///   what the others know.) A copy that was put in the store's place is not from before another
///   loss.
/// - Host's own word: the sighting was answered `offline` and kept on the host, so was the gate,
///   and in between all programs of that host were answered `offline` or failed, and none of them
///   was a recoverer.
class LieDetector {
 public:
  explicit LieDetector(const Journal& journal);

  /// Why the gate's answer is a lie; empty if it need not be one.
  std::string accuse(const Command& gate) const;

 private:
  struct Recoverer {
    Moment start;
    Moment settled;
    bool strong;  ///< Also against a long pin.
  };

  Moment settled_end(const Command& command) const;
  Moment last_recovery(Moment before, bool pinned) const;
  bool holds(const Command& sighting, Moment until) const;
  bool is_provisional(const Command& sighting) const;
  bool is_heard_between(int host, Moment from, Moment until) const;
  bool knew(int host, Moment loss, Moment until) const;
  bool excused_by_loss(const Command& sighting, const Command& gate, const Loss& loss) const;
  bool own_word(const Command& gate) const;

  const Journal& journal_;
  std::vector<Recoverer> recoverers_;
  std::vector<const Command*> sightings_;
};

}  // namespace rz::nemesis
