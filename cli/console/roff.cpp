// SPDX-License-Identifier: Apache-2.0
#include "cli/console/roff.hpp"

#include <fmt/format.h>

#include <sstream>
#include <vector>

namespace lanewise::cli {
namespace {

constexpr std::size_t kWidth = 78;

// The code of the character that begins at `at`, which is moved behind it. The text is UTF-8.
unsigned next_code(const std::string& text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  const int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
  unsigned code = more == 0 ? lead : lead & (0x3fu >> more);
  for (int i = 0; i < more && at < text.size(); ++i)
    code = code << 6 | (static_cast<unsigned char>(text[at++]) & 0x3fu);
  return code;
}

// Words of a command line, quotes left as they are.
std::vector<std::string> words_of(const std::string& command) {
  std::vector<std::string> words(1);
  char quote = '\0';
  for (const char c : command) {
    if (quote == '\0' && c == ' ') {
      if (!words.back().empty()) words.emplace_back();
      continue;
    }
    if (quote == c) {
      quote = '\0';
    } else if (quote == '\0' && (c == '"' || c == '\'')) {
      quote = c;
    }
    words.back() += c;
  }
  return words;
}

}  // namespace

std::string roff(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const unsigned code = next_code(text, at);
    switch (code) {
      case '\\':
        out += "\\e";
        break;
      case '-':
        out += "\\-";
        break;
      case '\'':
        out += "\\(aq";
        break;
      case '`':
        out += "\\(ga";
        break;
      case '^':
        out += "\\(ha";
        break;
      case '~':
        out += "\\(ti";
        break;
      case '\n':
        out += ' ';
        break;
      case '.':
        out += out.empty() ? "\\&." : ".";
        break;
      default:
        out += code < 0x80 ? std::string(1, static_cast<char>(code)) : fmt::format("\\[u{:04X}]", code);
    }
  }
  return out;
}

std::string roff_lines(const std::string& escaped) {
  std::string out, line;
  std::istringstream words(escaped);
  for (std::string word; words >> word;) {
    if (!line.empty() && line.size() + 1 + word.size() > kWidth) {
      out += line + "\n";
      line.clear();
    }
    // A line that begins with a point would be a command.
    if (line.empty() && word.front() == '.') word = "\\&" + word;
    line += (line.empty() ? "" : " ") + word;
  }
  return line.empty() ? out : out + line + "\n";
}

std::string roff_command(const std::string& command) {
  std::string out, line;
  for (const std::string& word : words_of(command)) {
    if (word == "\\" || word.empty()) continue;                         // where it was cut already
    if (!line.empty() && line.size() + 3 + word.size() > kWidth - 8) {  // man indents it
      out += roff(line) + " \\e\n";
      line = "   ";
    }
    line += (line.empty() ? "" : " ") + word;
  }
  return out + roff(line) + "\n";
}

}  // namespace lanewise::cli
