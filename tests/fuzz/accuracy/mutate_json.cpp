// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/fuzz/accuracy/targets.hpp"
#include "tests/fuzz/mutate.hpp"

namespace lanewise::fuzz {
namespace {

using Json = nlohmann::ordered_json;

Json* any_value(Json& json, Random& random) {
  Json* at = &json;
  constexpr int kDeepest = 8;
  for (int depth = 0; depth < kDeepest && at->is_structured() && !at->empty(); ++depth) {
    if (depth > 0 && random.chance(0.15)) break;
    auto next = at->begin();
    std::advance(next, static_cast<std::ptrdiff_t>(random.below(at->size())));
    at = &*next;
  }
  return at;
}

Json odd_value(Random& random) {
  const double real = odd_real(random);
  switch (random.below(6)) {
    case 0:
      return odd_integer(random);
    case 1:
      return std::isfinite(real) ? Json(real) : Json(nullptr);
    case 2:
      return Json::array();
    case 3:
      return Json::object();
    case 4:
      return random.chance(0.5);
    default:
      return "text";
  }
}

void change(Json& json, Random& random) {
  Json* value = any_value(json, random);
  switch (random.below(5)) {
    case 0:
      *value = odd_value(random);
      return;
    case 1:
      if (value->is_structured() && !value->empty()) {
        auto at = value->begin();
        std::advance(at, static_cast<std::ptrdiff_t>(random.below(value->size())));
        value->erase(at);
      }
      return;
    case 2:
      if (value->is_array() && !value->empty()) value->push_back(value->front());
      return;
    case 3: {
      const Json other = *any_value(json, random);
      *value = other;
      return;
    }
    default:
      if (value->is_number()) *value = value->get<double>() * (random.chance(0.5) ? -1 : 1e6);
  }
}

}  // namespace

std::string mutate_json(const Inputs& corpus, Random& random) {
  if (random.chance(0.25)) return mutate_text(corpus, random);
  Json json = Json::parse(random.pick(corpus), nullptr, false);
  if (json.is_discarded()) return mutate_text(corpus, random);
  for (int n = changes(random); n > 0; --n) change(json, random);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace lanewise::fuzz
