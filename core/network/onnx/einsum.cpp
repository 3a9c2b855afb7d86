// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/einsum.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <stdexcept>

namespace lanewise::network::importing {

namespace {

constexpr const char* kDots = "...";

// "ab...c" as letters and, for the dots, one entry.
std::vector<std::string> letters(const std::string& term) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < term.size(); ++i) {
    if (term[i] == ' ') continue;
    if (term.compare(i, 3, kDots) == 0) {
      if (std::find(result.begin(), result.end(), kDots) != result.end()) {
        throw std::invalid_argument("a term of its equation has dots twice");
      }
      result.emplace_back(kDots);
      i += 2;
    } else if (std::isalpha(static_cast<unsigned char>(term[i])) != 0) {
      result.emplace_back(1, term[i]);
    } else {
      throw std::invalid_argument("its equation holds something else than letters, dots, commas and one arrow");
    }
  }
  return result;
}

std::vector<std::string> terms(const std::string& text) {
  std::vector<std::string> result(1);
  for (const char letter : text) {
    if (letter == ',') {
      result.emplace_back();
    } else {
      result.back() += letter;
    }
  }
  return result;
}

// The names of `count` axes that dots stand for, the last one "0".
std::vector<std::string> dotted(std::size_t count) {
  std::vector<std::string> result;
  for (std::size_t i = count; i-- > 0;) result.push_back(std::to_string(i));
  return result;
}

std::vector<std::string> without_dots(const std::vector<std::string>& term, std::size_t dots) {
  std::vector<std::string> result;
  for (const std::string& letter : term) {
    if (letter == kDots) {
      const std::vector<std::string> names = dotted(dots);
      result.insert(result.end(), names.begin(), names.end());
    } else {
      result.push_back(letter);
    }
  }
  return result;
}

void add_operand(Einsum& einsum, const std::vector<std::string>& term, const Shape& shape) {
  const bool has_dots = std::find(term.begin(), term.end(), kDots) != term.end();
  const std::size_t named = term.size() - (has_dots ? 1 : 0);
  if (shape.size() < named || (!has_dots && shape.size() != named)) {
    throw std::invalid_argument(
        fmt::format("its equation names {} axes of an operand that has {}", named, shape.size()));
  }
  std::vector<std::string> axes = without_dots(term, shape.size() - named);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto [entry, is_new] = einsum.sizes.emplace(axes[i], shape[i]);
    if (is_new || entry->second == shape[i] || shape[i] == 1) continue;
    if (entry->second != 1) {
      throw std::invalid_argument(
          fmt::format("its axis '{}' is {} long in one operand and {} in another", axes[i], entry->second, shape[i]));
    }
    entry->second = shape[i];
  }
  einsum.operands.push_back(std::move(axes));
}

// Without an arrow: the dots, then every letter that stands once, in alphabetical order.
std::vector<std::string> implicit_output(const Einsum& einsum, std::size_t dots) {
  std::map<std::string, int> count;
  for (const auto& operand : einsum.operands) {
    for (const std::string& axis : operand) ++count[axis];
  }
  std::vector<std::string> result = dotted(dots);
  for (const auto& [axis, times] : count) {
    if (times == 1 && std::isdigit(static_cast<unsigned char>(axis[0])) == 0) result.push_back(axis);
  }
  return result;
}

}  // namespace

Shape Einsum::output_shape() const {
  Shape result;
  for (const std::string& axis : output) result.push_back(sizes.at(axis));
  return result;
}

Einsum read_einsum(const std::string& equation, const std::vector<Shape>& shapes) {
  const std::size_t arrow = equation.find("->");
  const std::vector<std::string> left = terms(equation.substr(0, arrow));
  if (left.size() != shapes.size()) {
    throw std::invalid_argument(
        fmt::format("its equation has {} operands, and there are {}", left.size(), shapes.size()));
  }
  Einsum result;
  std::size_t dots = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    const std::vector<std::string> term = letters(left[i]);
    add_operand(result, term, shapes[i]);
    if (std::find(term.begin(), term.end(), kDots) != term.end()) {
      dots = std::max(dots, shapes[i].size() + 1 - term.size());
    }
  }
  result.output = arrow == std::string::npos ? implicit_output(result, dots)
                                             : without_dots(letters(equation.substr(arrow + 2)), dots);
  std::set<std::string> seen;
  for (const std::string& axis : result.output) {
    if (result.sizes.count(axis) == 0 || !seen.insert(axis).second) {
      throw std::invalid_argument(fmt::format("its output's axis '{}' is in no operand, or stands twice", axis));
    }
  }
  return result;
}

}  // namespace lanewise::network::importing
