#include "rz/profile/elf_file.h"

#include <cxxabi.h>
#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "rz/base/file.h"
#include "rz/base/try.h"

namespace rz::profile {
namespace {

// Browsers have a quarter of that.
constexpr std::uint64_t kMostElfBytes = std::uint64_t{2} << 30;
constexpr std::uint64_t kMostUnsized = 64 << 10;

/// The struct at `offset`; nothing if the bytes end before.
template <class T>
std::optional<T> part_at(std::string_view bytes, std::uint64_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return std::nullopt;
  T part{};
  std::memcpy(&part, bytes.data() + offset, sizeof part);
  return part;
}

std::string_view piece(std::string_view bytes, std::uint64_t offset, std::uint64_t size) {
  return offset > bytes.size() ? std::string_view() : bytes.substr(offset, size);
}

/// The text at `offset`, up to its NUL.
std::string_view text_at(std::string_view names, std::uint64_t offset) {
  const std::string_view rest = piece(names, offset, names.size());
  return rest.substr(0, rest.find('\0'));
}

Result<Elf64_Ehdr> header_of(std::string_view bytes) {
  const auto header = part_at<Elf64_Ehdr>(bytes, 0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
      header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB) {
    return fail(ErrorCode::unsupported, "is not a 64-bit program or library");
  }
  return *header;
}

/// At most `size` bytes from `offset` on; less where the file ends.
Result<std::string> read_part(int fd, std::uint64_t offset, std::size_t size) {
  std::string part(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got =
        ::pread(fd, part.data() + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(ErrorCode::unavailable, errno_text(errno));
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  part.resize(done);
  return part;
}

std::string demangle(const std::string& name) {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text(
      abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status), std::free);
  return status == 0 && text ? std::string(text.get()) : name;
}

}  // namespace

Result<ElfFile> ElfFile::read(std::string_view bytes) {
  TRY(header_of(bytes));
  ElfFile file;
  file.read_segments(bytes);
  file.read_sections(bytes);
  file.sort_functions();
  return file;
}

void ElfFile::read_segments(std::string_view bytes) {
  const auto header = *part_at<Elf64_Ehdr>(bytes, 0);
  for (std::uint64_t i = 0; i < header.e_phnum; ++i) {
    const auto segment = part_at<Elf64_Phdr>(bytes, header.e_phoff + i * sizeof(Elf64_Phdr));
    if (!segment) return;
    if (segment->p_type == PT_LOAD) {
      segments_.push_back({segment->p_offset, segment->p_filesz, segment->p_vaddr});
    }
    if (segment->p_type == PT_NOTE) {
      read_build_id(piece(bytes, segment->p_offset, segment->p_filesz));
    }
  }
}

void ElfFile::read_sections(std::string_view bytes) {
  const auto header = *part_at<Elf64_Ehdr>(bytes, 0);
  const auto section_at = [&](std::uint64_t i) {
    return part_at<Elf64_Shdr>(bytes, header.e_shoff + i * sizeof(Elf64_Shdr));
  };
  for (std::uint64_t i = 0; i < header.e_shnum; ++i) {
    const auto section = section_at(i);
    if (!section) return;
    if (section->sh_type != SHT_SYMTAB && section->sh_type != SHT_DYNSYM) continue;
    const auto names = section_at(section->sh_link);
    if (!names) continue;
    read_functions(piece(bytes, section->sh_offset, section->sh_size),
                   piece(bytes, names->sh_offset, names->sh_size));
  }
}

void ElfFile::read_functions(std::string_view table, std::string_view names) {
  for (std::uint64_t at = 0; const auto symbol = part_at<Elf64_Sym>(table, at);
       at += sizeof(Elf64_Sym)) {
    const std::string_view name = text_at(names, symbol->st_name);
    const unsigned type = ELF64_ST_TYPE(symbol->st_info);
    // Behind these are stubs for calls to other libraries, which have no names.
    if (name == "_init" || name == "_fini") continue;
    const bool is_code = type == STT_FUNC || type == STT_GNU_IFUNC || type == STT_NOTYPE;
    if (!is_code || symbol->st_shndx == SHN_UNDEF || symbol->st_value == 0 || name.empty()) {
      continue;
    }
    functions_.push_back({symbol->st_value, symbol->st_size, std::string(name)});
  }
}

void ElfFile::read_build_id(std::string_view notes) {
  const auto header = part_at<Elf64_Nhdr>(notes, 0);
  if (!header || header->n_type != NT_GNU_BUILD_ID || header->n_namesz != 4) return;
  build_id_.clear();
  for (const char c : piece(notes, sizeof(Elf64_Nhdr) + 4, std::min(header->n_descsz, 64U))) {
    build_id_ += fmt::format("{:02x}", static_cast<unsigned char>(c));
  }
}

void ElfFile::sort_functions() {
  // Of several names of one place the one with a size tells where it ends.
  std::stable_sort(functions_.begin(), functions_.end(), [](const auto& a, const auto& b) {
    return a.address != b.address ? a.address < b.address : a.size > b.size;
  });
  functions_.erase(std::unique(functions_.begin(), functions_.end(),
                               [](const auto& a, const auto& b) { return a.address == b.address; }),
                   functions_.end());
}

void ElfFile::take_functions_of(const ElfFile& debug) {
  functions_.insert(functions_.end(), debug.functions_.begin(), debug.functions_.end());
  sort_functions();
}

std::string ElfFile::function_at(std::uint64_t address) const {
  auto next = std::upper_bound(
      functions_.begin(), functions_.end(), address,
      [](std::uint64_t wanted, const Function& function) { return wanted < function.address; });
  if (next == functions_.begin()) return "";
  const Function& found = *--next;
  // What assemblers make has no size, and goes on to the next one.
  const std::uint64_t size = found.size > 0 ? found.size : kMostUnsized;
  if (address - found.address >= size) return "";
  return demangle(found.name);
}

std::optional<std::uint64_t> ElfFile::address_of(std::uint64_t offset) const {
  for (const Segment& segment : segments_) {
    if (offset >= segment.offset && offset - segment.offset < segment.size) {
      return segment.address + (offset - segment.offset);
    }
  }
  return std::nullopt;
}

Result<ElfFile> read_elf_file(const std::string& path) {
  TRY_ASSIGN(const std::string bytes, read_file(path, kMostElfBytes));
  TRY_ASSIGN(ElfFile file, ElfFile::read(bytes));
  const std::string& id = file.build_id();
  if (id.size() <= 2) return file;
  // As Debian's packages -dbg and -dbgsym install them.
  const auto debug_bytes = read_file(
      "/usr/lib/debug/.build-id/" + id.substr(0, 2) + "/" + id.substr(2) + ".debug", kMostElfBytes);
  if (!debug_bytes) return file;
  if (const auto debug = ElfFile::read(*debug_bytes)) file.take_functions_of(*debug);
  return file;
}

Result<bool> is_dynamic(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return fail(ErrorCode::not_found, errno_text(errno), path);
  TRY_ASSIGN(const std::string beginning, read_part(fd.get(), 0, sizeof(Elf64_Ehdr)));
  TRY_ASSIGN(const Elf64_Ehdr header, header_of(beginning));
  TRY_ASSIGN(const std::string segments,
             read_part(fd.get(), header.e_phoff, header.e_phnum * sizeof(Elf64_Phdr)));
  for (std::uint64_t at = 0; const auto segment = part_at<Elf64_Phdr>(segments, at);
       at += sizeof(Elf64_Phdr)) {
    if (segment->p_type == PT_INTERP) return true;
  }
  return false;
}

}  // namespace rz::profile
