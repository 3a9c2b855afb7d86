// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tests/fuzz/mutate.hpp"

namespace lanewise::fuzz {
namespace {

using Json = nlohmann::json;

// A value of the document, any depth.
Json* any_value(Json& json, Random& random) {
  Json* at = &json;
  for (int depth = 0; depth < 8 && at->is_structured() && !at->empty(); ++depth) {
    if (depth > 0 && random.chance(0.25)) break;
    auto next = at->begin();
    std::advance(next, static_cast<std::ptrdiff_t>(random.below(at->size())));
    at = &*next;
  }
  return at;
}

void change_json(Json& json, Random& random) {
  Json* value = any_value(json, random);
  switch (random.below(8)) {
    case 0:
      *value = odd_integer(random);
      return;
    case 1: {
      const double real = odd_real(random);
      *value = std::isfinite(real) ? Json(real) : Json(nullptr);
      return;
    }
    case 2:
      *value = "text";
      return;
    case 3:
      *value = random.chance(0.5) ? Json::array() : Json::object();
      return;
    case 4:
      if (value->is_structured() && !value->empty()) {
        auto at = value->begin();
        std::advance(at, static_cast<std::ptrdiff_t>(random.below(value->size())));
        value->erase(at);
      }
      return;
    case 5:
      if (value->is_array() && !value->empty()) value->push_back(value->front());
      return;
    case 6: {
      const Json other = *any_value(json, random);
      *value = other;
      return;
    }
    default:
      if (value->is_number()) *value = value->get<double>() * (random.chance(0.5) ? -1 : 1e6);
  }
}

}  // namespace

// The format: a line of magic, version, sizes and checksum; a line of JSON; the parts.
std::string mutate_estimator(const Inputs& corpus, Random& random) {
  const std::string& model = random.pick(corpus);
  const std::size_t first = model.find('\n');
  const std::size_t second = first == std::string::npos ? first : model.find('\n', first + 1);
  if (second == std::string::npos || random.chance(0.15)) return mutate_bytes(corpus, random);
  Json header = Json::parse(model.substr(first + 1, second - first - 1), nullptr, false);
  std::string payload = model.substr(second + 1);
  if (header.is_discarded()) return mutate_bytes(corpus, random);
  for (int i = changes(random); i > 0; --i) {
    random.chance(0.7) ? change_json(header, random) : change_bytes(payload, {payload}, random);
  }
  const std::string line = header.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  const std::string content = line + payload;
  const std::string magic = model.substr(0, model.find(' ', model.find(' ') + 1));
  return fmt::format("{} {} {} {}\n", magic, line.size(), payload.size(), hex_hash(content)) + content;
}

}  // namespace lanewise::fuzz
