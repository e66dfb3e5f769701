#include <fmt/format.h>

#include <string>
#include <string_view>

#include "rz/base/text.h"
#include "rz/reports/formats.h"
#include "rz/reports/history_report.h"
#include "rz/reports/html/html_text.h"

namespace rz::reports {
namespace {

// Two boxes of text. How wide letters are depends on the font, so each text is fitted into its box.
void write_badge(std::string_view name, std::string_view answer, std::string_view background,
                 Page& page) {
  constexpr std::size_t kLetter = 7;
  constexpr std::size_t kSides = 12;
  const std::size_t first = display_width(name) * kLetter + kSides;
  const std::size_t second = display_width(answer) * kLetter + kSides;
  const auto text = [](std::string_view content, std::size_t x, std::size_t width) {
    return fmt::format("<text x=\"{}\" y=\"14\" textLength=\"{}\">{}</text>\n", x + kSides / 2,
                       width - kSides, html_text(content));
  };
  page.raw(
      fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"20\" "
                  "viewBox=\"0 0 {0} 20\" "
                  "role=\"img\" aria-label=\"{1}: {2}\">\n<title>{1}: {2}</title>\n"
                  "<rect width=\"{3}\" height=\"20\" fill=\"#43484e\"/>\n"
                  "<rect x=\"{3}\" width=\"{4}\" height=\"20\" fill=\"{5}\"/>\n"
                  "<g fill=\"#fff\" font-family=\"Verdana,DejaVu Sans,sans-serif\" "
                  "font-size=\"11\">\n{6}{7}</g>\n</svg>\n",
                  first + second, html_text(name), html_text(answer), first, second, background,
                  text(name, 0, first), text(answer, first, second)));
}

constexpr std::string_view kGood = "#18794e";
constexpr std::string_view kBad = "#b3261e";
constexpr std::string_view kUnclear = "#60646c";

}  // namespace

void Badge::write(const AuditReport& report, Page& page) {
  using history::LimitResult;
  const LimitResult result = report.result();
  const bool kept = result == LimitResult::kept || result == LimitResult::warned;
  write_badge("modes",
              std::string(audit_answer(report)) + ", " + availability_text(report.stats.audit.time),
              kept                             ? kGood
              : result == LimitResult::unknown ? kUnclear
                                               : kBad,
              page);
}

void Badge::write(const StatsReport& report, Page& page) {
  const bool known = report.audit.informed && report.complete();
  // Without a limit there is no bad figure, only one that is not known.
  write_badge("availability", known ? availability_text(report.audit.time) : "unknown",
              known ? kGood : kUnclear, page);
}

}  // namespace rz::reports
