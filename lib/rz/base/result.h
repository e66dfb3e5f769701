#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

#pragma GCC visibility push(default)
namespace rz {

/// What kind of thing went wrong. Code branches on this, never on the text of a message.
enum class ErrorCode {
  invalid_argument,  ///< The caller (or the command line) asked for something that cannot be.
  parse,             ///< A text is not of its format: a condition, a duration, JSON.
  config,            ///< A configuration file is wrong.
  not_found,         ///< A named thing does not exist.
  unavailable,       ///< A server or file cannot be reached now; trying again may help.
  timeout,           ///< A deadline passed. Whether a write took effect is unknown.
  unsupported,       ///< The other side is there and cannot serve rz: waiting does not help.
  auth,              ///< The other side knows us not, or forbids this.
  conflict,          ///< Somebody else was first.
  corrupt,           ///< Stored data is not what was written.
  internal,          ///< A defect of rz or an unforeseen answer of the system.
};

/// The name of `code` as it stands in the enumeration, e.g. "invalid_argument".
const char* to_string(ErrorCode code);

/// An error as a person needs it: what happened and a way out in `message`, the place in `where`
/// (`file:line:column`, a URL without its password, a key), empty if there is none.
/// Never holds a secret. May hold bytes from outside: whoever prints it escapes them (text.h).
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
  std::string where;
  /// Whether it failed on this side, so that the other one was not even asked: no descriptor or
  /// thread to be had, no home folder, no network, a name service that does not answer.
  bool own_side = false;

  bool operator==(const Error&) const = default;
};

/// "where: message", or the message alone.
std::string to_string(const Error& error);

/// Whether the other side is away just now, and neither refused nor is damaged.
inline bool is_outage(const Error& error) {
  return error.code == ErrorCode::unavailable || error.code == ErrorCode::timeout;
}

/// A value or an Error. Unlike the alias of tl::expected that it would be otherwise, one that is
/// dropped unread is a compiler warning.
template <class T>
class [[nodiscard]] Result : public tl::expected<T, Error> {
 public:
  using Base = tl::expected<T, Error>;
  using Base::Base;
  Result(Base base) : Base(std::move(base)) {}
  // Without these, copying a non-const Result<bool> would pick Base's converting constructor and
  // yield has_value() instead of the value.
  Result(Result& other) : Base(static_cast<const Base&>(other)) {}
  Result(const Result&) = default;
  Result(Result&&) = default;
  Result& operator=(const Result&) = default;
  Result& operator=(Result&&) = default;
  Result() = default;
  ~Result() = default;
};

/// `return fail(code, message, where)` from any function that returns a Result.
inline tl::unexpected<Error> fail(ErrorCode code, std::string message, std::string where = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message), std::move(where)});
}

/// As fail, for what went wrong before the other side was asked: Error::own_side.
inline tl::unexpected<Error> fail_own_side(ErrorCode code, std::string message,
                                           std::string where = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message), std::move(where), true});
}

/// Passes an error on: `if (!r) return fail(std::move(r).error());`
inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

}  // namespace rz
#pragma GCC visibility pop
