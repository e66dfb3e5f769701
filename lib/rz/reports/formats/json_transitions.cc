#include <string>

#include "rz/base/error_value.h"
#include "rz/base/json.h"
#include "rz/reports/formats.h"
#include "rz/reports/transitions.h"

namespace rz::reports {
namespace {

/// One document, `rz.transitions/1`, with one record on each line, or indented.
class JsonTransitions final : public TransitionsWriter {
 public:
  explicit JsonTransitions(Page& page) : page_(page) {}

  using TransitionsWriter::add;
  void add(const fallback::TransitionView& transition) override {
    if (count_ == 0) page_.raw(kHead);
    page_.raw(count_ == 0 ? "\n" : ",\n");
    if (page_.pretty()) {
      page_.raw(indented(std::string(transition.json_without_end) + "}"));
    } else {
      page_.raw(transition.json_without_end);
      page_.raw("}");
    }
    ++count_;
  }

  void finish(const EndOfList& end) override {
    // Nothing was written, so the program prints the failure as its answer.
    if (end.failed != nullptr && count_ == 0) return;
    if (count_ == 0) page_.raw(kHead);
    page_.raw("\n],\"count\":" + std::to_string(count_));
    if (end.failed != nullptr || !end.whole) page_.raw(",\"complete\":false");
    if (end.failed != nullptr) page_.raw(",\"error\":" + to_json(to_value(*end.failed)));
    page_.raw("}\n");
  }

 private:
  static constexpr const char* kHead = "{\"schema\":\"rz.transitions/1\",\"transitions\":[";

  // As deep as it stands in the document.
  static std::string indented(const std::string& record) {
    const auto value = parse_json(record);
    if (!value) return record;
    std::string text;
    for (const char c : "    " + to_json(*value, 2)) {
      text += c;
      if (c == '\n') text += "    ";
    }
    return text;
  }

  Page& page_;
  std::size_t count_ = 0;
};

/// One record on each line and nothing else: what `rz transitions import` reads.
class NdjsonTransitions final : public TransitionsWriter {
 public:
  explicit NdjsonTransitions(Page& page) : page_(page) {}
  using TransitionsWriter::add;
  void add(const fallback::TransitionView& transition) override {
    page_.raw(transition.json_without_end);
    page_.raw("}\n");
  }
  void finish(const EndOfList&) override {}

 private:
  Page& page_;
};

}  // namespace

std::unique_ptr<TransitionsWriter> Json::begin_list(Page& page) {
  return std::make_unique<JsonTransitions>(page);
}

std::unique_ptr<TransitionsWriter> Ndjson::begin_list(Page& page) {
  return std::make_unique<NdjsonTransitions>(page);
}

void Json::write(const Reindexed& done, Page& page) {
  page.json(Value::object({{"schema", "rz.reindex/1"},
                           {"indexed", done.indexed},
                           {"dry_run", done.dry_run},
                           {"interrupted", done.interrupted}}));
}

void Json::write(const Pruned& done, Page& page) {
  page.json(Value::object({{"schema", "rz.prune/1"},
                           {"removed", done.removed},
                           {"dry_run", done.dry_run},
                           {"interrupted", done.interrupted}}));
}

void Json::write(const Imported& done, Page& page) {
  page.json(Value::object({{"schema", "rz.import/1"},
                           {"added", done.records.added},
                           {"known", done.records.known},
                           {"bad", done.records.bad},
                           {"dry_run", done.dry_run},
                           {"interrupted", done.interrupted}}));
}

}  // namespace rz::reports
