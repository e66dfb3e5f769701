#include "tools/nemesis/lies.h"

#include <algorithm>
#include <set>

namespace rz::nemesis {
namespace {

constexpr Moment kSecond = 1'000'000;

// Whether the store answered it, also where rz then doubted: it has told what became of the words
// of its host.
bool heard_store(const Command& command) {
  return command.answered() && !command.answer->offline && !command.answer->unrecorded &&
         command.answer->spooled == 0;
}

bool from_store(const Command& command) { return heard_store(command) && command.exit_code != 3; }

bool is_sighting(const Command& command) {
  return from_store(command) && command.answer->mode == Mode::safe;
}

bool may_recover(const Command& command) {
  if (command.action == Action::release) return true;
  if (command.action == Action::set) return command.wanted != Mode::safe || !command.long_pin;
  return command.action == Action::evaluate && command.wanted != Mode::safe;
}

bool overlap(Moment a, Moment b, Moment c, Moment d) { return a < d && c < b; }

std::string at(const Command& command) {
  return "host " + std::to_string(command.host) + " at " + std::to_string(command.start) + " us";
}

}  // namespace

LieDetector::LieDetector(const Journal& journal) : journal_(journal) {
  for (const Command& command : journal.all_commands()) {
    if (!may_recover(command)) continue;
    recoverers_.push_back(
        {command.start, settled_end(command), command.action != Action::evaluate});
  }
  for (const Command& command : journal.all_commands()) {
    if (is_sighting(command) && !is_provisional(command)) sightings_.push_back(&command);
  }
}

Moment LieDetector::settled_end(const Command& command) const {
  if (from_store(command)) return command.end;
  Moment settled = kNever;
  for (const Command& later : journal_.all_commands()) {
    if (later.host == command.host && later.start > command.end && later.clean()) {
      settled = std::min(settled, later.end);
    }
  }
  settled = std::max(settled, command.end + 2 * kSecond);
  for (const Fault& fault : journal_.faults()) {
    if (!overlap(fault.start, fault.end, command.start, command.end)) continue;
    if (fault.end < kNever - kSecond) settled = std::max(settled, fault.end + kSecond);
  }
  return settled;
}

Moment LieDetector::last_recovery(Moment before, bool pinned) const {
  Moment last = -1;
  for (const Recoverer& recoverer : recoverers_) {
    if (recoverer.start >= before || (pinned && !recoverer.strong)) continue;
    last = std::max(last, recoverer.settled);
  }
  return last;
}

// Whether nobody can have taken away what was seen.
bool LieDetector::holds(const Command& sighting, Moment until) const {
  return sighting.start > last_recovery(until, sighting.answer->long_pin);
}

bool LieDetector::is_heard_between(int host, Moment from, Moment until) const {
  const auto& all = journal_.all_commands();
  return std::any_of(all.begin(), all.end(), [&](const Command& command) {
    return command.host == host && command.start >= from && command.end <= until &&
           heard_store(command);
  });
}

bool LieDetector::is_provisional(const Command& sighting) const {
  for (const Loss& loss : journal_.losses()) {
    if (loss.start > sighting.start) continue;
    const bool recovered =
        std::any_of(recoverers_.begin(), recoverers_.end(),
                    [&](const Recoverer& recoverer) { return recoverer.start < loss.start; });
    if (!recovered) continue;
    std::set<int> hosts;
    for (const Command& command : journal_.all_commands()) {
      if (command.start < loss.start) hosts.insert(command.host);
    }
    hosts.erase(sighting.host);
    for (const int host : hosts) {
      if (!is_heard_between(host, loss.end, sighting.start)) return true;
    }
  }
  return false;
}

bool LieDetector::knew(int host, Moment loss, Moment until) const {
  return std::any_of(sightings_.begin(), sightings_.end(), [&](const Command* sighting) {
    return sighting->host == host && sighting->end <= loss && sighting->clean() &&
           holds(*sighting, until);
  });
}

bool LieDetector::excused_by_loss(const Command& sighting, const Command& gate,
                                  const Loss& loss) const {
  if (sighting.host != gate.host || !sighting.clean()) return true;
  for (const Loss& other : journal_.losses()) {
    const bool between = other.end > loss.copied && other.start < loss.start;
    if (loss.copied >= 0 && between) return true;
  }
  for (const Command& command : journal_.all_commands()) {
    if (overlap(command.start, command.end, loss.start, gate.end) &&
        !knew(command.host, loss.start, gate.end)) {
      return true;
    }
  }
  return false;
}

bool LieDetector::own_word(const Command& gate) const {
  if (!gate.answer->offline) return false;
  const Command* word = nullptr;
  for (const Command& command : journal_.all_commands()) {
    const bool offline = command.answered() && command.answer->offline;
    if (command.host == gate.host && command.end <= gate.start && offline &&
        !command.answer->unrecorded && command.answer->mode == Mode::safe && !command.killed) {
      if (word == nullptr || command.end > word->end) word = &command;
    }
  }
  if (word == nullptr) return false;
  return std::none_of(journal_.all_commands().begin(), journal_.all_commands().end(),
                      [&](const Command& command) {
                        if (command.host != gate.host || &command == word) return false;
                        if (!overlap(command.start, command.end, word->start, gate.end))
                          return false;
                        const bool offline = command.answered() && command.answer->offline;
                        return command.killed || may_recover(command) || heard_store(command) ||
                               !(offline || command.exit_code == 3);
                      });
}

std::string LieDetector::accuse(const Command& gate) const {
  if (!gate.gate || gate.exit_code != 0 || !gate.answer) return {};
  if (gate.answer->mode != Mode::primary) return "exit 0, but the mode is not primary";
  if (own_word(gate))
    return "this host had decided safe for itself, and nothing has happened since";
  const Moment any = last_recovery(gate.end, false);
  const Moment strong = last_recovery(gate.end, true);
  for (auto each = sightings_.rbegin(); each != sightings_.rend(); ++each) {
    const Command& sighting = **each;
    if (sighting.end > gate.start) continue;
    if (sighting.start <= (sighting.answer->long_pin ? strong : any)) continue;
    std::vector<const Loss*> losses;
    for (const Loss& loss : journal_.losses()) {
      if (overlap(loss.start, loss.end, sighting.start, gate.end)) losses.push_back(&loss);
    }
    if (losses.size() > 1) continue;
    const bool noted = sighting.host == gate.host && sighting.clean();
    if (losses.empty() && (from_store(gate) || noted)) {
      return "safe was seen by " + at(sighting) + ", and nobody has recovered since";
    }
    if (losses.size() == 1 && !excused_by_loss(sighting, gate, *losses[0])) {
      return "safe was seen by " + at(sighting) +
             ", the store lost its memory since, and this host knew";
    }
  }
  return {};
}

}  // namespace rz::nemesis
