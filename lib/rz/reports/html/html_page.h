#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "rz/history/mode_time.h"
#include "rz/reports/writing/page.h"

namespace rz::reports {

/// Writes a page that stands alone: style, script and data are in it, it may load nothing, and it
/// is legible without its script.
class HtmlPage {
 public:
  /// Begins it. `title` may hold any bytes.
  HtmlPage(Page& page, std::string_view title);
  HtmlPage(const HtmlPage&) = delete;
  HtmlPage& operator=(const HtmlPage&) = delete;

  /// Markup, whose texts have gone through html_text().
  void raw(std::string_view markup) { page_.raw(markup); }
  /// A paragraph of any bytes.
  void paragraph(std::string_view text, std::string_view kind = {});
  /// A section under a heading of plain words, up to the next one.
  void section(std::string_view id, std::string_view heading);

  /// Ends it. `data`: a JSON document for the script.
  void finish(std::string_view data);

 private:
  void end_section();

  Page& page_;
  bool in_section_ = false;
};

/// A cell of a table, or the head of a column.
struct HtmlCell {
  std::string markup{};
  std::string_view kind{};  ///< `n`: a number, `t`: not to be broken.
};

/// A cell of any bytes.
HtmlCell html_cell(std::string_view text, std::string_view kind = {});
/// A mode as a word on its colour.
HtmlCell html_cell(history::TimeKind kind);

/// A table, which scrolls alone where the window is too narrow. `caption`: plain words.
class HtmlTable {
 public:
  HtmlTable(std::string_view caption, std::vector<HtmlCell> columns);
  void row(const std::vector<HtmlCell>& cells);
  /// `id`: of the body of the table, for the script; may be empty.
  std::string markup(std::string_view id = {}) const;

 private:
  std::string caption_;
  std::vector<HtmlCell> columns_;
  std::string rows_{};
};

/// `P H S U M`: what style and script call it.
char html_letter(history::TimeKind kind);

/// The patterns that pictures are filled with, `url(#fillP)` and so on: once in a page.
std::string_view html_patterns();

/// A text as JSON that may stand within a script element.
std::string html_json(std::string_view text);

/// In base 36, lower case: what the script reads.
std::string html_number(std::int64_t number);

}  // namespace rz::reports
