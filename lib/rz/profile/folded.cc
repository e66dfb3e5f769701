#include "rz/profile/folded.h"

#include <algorithm>
#include <vector>

#include "rz/base/text.h"
#include "rz/base/try.h"

namespace rz::profile {
namespace {

std::string place(std::string_view where, std::size_t line) {
  return std::string(where) + ":" + std::to_string(line);
}

/// A function without a name is called by its address, which differs from run to run.
std::string frame_name(std::string_view name) {
  if (!name.starts_with("0x")) return std::string(name);
  const std::size_t end =
      std::min(name.find_first_not_of("0123456789abcdefABCDEF", 2), name.size());
  return "[unknown]" + std::string(name.substr(end));
}

Result<void> add_line(std::string_view line, const std::string& where, std::size_t measure,
                      Profile& profile) {
  const std::size_t blank = line.rfind(' ');
  const auto weight =
      blank == std::string_view::npos ? std::nullopt : parse_double(line.substr(blank + 1));
  if (!weight || *weight < 0 || *weight > 9e18) {
    return fail(ErrorCode::parse, "expected a stack, a blank and its weight, as in: main;parse 12",
                where);
  }
  std::vector<std::string> frames;
  // Some writers end a stack with a semicolon.
  for (const std::string_view name : split(line.substr(0, blank), ';')) {
    if (!trim(name).empty()) frames.push_back(frame_name(trim(name)));
  }
  if (frames.empty()) return fail(ErrorCode::parse, "the stack has no function", where);
  const auto whole = static_cast<std::int64_t>(*weight);
  if (whole > Profile::kMostWeight - profile.total(measure)) {
    return fail(ErrorCode::parse,
                "the weights are more than 2^60 in all; give them in a larger unit", where);
  }
  profile.add(frames, measure, whole);
  return {};
}

std::string folded_name(const std::string& name) {
  std::string text = printable(name);
  std::replace(text.begin(), text.end(), ';', ':');
  // Leading and trailing blanks would be lost, and a name must not be empty.
  const std::string_view trimmed = trim(text);
  return trimmed.empty() ? "[no name]" : std::string(trimmed);
}

}  // namespace

Result<void> add_folded(std::string_view text, std::string_view where, std::size_t measure,
                        Profile& profile) {
  std::size_t number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    line = trim(line);
    if (!line.empty()) TRY(add_line(line, place(where, number), measure, profile));
  }
  return {};
}

Result<Profile> read_folded(std::string_view text, const Measure& measure, std::string_view where) {
  Profile profile({measure});
  TRY(add_folded(text, where, 0, profile));
  if (!profile.empty()) return profile;
  return fail(ErrorCode::invalid_argument, "holds no stacks; a line is like: main;parse 12",
              std::string(where));
}

std::string to_folded(const Profile& profile, std::size_t measure) {
  std::vector<std::string> lines;
  for (const Stack& stack : profile.stacks()) {
    if (stack.weights[measure] == 0) continue;
    std::string line;
    for (const std::uint32_t frame : stack.frames) {
      if (!line.empty()) line += ';';
      line += folded_name(profile.names()[frame]);
    }
    lines.push_back(line + " " + std::to_string(stack.weights[measure]) + "\n");
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

}  // namespace rz::profile
