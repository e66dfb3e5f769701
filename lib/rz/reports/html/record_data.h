#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "rz/fallback/history/transition.h"
#include "rz/history/audit.h"
#include "rz/reports/html/reason_table.h"

namespace rz::reports {

/// The records of a list as the script of a page reads them. Most records of a history begin a
/// stretch of its band, which the page has already: of these only that is written, in one byte in
/// place of ten, so that ten thousand fit into a page.
///
/// A record is one of
///   `=` or `-`                   begins the stretch after, or before, that of the last such record
///   `@STRETCH`                   begins that one of the band
///   `,SECONDS FROM TO REASON`    neither: seconds since the last record (the first: since 1970),
///                                the letters of two modes and a number of the reasons, in one word
/// and then `.ACTOR`, a number, if that is not the one of the last record. Numbers are in base 36.
class RecordData {
 public:
  /// `band`: null, or whose band the page has; `reasons` has its reasons already. All must outlive
  /// this object.
  RecordData(const history::Audit* band, ReasonTable& reasons, ReasonTable& actors)
      : band_(band), reasons_(reasons), actors_(actors) {}

  /// The next record of the list, from either end of the history. `actor`: any bytes.
  void add(const Transition& record, const std::string& actor);

  const std::string& text() const { return text_; }

 private:
  bool begins(std::size_t stretch, const Transition& record) const;
  bool begins_neighbour(const Transition& record);
  bool begins_any(const Transition& record);

  const history::Audit* band_;
  ReasonTable& reasons_;
  ReasonTable& actors_;
  std::size_t stretch_ = 0;  ///< Of the last record that began one.
  std::int64_t at_ = 0;      ///< When the last record was, in seconds.
  std::string actor_{};      ///< Its number.
  std::string text_{};
};

}  // namespace rz::reports
