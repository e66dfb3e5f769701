#include "rz/reports/writing/github_annotations.h"

#include <fmt/format.h>

#include "rz/reports/writing/github_commands.h"

namespace rz::reports {
namespace {

// GitHub shows as many errors and as many warnings of a step, and drops the others without a word.
constexpr std::size_t kMaxAnnotations = 10;
std::string command_line(std::string_view command, const Annotation& annotation) {
  std::string place;
  if (annotation.line > 0 && !annotation.file.empty()) {
    place = fmt::format("file={},line={},", github_property(annotation.file), annotation.line);
  }
  return fmt::format("::{} {}title={}::{}\n", command, place, github_property(annotation.title),
                     github_text(annotation.text));
}

}  // namespace

void write_annotations(std::string_view command, const std::vector<Annotation>& annotations,
                       Page& page) {
  const bool all = annotations.size() <= kMaxAnnotations;
  const std::size_t shown = all ? annotations.size() : kMaxAnnotations - 1;
  for (std::size_t i = 0; i < shown; ++i) page.raw(command_line(command, annotations[i]));
  if (all) return;
  std::string names;
  for (std::size_t i = shown; i < annotations.size(); ++i) {
    const Annotation& left = annotations[i];
    names += (i == shown ? "" : ", ") + (left.summary.empty() ? left.title : left.summary);
  }
  page.raw(fmt::format("::{} title=… and {} more::{}\n", command, annotations.size() - shown,
                       github_text(names)));
}

}  // namespace rz::reports
