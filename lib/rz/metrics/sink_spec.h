#pragma once

#include <any>
#include <string_view>
#include <utility>

#pragma GCC visibility push(default)
namespace rz {

/// One entry of `health.metrics`: a type of sink and its options. A value.
class SinkSpec {
 public:
  /// `type` is the name of one of sink_types(), and `options` are of that type.
  SinkSpec(std::string_view type, std::any options) : type_(type), options_(std::move(options)) {}

  template <class Options>
  requires requires { Options::kType; }
  SinkSpec(Options options) : SinkSpec(Options::kType, std::any(std::move(options))) {}

  std::string_view type() const { return type_; }
  const std::any& options() const { return options_; }

  /// The options if they are of that type, else nullptr.
  template <class Options>
  const Options* get_if() const {
    return std::any_cast<Options>(&options_);
  }

 private:
  std::string_view type_;  ///< A literal.
  std::any options_;
};

}  // namespace rz
#pragma GCC visibility pop
