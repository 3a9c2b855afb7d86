// SPDX-License-Identifier: Apache-2.0
#include "core/network/onnx/given_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "core/base/error.hpp"

namespace lanewise::network::importing {

namespace {

bool is_real_type(int type) {
  return type == onnx::TensorProto::FLOAT || type == onnx::TensorProto::DOUBLE || type == onnx::TensorProto::FLOAT16 ||
         type == onnx::TensorProto::BFLOAT16;
}

std::string trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    words.push_back(trimmed(text.substr(begin, comma - begin)));
    begin = comma + 1;
  }
  return words;
}

void append_number(const std::string& word, int element_type, Constant& to) {
  if (word.empty()) throw Error("has an empty place; write a number, true, false, or a list such as 1,2,3");
  if (word == "true" || word == "false") {
    if (element_type != onnx::TensorProto::BOOL) throw Error(fmt::format("'{}': the input holds numbers", word));
    return to.whole.push_back(word == "true" ? 1 : 0);
  }
  if (to.is_real) {
    char* end = nullptr;
    const double value = std::strtod(word.c_str(), &end);
    if (end != word.c_str() + word.size() || !std::isfinite(value)) {
      throw Error(fmt::format("'{}' is not a finite number", word));
    }
    return to.real.push_back(value);
  }
  std::int64_t value = 0;
  const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (failure != std::errc() || end != word.data() + word.size()) {
    throw Error(fmt::format("'{}' is not a whole number{}", word,
                            element_type == onnx::TensorProto::BOOL ? ", true or false" : ""));
  }
  if (element_type == onnx::TensorProto::BOOL && value != 0 && value != 1) {
    throw Error(fmt::format("'{}' must be true or false", word));
  }
  to.whole.push_back(value);
}

void repeat_number(std::size_t count, Constant& value) {
  if (value.is_real) {
    value.real.resize(count, value.real.front());
  } else {
    value.whole.resize(count, value.whole.front());
  }
}

}  // namespace

Constant parse_given_value(const std::string& text, int element_type, const Shape& shape) {
  if (element_type == onnx::TensorProto::STRING) throw Error("the input holds texts, which no shape depends on");
  Constant result;
  result.is_real = is_real_type(element_type);
  for (const std::string& word : words_of(text)) append_number(word, element_type, result);
  result.shape = shape;
  const auto open = std::count(shape.begin(), shape.end(), kAnySize);
  if (open > 1 || (open == 1 && shape.size() > 1)) {
    throw Error("the input's shape is not fixed; set its dimensions with --dim");
  }
  if (open == 1) result.shape = {static_cast<std::int64_t>(result.size())};
  const std::optional<std::int64_t> count = element_count(result.shape);
  if (!count || *count > kLargestConstant) {
    throw Error(fmt::format("the input has more than {} elements", kLargestConstant));
  }
  const auto wanted = static_cast<std::size_t>(*count);
  if (result.size() == 1) repeat_number(wanted, result);
  if (result.size() != wanted) {
    throw Error(fmt::format("has {} values, but the input [{}] has {} elements", result.size(),
                            fmt::join(result.shape, ", "), wanted));
  }
  return result;
}

}  // namespace lanewise::network::importing
