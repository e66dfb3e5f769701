#include "rz/reports/svg/flame_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <vector>

#include "rz/reports/html/html_text.h"
#include "rz/reports/svg/flame_graph_script.h"

namespace rz::reports {
namespace {

using profile::CallNode;

constexpr double kRowHeight = 18;
constexpr double kHeadHeight = 150;
// Half a pixel of a wide screen: what is smaller is left out, so that a picture stays a picture.
constexpr double kLeastShare = 0.0004;
constexpr double kLeastLabelShare = 0.02;

constexpr std::string_view kStyle = R"(
:root{--text:#1c2024;--faint:#60646c;--page:#fff;--box:#f5f6f8;--line:#60646c}
@media(prefers-color-scheme:dark){:root{--text:#edeef0;--faint:#b0b4ba;--page:#111315;--box:#1c2024;--line:#b0b4ba}}
:root{background:var(--page)}
svg{font:12px system-ui,sans-serif}
.page{fill:var(--page)}.title{font-size:16px;font-weight:600;fill:var(--text)}.told{fill:var(--faint)}
.f rect{stroke:var(--page);stroke-width:1}.f text{fill:#1c1400;pointer-events:none}.f{cursor:pointer}
.f.s text{display:none}.f.up{opacity:.55}.f.hit rect{fill:#c026d3;stroke:var(--text)}.f.hit text{fill:#fff}
.f:hover rect,.f:focus rect{stroke:var(--text)}.f:focus{outline:none}
.tools{font:14px system-ui,sans-serif;color:var(--text);display:flex;gap:.4rem;flex-wrap:wrap;padding:0 10px}
.tools input,.tools button{font:inherit;color:inherit;background:var(--box);border:1px solid var(--line);border-radius:.3rem;padding:.1rem .6rem;min-height:2rem;min-width:0}
.tools button:disabled{color:var(--faint)}
.tools input{flex:0 1 14rem}.tools p{margin:0;flex-basis:100%;color:var(--faint);font-size:12px;line-height:1.3;height:2.6em;overflow:hidden;overflow-wrap:anywhere}
)";

/// Any spread of the names over so many shades; the same in each picture.
std::uint32_t shade_of(std::string_view name, std::uint32_t shades) {
  std::uint32_t hash = 2166136261U;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return (hash ^ (hash >> 15)) % shades;
}

class FlameGraph {
 public:
  explicit FlameGraph(const ProfileReport& report)
      : report_(report),
        root_(profile::call_tree(report.profile, report.shown,
                                 report.before ? &*report.before : nullptr)) {
    greatest_change_ = greatest_change(root_);
  }

  std::string markup() {
    add(root_, 0, 0);
    const double height = kHeadHeight + static_cast<double>(depth_ + 1) * kRowHeight + 12;
    std::string text = fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100%\" height=\"{}\">\n"
        "<title>{}</title>\n<style>{}</style>\n"
        "<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n",
        height, html_text(title()), kStyle);
    text += head() + boxes_;
    return text + "<script>" + std::string(kFlameGraphScript) + "</script>\n</svg>\n";
  }

 private:
  bool is_differential() const { return report_.before.has_value(); }

  std::string title() const { return report_.measure().name + " of " + report_.program; }

  std::string heap_facts() const {
    return fmt::format("{} allocations, {} leaked", report_.heap->allocations,
                       humanize_weight(report_.heap->leaked_bytes, profile::Unit::bytes));
  }

  // A line each, since a phone has room for some fifty letters.
  std::string head() const {
    const std::string total = humanize_weight(report_.total(), report_.measure().unit);
    std::string facts = total + " in all";
    if (!report_.by.empty()) facts += ", by " + report_.by;
    if (report_.exit_code) facts += fmt::format("; exit code {}", *report_.exit_code);
    if (report_.is_cut) facts += "; ended early";
    const std::string small =
        omitted_ == 0 ? "" : std::to_string(omitted_) + " small boxes left out";
    const std::string second = is_differential() ? "▲ red: more than in " + report_.before_name +
                                                       "; ▼ blue: less; grey: the same"
                               : report_.heap ? heap_facts()
                                              : small;
    const std::string third = second == small ? "" : small;
    constexpr std::string_view kUsual =
        "A box is a function, below the one that called it; its width is its share.";
    return fmt::format(
        "<text class=\"title\" x=\"10\" y=\"22\">{0}</text>\n"
        "<text class=\"told\" x=\"10\" y=\"40\">{1}</text>\n"
        "<text class=\"told\" x=\"10\" y=\"56\">{2}</text>\n"
        "<text class=\"told\" x=\"10\" y=\"72\">{4}</text>\n"
        "<text class=\"told\" id=\"plain\" x=\"10\" y=\"100\">{3}</text>\n"
        "<foreignObject id=\"script\" style=\"display:none\" x=\"0\" y=\"80\" width=\"100%\" "
        "height=\"70\"><div xmlns=\"http://www.w3.org/1999/xhtml\" class=\"tools\">"
        "<input id=\"search\" type=\"search\" placeholder=\"Search\" aria-label=\"Search\"/>"
        "<button id=\"reset\" type=\"button\">Whole</button>"
        "<p id=\"told\" role=\"status\" data-usual=\"{3} Click one to zoom.\">{3} Click one to "
        "zoom.</p></div></foreignObject>\n",
        html_text(title()), html_text(facts), html_text(second), kUsual, html_text(third));
  }

  double greatest_change(const CallNode& node) const {
    double greatest = std::abs(report_.change_of(node.self, node.before_self));
    for (const CallNode& child : node.children) {
      greatest = std::max(greatest, greatest_change(child));
    }
    return greatest;
  }

  // A caller is not to blame for what it calls: the change is that of the function's own weight.
  double change_of(const CallNode& node) const {
    return report_.change_of(node.self, node.before_self);
  }

  std::string fill_of(const CallNode& node, std::size_t level) const {
    if (level == 0) return "#c8ccd2";
    if (is_differential()) {
      const double part = greatest_change_ > 0 ? change_of(node) / greatest_change_ : 0;
      if (std::abs(part) < 0.01) return "#d9d9de";
      const double light = 88 - 30 * std::sqrt(std::abs(part));
      return fmt::format("hsl({},85%,{:.0f}%)", part > 0 ? 8 : 212, light);
    }
    const bool is_memory = report_.measure().name != "cpu" && report_.measure().name != "samples";
    return fmt::format("hsl({},{}%,{}%)", (is_memory ? 150U : 18U) + shade_of(node.name, 36),
                       is_memory ? 45 : 88, 62 + shade_of(node.name, 11));
  }

  std::string share(std::int64_t weight) const {
    return fmt::format("{}, {:.1f}%", humanize_weight(weight, report_.measure().unit),
                       100 * static_cast<double>(weight) / static_cast<double>(root_.total));
  }

  std::string told_of(const CallNode& node) const {
    std::string text = node.name + ": " + share(node.total);
    if (node.self > 0 && node.self != node.total) text += "; itself " + share(node.self);
    if (is_differential()) {
      text += fmt::format("; change {:+.1f}%, of it itself {:+.1f}%",
                          100 * report_.change_of(node.total, node.before_total),
                          100 * change_of(node));
    }
    return text;
  }

  std::string sign_of(const CallNode& node, std::size_t level) const {
    if (!is_differential() || level == 0 || std::abs(change_of(node)) < 0.001) return "";
    return change_of(node) > 0 ? "▲ " : "▼ ";
  }

  void add(const CallNode& node, double begin, std::size_t level) {
    const double part =
        root_.total == 0 ? 1 : static_cast<double>(node.total) / static_cast<double>(root_.total);
    if (part < kLeastShare) {
      ++omitted_;
      return;
    }
    depth_ = std::max(depth_, level);
    boxes_ += fmt::format(
        "<svg class=\"f{}\" tabindex=\"{}\" x=\"{:.4f}%\" y=\"{}\" width=\"{:.4f}%\" "
        "height=\"{}\"><title>{}</title><rect width=\"100%\" height=\"100%\" fill=\"{}\"/>"
        "<text x=\"4\" y=\"13\">{}{}</text></svg>\n",
        part < kLeastLabelShare ? " s" : "", part < kLeastLabelShare ? -1 : 0, 100 * begin,
        kHeadHeight + static_cast<double>(level) * kRowHeight, 100 * part, kRowHeight,
        html_text(told_of(node)), fill_of(node, level), sign_of(node, level), html_text(node.name));
    double at = begin;
    for (const CallNode& child : node.children) {
      if (child.total == 0) continue;
      add(child, at, level + 1);
      at += static_cast<double>(child.total) / static_cast<double>(root_.total);
    }
  }

  const ProfileReport& report_;
  const CallNode root_;
  double greatest_change_ = 0;
  std::string boxes_{};
  std::size_t depth_ = 0;
  std::size_t omitted_ = 0;
};

}  // namespace

std::string flame_graph(const ProfileReport& report) { return FlameGraph(report).markup(); }

}  // namespace rz::reports
