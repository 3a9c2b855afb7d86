// SPDX-License-Identifier: Apache-2.0
#include "core/engine/numeric_parameter.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "core/base/error.hpp"
#include "core/engine/parameter_table.hpp"

namespace lanewise::engine {
namespace {

template <class T>
struct IsQuantity : std::false_type {};
template <class Tag, class Rep>
struct IsQuantity<Quantity<Tag, Rep>> : std::true_type {
  using Number = Rep;
};

template <class T>
constexpr bool kIsNumber = std::is_same_v<T, std::int64_t> || std::is_same_v<T, double> || IsQuantity<T>::value;

template <class T>
constexpr bool is_whole() {
  if constexpr (IsQuantity<T>::value) return std::is_same_v<typename IsQuantity<T>::Number, std::int64_t>;
  return std::is_same_v<T, std::int64_t>;
}

// `value` as the alternative that `like` holds.
Value value_like(const Value& like, double value) {
  return std::visit(
      [&](const auto& held) -> Value {
        using T = std::decay_t<decltype(held)>;
        if constexpr (!kIsNumber<T>) {
          throw InternalError("a parameter that is no number was asked for one");
        } else if constexpr (is_whole<T>()) {
          return T(static_cast<std::int64_t>(std::llround(value)));
        } else {
          return T(value);
        }
      },
      like);
}

double number_of(const Parameter& parameter, const char* text) {
  EngineConfig config;
  store(parameter, parse_value(parameter, text), config);
  return numeric_value(config, parameter.key);
}

}  // namespace

NumericParameter numeric_parameter(const std::string& key) {
  const Parameter& parameter = require_parameter(key);
  const Value value = fetch(parameter, EngineConfig{});
  NumericParameter out;
  out.key = key;
  const bool number = std::visit([](const auto& held) { return kIsNumber<std::decay_t<decltype(held)>>; }, value);
  if (!number) throw Error("key '" + key + "': is no number: must be one of " + notation(parameter));
  out.whole = std::visit([](const auto& held) { return is_whole<std::decay_t<decltype(held)>>(); }, value);
  out.low = number_of(parameter, parameter.low);
  out.high = number_of(parameter, parameter.high);
  return out;
}

std::string numeric_text(const std::string& key, double value) {
  const NumericParameter bounds = numeric_parameter(key);
  const Value like = fetch(require_parameter(key), EngineConfig{});
  return text_of(value_like(like, std::clamp(value, bounds.low, bounds.high)));
}

}  // namespace lanewise::engine
