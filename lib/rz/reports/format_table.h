#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>
#include <memory>
#include <string_view>
#include <type_traits>

#include "rz/reports/writing/page.h"

namespace rz::reports {

class TransitionsWriter;

/// What is known of a format beside what it writes.
struct Format {
  std::string_view name;         ///< As `--format` has it.
  std::string_view media_type;   ///< As the endpoint has it.
  std::string_view file_ending;  ///< By which the format of a file's name is known.
};

/// A format's write() for a document, or its begin_list() for the list of transitions.
template <class Document>
struct Writing {
  using Function = void (*)(const Document&, Page&);
};
template <>
struct Writing<TransitionsWriter> {
  using Function = std::unique_ptr<TransitionsWriter> (*)(Page&);
};
template <class Document>
using Write = typename Writing<Document>::Function;

/// That function of the format; null: it has none.
template <class F, class Document>
constexpr Write<Document> writer_of() {
  if constexpr (std::is_same_v<Document, TransitionsWriter>) {
    if constexpr (requires { F::begin_list; }) return F::begin_list;
  } else if constexpr (requires { static_cast<Write<Document>>(F::write); }) {
    return F::write;
  }
  return nullptr;
}

/// The formats, a row each, in the order in which help names them.
template <class... F>
struct FormatTable {
  static constexpr Format kRows[] = {{F::kName, F::kMediaType, F::kFileEnding}...};

  /// By row.
  template <class Document>
  static constexpr Write<Document> kWriters[] = {writer_of<F, Document>()...};

  /// The names of the formats that write the document.
  template <class Document>
  static constexpr auto kNames = [] {
    constexpr auto kWritten = [](Write<Document> write) { return write != nullptr; };
    constexpr auto kCount =
        std::count_if(std::begin(kWriters<Document>), std::end(kWriters<Document>), kWritten);
    static_assert(kCount > 0, "no format writes this document");
    std::array<std::string_view, kCount> names;
    std::size_t used = 0;
    for (std::size_t row = 0; row < std::size(kRows); ++row) {
      if (kWritten(kWriters<Document>[row])) names[used++] = kRows[row].name;
    }
    return names;
  }();

  /// What writes the document in the format of that name; null if there is no such format, or if it
  /// does not have the document.
  template <class Document>
  static Write<Document> writer(std::string_view format) {
    for (std::size_t row = 0; row < std::size(kRows); ++row) {
      if (kRows[row].name == format) return kWriters<Document>[row];
    }
    return nullptr;
  }
};

}  // namespace rz::reports
