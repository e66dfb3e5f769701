#pragma once

#include <string>
#include <string_view>

#include "rz/reports/writing/page.h"

namespace rz::testing {

/// A page of a terminal, kept in memory.
class Terminal final : public reports::Page {
 public:
  explicit Terminal(bool color = false, int width = 80) : color_(color), width_(width) {}
  void raw(std::string_view bytes) override { text += bytes; }
  bool color() const override { return color_; }
  bool terminal() const override { return true; }
  int width() const override { return width_; }

  std::string text;

 private:
  bool color_;
  int width_;
};

}  // namespace rz::testing
