// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "tests/fuzz/mutate.hpp"

namespace lanewise::fuzz {
namespace {

struct Span {
  std::size_t begin = 0, size = 0;
};

template <class Belongs>
std::vector<Span> spans(const std::string& text, const Belongs& belongs) {
  std::vector<Span> out;
  for (std::size_t i = 0; i < text.size();) {
    if (!belongs(text[i])) {
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < text.size() && belongs(text[end])) ++end;
    out.push_back({i, end - i});
    i = end;
  }
  return out;
}

std::vector<Span> lines(const std::string& text) {
  return spans(text, [](char c) { return c != '\n'; });
}
std::vector<Span> words(const std::string& text) {
  return spans(text, [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-' || c == '/';
  });
}
std::vector<Span> numbers(const std::string& text) {
  return spans(text, [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '.'; });
}

std::string cut(const std::string& text, const Span& span) { return text.substr(span.begin, span.size); }

void replace_one(std::string& text, const std::vector<Span>& spans, const std::string& by, Random& random) {
  if (spans.empty()) return;
  const Span span = random.pick(spans);
  text.replace(span.begin, span.size, by);
}

std::string some_line(const std::string& text, Random& random) {
  const std::vector<Span> found = lines(text);
  return found.empty() ? "" : cut(text, random.pick(found));
}

void change_line(std::string& text, const Inputs& corpus, Random& random) {
  const std::vector<Span> found = lines(text);
  if (found.empty()) return;
  const Span span = random.pick(found);
  switch (random.below(5)) {
    case 0:
      text.erase(span.begin, std::min(span.size + 1, text.size() - span.begin));
      return;
    case 1:
      text.insert(span.begin, cut(text, span) + "\n");
      return;
    case 2:
      text.insert(span.begin, some_line(random.pick(corpus), random) + "\n");
      return;
    case 3:
      text.insert(span.begin, std::string(1 + random.below(4), ' '));  // another depth
      return;
    default: {
      const std::string other = some_line(random.pick(corpus), random);
      text.replace(span.begin, span.size, other);
    }
  }
}

}  // namespace

std::string odd_number_text(Random& random) {
  static const std::vector<std::string> odd = {"-1",
                                               "0",
                                               "-0",
                                               "1e308",
                                               "1e309",
                                               "-1e308",
                                               "1e-320",
                                               "nan",
                                               "inf",
                                               "-inf",
                                               "NaN",
                                               "0x10",
                                               "1e9",
                                               "1,",
                                               "1_000",
                                               "+1",
                                               ".5",
                                               "5.",
                                               "007",
                                               "1e",
                                               "--1",
                                               "1.5",
                                               "14.0",
                                               "1e18",
                                               "1e19",
                                               "99999999999999999999",
                                               "1 ",
                                               "0.0",
                                               "1e400",
                                               "2147483648",
                                               "4294967296",
                                               "9223372036854775807",
                                               "9223372036854775808",
                                               "-9223372036854775808"};
  return random.chance(0.2) ? std::to_string(odd_integer(random)) : random.pick(odd);
}

std::string odd_text(Random& random) {
  switch (random.below(12)) {
    case 0:
      return "";
    case 1:
      return std::string(1 + random.below(3000), 'a');
    case 2:
      return "\x1b[31mred\x1b[0m";
    case 3:
      return std::string("a\0b", 3);
    case 4:
      return "\xff\xfe\xc3\x28";
    case 5:
      return "../../../../etc/passwd";
    case 6:
      return std::string(1 + random.below(200), '[');
    case 7:
      return "%s%n{}{0}";
    case 8:
      return "{a: *b, b: &b [*b, *b]}";
    case 9:
      return "\r\n";
    case 10:
      return "\xe2\x80\xae";  // from right to left
    default:
      return odd_number_text(random);
  }
}

void change_text(std::string& text, const Inputs& corpus, Random& random) {
  static const std::vector<std::string> units = {"B",      "KiB", "MiB", "GB/s", "GHz", "MHz",
                                                 "cycles", "ns",  "%",   "pJ",   "mm2"};
  switch (random.below(10)) {
    case 0:
    case 1:
    case 2:
      return replace_one(text, numbers(text), odd_number_text(random), random);
    case 3:
    case 4: {
      const std::string& other = random.pick(corpus);
      const std::vector<Span> theirs = words(other);
      if (!theirs.empty()) replace_one(text, words(text), cut(other, random.pick(theirs)), random);
      return;
    }
    case 5:
      return replace_one(text, words(text), random.chance(0.3) ? random.pick(units) : odd_text(random), random);
    case 6:
    case 7:
      return change_line(text, corpus, random);
    case 8: {
      static const std::string signs = ":,-[]{}&*#'\"|>!%@`?=;\t\\\n ";
      const std::size_t at = static_cast<std::size_t>(random.below(text.size() + 1));
      text.insert(at, 1, signs[static_cast<std::size_t>(random.below(signs.size()))]);
      return;
    }
    default:
      return change_bytes(text, corpus, random);
  }
}

std::string mutate_text(const Inputs& corpus, Random& random) {
  std::string text = random.pick(corpus);
  for (int i = changes(random); i > 0; --i) change_text(text, corpus, random);
  return text;
}

}  // namespace lanewise::fuzz
