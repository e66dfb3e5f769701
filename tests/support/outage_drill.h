#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "rz/base/file.h"
#include "rz/storage/open_storage.h"
#include "support/temp_folder.h"

namespace rz::test {

/// What became of the transitions of a drill.
struct DrillFigures {
  int sent = 0;          ///< Cascades that called for a transition and had an answer, or an error.
  int acknowledged = 0;  ///< Answered: the mode has changed.
  int unconfirmed = 0;   ///< Of those: with a warning that a failover may lose it.
  int failed = 0;        ///< Answered with an error; may be in the log nevertheless.
  int records = 0;       ///< In the log at the end.
  int found = 0;         ///< Acknowledged ones in the log.
  std::string lost_ones{};  ///< Their epochs, times and writers.
  int lost = 0;             ///< Acknowledged ones, without a warning, that are not.
  int doubled = 0;          ///< Records of an epoch that another record has.
  bool in_order = true;     ///< The records are one chain, in order of time and of epoch.

  bool good() const { return acknowledged > 0 && lost == 0 && doubled == 0 && in_order; }
};

/// One line for people.
std::string to_string(const DrillFigures& figures);

/// A store under a stream of cascades by several processes, of two threads each that share a
/// manager, whose health goes up and down all the time. The caller breaks the store, and kills
/// writers, meanwhile. Throws std::runtime_error where the drill itself fails.
class OutageDrill {
 public:
  OutageDrill(StorageOptions storage, int writers);
  ~OutageDrill();
  OutageDrill(const OutageDrill&) = delete;
  OutageDrill& operator=(const OutageDrill&) = delete;

  /// Returns once so many more transitions were acknowledged, however long they take. Throws where
  /// none comes for ten minutes.
  void await(int transitions);

  /// kill -9 to a writer, and another one in its place.
  void kill_writer(std::size_t index);

  /// Ends the writers and compares what they were told with the log.
  DrillFigures finish();

 private:
  void start_writer(std::size_t index);
  void stop();

  const StorageOptions storage_;
  TempFolder folder_;
  UniqueFd running_;  ///< Closed to end the writers.
  UniqueFd stopped_;
  std::vector<pid_t> writers_;
};

}  // namespace rz::test
