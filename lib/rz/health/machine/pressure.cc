#include "rz/health/machine/pressure.h"

#include "rz/base/file.h"
#include "rz/base/text.h"

namespace rz::health {
namespace {

constexpr std::uint64_t kMaxPressureBytes = 4096;
constexpr std::array<std::string_view, 3> kAverages = {"avg10=", "avg60=", "avg300="};

// `avg10=1.34 avg60=2.99 avg300=13.24 total=168935158`
std::optional<StalledShares> parse_shares(std::string_view averages) {
  const auto fields = split(averages, ' ');
  if (fields.size() < kAverages.size()) return std::nullopt;
  StalledShares shares;
  for (std::size_t i = 0; i < kAverages.size(); ++i) {
    if (!fields[i].starts_with(kAverages[i])) return std::nullopt;
    const auto share = parse_double(fields[i].substr(kAverages[i].size()));
    if (!share || *share < 0) return std::nullopt;
    shares[static_cast<PressureWindow>(i)] = *share;
  }
  return shares;
}

std::optional<Pressure> parse_pressure(std::string_view text) {
  constexpr std::string_view kSome = "some ";
  constexpr std::string_view kFull = "full ";
  std::optional<StalledShares> some;
  std::optional<StalledShares> full;
  for (const std::string_view line : split(text, '\n')) {
    if (line.starts_with(kSome)) some = parse_shares(line.substr(kSome.size()));
    if (!line.starts_with(kFull)) continue;
    full = parse_shares(line.substr(kFull.size()));
    if (!full) return std::nullopt;
  }
  if (!some) return std::nullopt;
  return Pressure{*some, full};
}

}  // namespace

Result<Pressure> measure_pressure(std::string_view resource, const std::string& root) {
  const std::string path = root + "/proc/pressure/" + std::string(resource);
  const auto text = read_file(path, kMaxPressureBytes);
  if (!text) {
    // A kernel that was built with it but started without has no file, or one that cannot be read.
    return fail_own_side(ErrorCode::unavailable,
                         "the kernel does not tell its pressure (" + text.error().message +
                             "); it must be built with CONFIG_PSI, and may have to be started with "
                             "psi=1",
                         path);
  }
  const auto pressure = parse_pressure(*text);
  if (!pressure) {
    return fail_own_side(ErrorCode::unavailable, "is not what a kernel writes there", path);
  }
  return *pressure;
}

}  // namespace rz::health
