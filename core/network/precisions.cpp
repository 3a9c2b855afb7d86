// SPDX-License-Identifier: Apache-2.0
#include "core/network/precisions.hpp"

#include <fmt/format.h>

#include <sstream>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"

namespace lanewise::network {

PrecisionPair parse_precisions(const std::string& text) {
  if (text.find('=') == std::string::npos) {
    const Precision both = parse_precision(text);
    return {both, both};
  }
  PrecisionPair pair;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    const std::size_t equals = part.find('=');
    const std::string what = part.substr(0, equals);
    std::optional<Precision>* side = what == "weights"       ? &pair.weights
                                     : what == "activations" ? &pair.activations
                                                             : nullptr;
    if (side == nullptr || equals == std::string::npos) {
      throw Error(fmt::format("precision '{}': '{}' is neither weights=P nor activations=P", text, part));
    }
    if (*side) throw Error(fmt::format("precision '{}': '{}' stands twice", text, what));
    *side = parse_precision(part.substr(equals + 1));
  }
  return pair;
}

std::vector<LayerPrecision> read_layer_precisions(const std::string& path) {
  std::istringstream file(read_input(path, kLargestConfiguration, "a list of precisions"));
  std::vector<LayerPrecision> layers;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    constexpr std::size_t kLongestLine = 1000;  // far more than a name and two precisions take
    if (line.size() > kLongestLine) {
      throw Error(fmt::format("{}:{}: the line has {} characters; at most {} are read", path, number, line.size(),
                              kLongestLine));
    }
    std::istringstream words(line.substr(0, line.find('#')));
    LayerPrecision layer;
    std::string precision, more;
    if (!(words >> layer.layer)) continue;
    layer.origin = fmt::format("{}:{}", path, number);
    if (!(words >> precision) || words >> more) {
      throw Error(layer.origin + ": a line needs a layer and its precisions, and nothing else");
    }
    try {
      layer.precision = parse_precisions(precision);
    } catch (const Error& error) {
      throw Error(layer.origin + ": " + error.what());
    }
    layers.push_back(std::move(layer));
  }
  if (layers.empty()) throw Error(path + ": names no layer");
  return layers;
}

bool matches(const std::string& pattern, const std::string& name) {
  // Greedy from the left; after a mismatch the last '*' takes one character more.
  std::size_t at = 0;
  std::size_t star = std::string::npos;
  std::size_t taken = 0;
  std::size_t i = 0;
  while (i < name.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      taken = i;
    } else if (at < pattern.size() && pattern[at] == name[i]) {
      ++at;
      ++i;
    } else if (star != std::string::npos) {
      at = star + 1;
      i = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string::npos;
}

}  // namespace lanewise::network
