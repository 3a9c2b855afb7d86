// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/size_expression.hpp"

#include <cctype>
#include <limits>

namespace lanewise::network::importing {

namespace {

using Size = std::optional<std::int64_t>;

class Expression {
 public:
  Expression(const std::string& text, const SizeLookup& lookup) : text_(text), lookup_(lookup) {}

  Size run() {
    const Size result = sum(0);
    skip_spaces();
    return at_ == text_.size() ? result : std::nullopt;
  }

 private:
  static constexpr int kDeepest = 32;  // brackets within each other
  const std::string& text_;
  const SizeLookup& lookup_;
  std::size_t at_ = 0;

  void skip_spaces() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }

  char next() {
    skip_spaces();
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  static Size combine(const Size& a, const Size& b, char sign) {
    if (!a || !b) return std::nullopt;
    std::int64_t result = 0;
    if (sign == '+') return __builtin_add_overflow(*a, *b, &result) ? std::nullopt : Size(result);
    if (sign == '-') return __builtin_sub_overflow(*a, *b, &result) ? std::nullopt : Size(result);
    if (sign == '*') return __builtin_mul_overflow(*a, *b, &result) ? std::nullopt : Size(result);
    if (*b == 0 || (*a == std::numeric_limits<std::int64_t>::min() && *b == -1)) return std::nullopt;
    const bool inexact = *a % *b != 0;
    return *a / *b - (inexact && (*a < 0) != (*b < 0) ? 1 : 0);
  }

  Size sum(int depth) {
    Size result = product(depth);
    while (next() == '+' || next() == '-') {
      const char sign = text_[at_++];
      result = combine(result, product(depth), sign);
    }
    return result;
  }

  Size product(int depth) {
    Size result = term(depth);
    while (next() == '*' || next() == '/') {
      const char sign = text_[at_++];
      if (sign == '/' && at_ < text_.size() && text_[at_] == '/') ++at_;
      result = combine(result, term(depth), sign);
    }
    return result;
  }

  Size term(int depth) {
    const char first = next();
    if (first == '(') {
      if (depth >= kDeepest) return std::nullopt;
      ++at_;
      const Size result = sum(depth + 1);
      if (next() != ')') return std::nullopt;
      ++at_;
      return result;
    }
    const std::size_t begin = at_;
    const auto is_part = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.';
    };
    while (at_ < text_.size() && is_part(text_[at_])) ++at_;
    const std::string word = text_.substr(begin, at_ - begin);
    if (word.empty()) return std::nullopt;
    if (word.find_first_not_of("0123456789") != std::string::npos) return lookup_(word);
    constexpr std::size_t kDigits = 18;
    return word.size() > kDigits ? std::nullopt : Size(std::stoll(word));
  }
};

}  // namespace

std::optional<std::int64_t> evaluate_size(const std::string& text, const SizeLookup& lookup) {
  return Expression(text, lookup).run();
}

}  // namespace lanewise::network::importing
