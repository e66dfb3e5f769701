#pragma once

#include <concepts>
#include <memory>
#include <string_view>
#include <utility>

#include "rz/health/check_options.h"

#pragma GCC visibility push(default)
namespace rz {

/// One entry of `health.checks`: a type of check and its options. A value; copies share the
/// options, which never change.
class CheckSpec {
 public:
  /// `type` is the name of one of check_types(), and `options` are of that type.
  CheckSpec(std::string_view type, std::shared_ptr<const CheckOptions> options)
      : type_(type), options_(std::move(options)) {}

  template <std::derived_from<CheckOptions> Options>
  CheckSpec(Options options)
      : CheckSpec(Options::kType, std::make_shared<const Options>(std::move(options))) {}

  std::string_view type() const { return type_; }
  const CheckOptions& options() const { return *options_; }

  /// The options if they are of that type, else nullptr.
  template <class Options>
  const Options* get_if() const {
    return dynamic_cast<const Options*>(options_.get());
  }

 private:
  std::string_view type_;  ///< A literal.
  std::shared_ptr<const CheckOptions> options_;
};

}  // namespace rz
#pragma GCC visibility pop
