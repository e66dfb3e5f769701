#include "rz/reports/html/html_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "rz/base/json.h"
#include "rz/base/text.h"
#include "rz/reports/html/html_style.h"
#include "rz/reports/html/html_text.h"

namespace rz::reports {

using history::TimeKind;

HtmlPage::HtmlPage(Page& page, std::string_view title) : page_(page) {
  page_.raw(fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {}; "
      "script-src {}; base-uri 'none'; form-action 'none'\">\n"
      "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<header>\n<h1>{}</h1>\n",
      html_digest(kHtmlStyle), html_digest(kHtmlScript), html_text(title), kHtmlStyle,
      html_text(title)));
}

void HtmlPage::paragraph(std::string_view text, std::string_view kind) {
  const std::string attribute = kind.empty() ? "" : fmt::format(" class=\"{}\"", kind);
  page_.raw(fmt::format("<p{}>{}</p>\n", attribute, html_text(text)));
}

void HtmlPage::end_section() { page_.raw(in_section_ ? "</section>\n" : "</header>\n<main>\n"); }

void HtmlPage::section(std::string_view id, std::string_view heading) {
  end_section();
  in_section_ = true;
  page_.raw(
      fmt::format("<section aria-labelledby=\"{0}\">\n<h2 id=\"{0}\">{1}</h2>\n", id, heading));
}

void HtmlPage::finish(std::string_view data) {
  end_section();
  page_.raw(
      fmt::format("</main>\n<script type=\"application/json\" id=\"data\">{}</script>\n"
                  "<script>{}</script>\n</body>\n</html>\n",
                  data, kHtmlScript));
}

HtmlCell html_cell(std::string_view text, std::string_view kind) { return {html_text(text), kind}; }

HtmlCell html_cell(TimeKind kind) {
  return {fmt::format("<span class=\"mode {}\">{}</span>", html_letter(kind), to_string(kind)), ""};
}

namespace {

std::string cell_markup(std::string_view tag, const HtmlCell& cell) {
  const std::string kind = cell.kind.empty() ? "" : fmt::format(" class=\"{}\"", cell.kind);
  const std::string_view scope = tag == "th" ? " scope=\"col\"" : "";
  return fmt::format("<{0}{1}{2}>{3}</{0}>", tag, scope, kind, cell.markup);
}

std::string row_markup(std::string_view tag, const std::vector<HtmlCell>& cells) {
  std::string row = "<tr>";
  for (const HtmlCell& cell : cells) row += cell_markup(tag, cell);
  return row + "</tr>\n";
}

}  // namespace

HtmlTable::HtmlTable(std::string_view caption, std::vector<HtmlCell> columns)
    : caption_(caption), columns_(std::move(columns)) {}

void HtmlTable::row(const std::vector<HtmlCell>& cells) { rows_ += row_markup("td", cells); }

std::string HtmlTable::markup(std::string_view id) const {
  const std::string body = id.empty() ? "" : fmt::format(" id=\"{}\"", id);
  // Rows with times are too wide for a phone, which shows each as a card of its own.
  const bool has_times = std::any_of(columns_.begin(), columns_.end(),
                                     [](const HtmlCell& column) { return column.kind == "t"; });
  // What scrolls must be reached by keys, too.
  return fmt::format(
      "<div class=\"wide\" role=\"region\" aria-label=\"{0}\" tabindex=\"0\"><table{4}>"
      "<caption>{0}</caption>\n<thead>{1}</thead>\n<tbody{2}>\n{3}</tbody></table></div>\n",
      caption_, row_markup("th", columns_), body, rows_, has_times ? " class=\"cards\"" : "");
}

char html_letter(TimeKind kind) {
  switch (kind) {
    case TimeKind::primary: return 'P';
    case TimeKind::heuristic: return 'H';
    case TimeKind::safe: return 'S';
    case TimeKind::unknown: return 'U';
    case TimeKind::maintenance: return 'M';
  }
  return 'U';
}

std::string_view html_patterns() {
  return R"svg(<defs>
<pattern id="fillP" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="8" fill="#3f9160"/></pattern>
<pattern id="fillH" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="8" height="8" fill="#ffd166"/><rect width="3" height="8" fill="#a06a00"/></pattern>
<pattern id="fillS" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="8" fill="#d63a31"/><path d="M0 0L8 8M8 0L0 8" stroke="#5c0f0a" stroke-width="1.5"/></pattern>
<pattern id="fillU" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="8" fill="#d0d4da"/><circle cx="4" cy="4" r="1.5" fill="#60646c"/></pattern>
<pattern id="fillM" width="8" height="8" patternUnits="userSpaceOnUse"><rect width="8" height="8" fill="#5b80cc"/></pattern>
</defs>
)svg";
}

std::string html_json(std::string_view text) {
  // What would end the script element, or begin anything in it, is written as an escape of JSON.
  std::string json;
  for (const char c : to_json(Value(printable(text)))) {
    if (c == '<' || c == '>' || c == '&') {
      json += fmt::format("\\u{:04x}", static_cast<int>(c));
    } else {
      json += c;
    }
  }
  return json;
}

std::string html_number(std::int64_t number) {
  constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string digits;
  auto rest =
      number < 0 ? 0 - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
  do {
    digits += kDigits[rest % 36];
    rest /= 36;
  } while (rest > 0);
  if (number < 0) digits += '-';
  std::reverse(digits.begin(), digits.end());
  return digits;
}

}  // namespace rz::reports
