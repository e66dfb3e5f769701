#include "manual.h"

#include <regex>
#include <vector>

#include "rz/base/text.h"

namespace rz::testing {
namespace {

std::string without_escapes(std::string text) {
  for (const auto& [escape, plain] :
       {std::pair{"\\\\f[A-Z]", ""}, {"\\\\-", "-"}, {"\\\\\\(dq", "\""}, {"\\\\\\(aq", "'"}}) {
    text = std::regex_replace(text, std::regex(escape), plain);
  }
  return text;
}

/// The words of a macro's line: those in quotes are one.
std::vector<std::string> macro_words(const std::string& line) {
  static const std::regex kWord("\"([^\"]*)\"|(\\S+)");
  std::vector<std::string> words;
  for (std::sregex_iterator at(line.begin(), line.end(), kWord), end; at != end; ++at) {
    words.push_back((*at)[1].matched ? (*at)[1].str() : (*at)[2].str());
  }
  return words;
}

/// A line of a paragraph as it is read; nothing of one that only lays out.
std::string plain(const std::string& line) {
  if (!line.starts_with('.')) return without_escapes(line);
  const std::vector<std::string> words = macro_words(line.substr(1));
  const std::string& macro = words.front();
  const std::vector<std::string> rest(words.begin() + 1, words.end());
  if (macro == "B" || macro == "I") return without_escapes(join(rest, " "));
  return macro.size() == 2 && macro.find_first_not_of("BIR") == std::string::npos
             ? without_escapes(join(rest, ""))
             : "";
}

}  // namespace

Manual read_manual(std::string_view page) {
  static const std::regex kEntry("\\.BR ([a-z0-9_+]+) \" \\((.*)\\)\"");
  Manual manual;
  std::string section;
  std::string* paragraph = nullptr;
  for (std::string_view each : split(page, '\n')) {
    const std::string line(each);
    std::smatch match;
    if (line.starts_with(".SS ")) {
      section = line.substr(4);
      paragraph = &manual.sections[section];
    } else if (line == ".PP" || line == ".IP" || line == ".TP" || line.starts_with(".SH ")) {
      paragraph = nullptr;
    } else if (std::regex_match(line, match, kEntry)) {
      ManualEntry& entry = manual.entries[section + " " + match[1].str()];
      entry.type = without_escapes(match[2].str());
      paragraph = &entry.text;
    } else if (paragraph) {
      if (const std::string text = plain(line); !text.empty()) {
        *paragraph += (paragraph->empty() ? "" : " ") + text;
      }
    }
  }
  return manual;
}

}  // namespace rz::testing
