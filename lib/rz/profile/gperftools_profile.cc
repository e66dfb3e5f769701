#include "rz/profile/gperftools_profile.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <map>
#include <optional>

#include "rz/base/text.h"
#include "rz/base/try.h"
#include "rz/profile/elf_file.h"

namespace rz::profile {
namespace {

constexpr std::size_t kWord = sizeof(std::uint64_t);
// libprofiler keeps 254 addresses of a stack.
constexpr std::uint64_t kMostAddresses = 4096;
constexpr std::int64_t kMostPeriod = 60'000'000;

tl::unexpected<Error> damaged(const std::string& why) {
  return fail(ErrorCode::corrupt, "is not a complete gperftools profile: " + why);
}

/// The words of the bytes, one after the other.
class Words {
 public:
  explicit Words(std::string_view bytes) : bytes_(bytes) {}
  std::optional<std::uint64_t> next() {
    if (bytes_.size() - at_ < kWord) return std::nullopt;
    std::uint64_t word = 0;
    std::memcpy(&word, bytes_.data() + at_, kWord);
    at_ += kWord;
    return word;
  }
  std::string_view rest() const { return bytes_.substr(at_); }

 private:
  std::string_view bytes_;
  std::size_t at_ = 0;
};

/// `0, words behind this one (at least 3), version 0, period, 0`.
Result<std::int64_t> read_head(Words& words) {
  const auto zero = words.next();
  const auto more = words.next();
  const auto version = words.next();
  const auto period = words.next();
  if (!period || zero != 0U || *more < 3 || *more > 16 || version != 0U) {
    return damaged("it has another beginning");
  }
  for (std::uint64_t i = 2; i < *more; ++i) {
    if (!words.next()) return damaged("it ends in its head");
  }
  if (*period == 0 || *period > static_cast<std::uint64_t>(kMostPeriod)) {
    return damaged("it has no period");
  }
  return static_cast<std::int64_t>(*period);
}

/// One stack; nothing: that was the trailer.
Result<std::optional<AddressStack>> read_stack(Words& words) {
  const auto count = words.next();
  const auto depth = words.next();
  if (!depth) return damaged("it ends before its trailer");
  if (*depth == 0 || *depth > kMostAddresses) return damaged("a stack has no depth");
  AddressStack stack{*count, {}};
  for (std::uint64_t i = 0; i < *depth; ++i) {
    const auto address = words.next();
    if (!address) return damaged("it ends within a stack");
    stack.addresses.push_back(*address);
  }
  if (*count == 0 && stack.addresses == std::vector<std::uint64_t>{0}) {
    return std::optional<AddressStack>();
  }
  return std::optional<AddressStack>(std::move(stack));
}

/// `55f0-55f1 r-xp 00001000 08:01 42    /usr/bin/true`; nothing: no code of a file.
std::optional<Mapping> read_mapping(std::string_view line) {
  std::vector<std::string_view> fields;
  while (fields.size() < 5) {
    line = line.substr(std::min(line.find_first_not_of(' '), line.size()));
    const std::size_t end = std::min(line.find(' '), line.size());
    fields.push_back(line.substr(0, end));
    line = line.substr(end);
  }
  const std::string_view path = trim(line);
  const std::size_t dash = fields[0].find('-');
  if (dash == std::string_view::npos || path.empty()) return std::nullopt;
  const auto begin = parse_hex(fields[0].substr(0, dash));
  const auto end = parse_hex(fields[0].substr(dash + 1));
  const auto offset = parse_hex(fields[2]);
  if (!begin || !end || !offset || fields[1].find('x') == std::string_view::npos) {
    return std::nullopt;
  }
  return Mapping{*begin, *end, *offset, std::string(path)};
}

/// Finds names of addresses, each once.
class Namer {
 public:
  explicit Namer(const std::vector<Mapping>& mappings) : mappings_(mappings) {}

  const std::string& name_of(std::uint64_t address) {
    const auto [place, is_new] = names_.emplace(address, "");
    if (is_new) place->second = look_up(address);
    return place->second;
  }

 private:
  std::string look_up(std::uint64_t address) {
    const auto mapping = std::find_if(
        mappings_.begin(), mappings_.end(),
        [address](const Mapping& one) { return address >= one.begin && address < one.end; });
    if (mapping == mappings_.end()) return "[unknown]";
    const std::string fallback =
        mapping->path.starts_with('[')
            ? mapping->path
            : "[" + std::filesystem::path(mapping->path).filename().string() + "]";
    const ElfFile* file = file_of(mapping->path);
    if (file == nullptr) return fallback;
    const auto within = file->address_of(address - mapping->begin + mapping->offset);
    const std::string name = within ? file->function_at(*within) : "";
    return name.empty() ? fallback : name;
  }

  const ElfFile* file_of(const std::string& path) {
    if (!path.starts_with('/')) return nullptr;
    const auto [place, is_new] = files_.emplace(path, std::nullopt);
    if (is_new) {
      if (auto file = read_elf_file(path)) place->second = *std::move(file);
    }
    return place->second ? &*place->second : nullptr;
  }

  const std::vector<Mapping>& mappings_;
  std::map<std::uint64_t, std::string> names_{};
  std::map<std::string, std::optional<ElfFile>> files_{};
};

}  // namespace

Result<GperftoolsProfile> read_gperftools_profile(std::string_view bytes) {
  Words words(bytes);
  GperftoolsProfile profile;
  TRY_ASSIGN(profile.period_us, read_head(words));
  while (true) {
    TRY_ASSIGN(auto stack, read_stack(words));
    if (!stack) break;
    profile.stacks.push_back(*std::move(stack));
  }
  for (const std::string_view line : split(words.rest(), '\n')) {
    if (auto mapping = read_mapping(line)) profile.mappings.push_back(*std::move(mapping));
  }
  return profile;
}

void add_samples(const GperftoolsProfile& samples, Profile& profile) {
  constexpr std::uint64_t kMostSamples = 1'000'000'000;
  Namer namer(samples.mappings);
  for (const AddressStack& stack : samples.stacks) {
    std::vector<std::string> frames;
    for (std::size_t i = 0; i < stack.addresses.size(); ++i) {
      // A caller's address is that behind its call, which may be the next function's already.
      const std::uint64_t address = stack.addresses[i] - (i == 0 ? 0 : 1);
      frames.push_back(namer.name_of(address));
    }
    std::reverse(frames.begin(), frames.end());
    const auto count = static_cast<std::int64_t>(std::min(stack.count, kMostSamples));
    profile.add(frames, 0, count * samples.period_us * 1000);
  }
}

}  // namespace rz::profile
