// samples/ has documents in every format, for a person to read: how a format looks, and what a
// change does to it. RZ_UPDATE_GOLDEN=1 writes them anew; the change is then reviewed like any
// other.

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>

#include "health_results.h"
#include "history_results.h"
#include "profile_results.h"
#include "rz/base/file.h"
#include "rz/reports/formats.h"
#include "rz/reports/transitions.h"
#include "support/paths.h"

namespace rz::reports {
namespace {

const std::string kSamples = test::source_dir() + "/tests/reports/samples";

// A page for a browser is mostly its style and its script; html_test.cc reads it.
// What is binary is no text to read; profile_test.cc decodes it.
bool has_sample(const Format& format) {
  return !format.media_type.starts_with("text/html") && !format.media_type.ends_with("protobuf");
}

/// Compares the documents with those that are kept, or keeps them.
class Samples {
 public:
  void add(std::string_view document, const Format& format, const std::string& written) {
    const std::string name =
        std::string(document) + "." + std::string(format.name) + std::string(format.file_ending);
    names_.insert(name);
    INFO(name << ": RZ_UPDATE_GOLDEN=1 writes it; read what it says");
    const std::string path = kSamples + "/" + name;
    if (std::getenv("RZ_UPDATE_GOLDEN") != nullptr) {
      REQUIRE(write_file(path, written).has_value());
    }
    const auto kept = read_file(path, 1 << 20);
    REQUIRE(kept.has_value());
    CHECK(*kept == written);
  }

  template <class Document>
  void add_all(std::string_view name, const Document& document) {
    for (const Format& format : kFormats) {
      const Write<Document> write = writer<Document>(format.name);
      if (write == nullptr || !has_sample(format)) continue;
      StringPage page;
      write(document, page);
      add(name, format, page.text());
    }
  }

  const std::set<std::string>& names() const { return names_; }

 private:
  std::set<std::string> names_;
};

void add_transitions(Samples& samples) {
  for (const Format& format : kFormats) {
    const auto begin_list = writer<TransitionsWriter>(format.name);
    if (begin_list == nullptr || !has_sample(format)) continue;
    StringPage page;
    const auto list = begin_list(page);
    list->add(testing::audited_change("2026-01-01T06:00:00Z", Mode::primary, Mode::safe, 1,
                                      "multiple_failures(2)"));
    list->add(testing::audited_change("2026-01-01T06:30:00Z", Mode::safe, Mode::primary, 2,
                                      "recovered, \"all\" of it"));
    list->finish({});
    samples.add("transitions", format, page.text());
  }
}

}  // namespace

TEST_CASE("every format of these documents is as its sample shows it") {
  Samples samples;
  samples.add_all("health", testing::one_of_each_sort());
  samples.add_all("audit", testing::audited_day_over());
  samples.add_all("stats", testing::audited_day());
  samples.add_all("profile", testing::compared_profile());
  samples.add_all("profile_memory", testing::heap_profile());
  add_transitions(samples);
  for (const auto& entry : std::filesystem::directory_iterator(kSamples)) {
    CHECK(samples.names().contains(entry.path().filename().string()));
  }
}

}  // namespace rz::reports
