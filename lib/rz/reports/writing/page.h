#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

#include "rz/base/value.h"

namespace rz::reports {

enum class Color { none, green, yellow, red, cyan, bold, dim };

/// A piece of text, and the colour in which a page with colours shows it.
struct Painted {
  std::string text;
  Color color = Color::none;
};

/// Where a report is written: standard output, a file, the answer of a server. Text that is put
/// into a line or a document may hold any bytes; the page makes it printable. Only raw() does not.
class Page {
 public:
  virtual ~Page() = default;

  /// Appends the bytes as they are. For the writer of a format, which has escaped them, and for
  /// data whose bytes are the answer itself.
  virtual void raw(std::string_view bytes) = 0;

  virtual bool color() const { return false; }
  /// Whether it goes to a terminal, which obeys control characters.
  virtual bool terminal() const { return false; }
  /// Whether characters beyond ASCII are shown as what they are.
  virtual bool unicode() const { return true; }
  /// Columns of the terminal.
  virtual int width() const { return 80; }
  /// Whether a text that does not fit goes on in further lines, in place of being cut.
  virtual bool whole() const { return false; }

  /// Whether a JSON document is indented, over several lines.
  virtual bool pretty() const { return terminal(); }

  /// A line of text for a person, made of strings, whole numbers and Painted pieces. All of them
  /// pass printable() (text.h), so a line break within a piece does not end the line.
  template <class... Pieces>
  void line(const Pieces&... pieces) {
    std::string line;
    (append(line, pieces), ...);
    line += '\n';
    raw(line);
  }

  /// A JSON document as one line, or indented where the page is pretty().
  void json(const Value& value);
  /// The same of the members of an object, behind `schema`, which names what the document is.
  void json(std::string_view schema, const Value& members);

  /// Text that is printable already, in `color` where the page has colours.
  std::string paint(Color color, std::string printable) const;

 private:
  void append(std::string& line, const Painted& piece) const;
  static void append(std::string& line, std::string_view piece);
  template <class Number>
  requires(std::integral<Number> && !std::same_as<Number, bool> &&
           !std::same_as<Number, char>) static void append(std::string& line, Number piece) {
    line += std::to_string(piece);
  }
};

/// A page in memory, without colours.
class StringPage final : public Page {
 public:
  void raw(std::string_view bytes) override { text_.append(bytes); }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

/// A page in memory whose text is to be written to another one, and so is made for that one, which
/// must outlive it.
class DraftPage final : public Page {
 public:
  explicit DraftPage(const Page& target) : target_(target) {}
  void raw(std::string_view bytes) override { text_.append(bytes); }
  bool color() const override { return target_.color(); }
  bool terminal() const override { return target_.terminal(); }
  int width() const override { return target_.width(); }
  bool whole() const override { return target_.whole(); }
  bool pretty() const override { return target_.pretty(); }
  const std::string& text() const { return text_; }
  void clear() { text_.clear(); }

 private:
  const Page& target_;
  std::string text_;
};

}  // namespace rz::reports
