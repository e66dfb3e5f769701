#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rz/base/result.h"

namespace rz::profile {

/// What a program or a library for 64-bit machines with the least byte first says of itself. Reads
/// any bytes: what is damaged in them is left out.
class ElfFile {
 public:
  /// Errors: unsupported (not such a file).
  static Result<ElfFile> read(std::string_view bytes);

  /// The function that an address of the file is in, as its source calls it; empty: it has no name
  /// here.
  std::string function_at(std::uint64_t address) const;

  /// The address of what stands at `offset` of the file; nothing: it is not loaded.
  std::optional<std::uint64_t> address_of(std::uint64_t offset) const;

  /// In hexadecimal digits; empty: there is none.
  const std::string& build_id() const { return build_id_; }

  /// Takes the functions of its debug file, which has more of them.
  void take_functions_of(const ElfFile& debug);

 private:
  struct Function {
    std::uint64_t address = 0;
    std::uint64_t size = 0;
    std::string name{};
  };
  struct Segment {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::uint64_t address = 0;
  };

  void read_segments(std::string_view bytes);
  void read_sections(std::string_view bytes);
  void read_functions(std::string_view table, std::string_view names);
  void read_build_id(std::string_view notes);
  void sort_functions();

  std::vector<Function> functions_{};
  std::vector<Segment> segments_{};
  std::string build_id_{};
};

/// The file at `path`, with the functions of its debug file, if that is installed.
/// Errors: as read_file and read().
Result<ElfFile> read_elf_file(const std::string& path);

/// Whether another program has to load the program at `path` (ld.so): only then are libraries
/// preloaded into it. Reads its headers alone, however large it is.
/// Errors: unsupported, as read(); not_found and others of a file that cannot be read.
Result<bool> is_dynamic(const std::string& path);

}  // namespace rz::profile
