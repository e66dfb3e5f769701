#include "rz/fallback/flapping.h"

namespace rz::fallback {
namespace {

constexpr char kLetters[] = {'p', 'h', 's'};
constexpr std::size_t kChanges = kFlapResults - 1;
constexpr double kOldestWeight = 0.75;
constexpr double kNewestWeight = 1.25;

std::string results_of(const std::string& recent) {
  if (recent.size() >= kFlapResults) return recent.substr(recent.size() - kFlapResults);
  return std::string(kFlapResults - recent.size(), kLetters[0]) + recent;
}

}  // namespace

void add_result(std::string& recent, Mode called_for) {
  recent += kLetters[static_cast<std::size_t>(called_for)];
  if (recent.size() > kFlapResults) recent.erase(0, recent.size() - kFlapResults);
  if (recent.find_first_not_of(kLetters[0]) == std::string::npos) recent.clear();
}

Mode last_result(const std::string& recent) {
  if (recent.empty() || recent.back() == kLetters[0]) return Mode::primary;
  return recent.back() == kLetters[1] ? Mode::heuristic : Mode::safe;
}

double change_percent(const std::string& recent) {
  const std::string results = results_of(recent);
  double sum = 0;
  for (std::size_t change = 0; change < kChanges; ++change) {
    if (results[change] == results[change + 1]) continue;
    sum += kOldestWeight +
           static_cast<double>(change) * (kNewestWeight - kOldestWeight) / (kChanges - 1);
  }
  return sum * 100 / kChanges;
}

bool flaps(double percent, const FlappingOptions& options, bool before) {
  if (percent >= options.high) return true;
  return before && percent > options.low;
}

}  // namespace rz::fallback
