// SPDX-License-Identifier: Apache-2.0
#include "core/network/compression_file.hpp"

#include <fmt/format.h>

#include <cctype>
#include <charconv>
#include <map>
#include <set>
#include <sstream>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"

namespace lanewise::network {
namespace {

template <class T>
T number_in(const std::string& text, const std::string& rule) {
  T value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stop != end || text.empty()) throw Error("'" + text + "' " + rule);
  return value;
}

// "structure=2:4,clusters=16" by key. Throws Error.
std::map<std::string, std::string> settings_in(const std::string& text) {
  static const std::set<std::string> known = {"structure", "density", "clusters", "weights", "activations"};
  std::map<std::string, std::string> settings;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    const std::size_t equals = part.find('=');
    const std::string key = part.substr(0, equals);
    if (equals == std::string::npos || known.count(key) == 0) {
      throw Error("'" + part + "': must be structure=N:M, density=D, clusters=K, weights=P or activations=P");
    }
    if (!settings.emplace(key, part.substr(equals + 1)).second) throw Error("'" + key + "' stands twice");
  }
  return settings;
}

WeightForm form_of(const std::map<std::string, std::string>& settings) {
  WeightForm form;
  if (const auto structure = settings.find("structure"); structure != settings.end()) {
    form = parse_structure(structure->second);
  }
  if (const auto density = settings.find("density"); density != settings.end()) {
    form.density = number_in<double>(density->second, "must be a density above 0 and at most 1");
  }
  if (const auto clusters = settings.find("clusters"); clusters != settings.end()) {
    form.clusters = number_in<std::int64_t>(clusters->second, "must be a whole number of clusters");
    // 0 is how a form says that there is no palette, which a file says by saying nothing.
    if (form.clusters == 0) throw Error("0 clusters: must be 2 to 65536");
  }
  require_valid(form);
  return form;
}

PrecisionPair precisions_of(const std::map<std::string, std::string>& settings) {
  PrecisionPair pair;
  if (const auto weights = settings.find("weights"); weights != settings.end()) {
    pair.weights = parse_precision(weights->second);
  }
  if (const auto activations = settings.find("activations"); activations != settings.end()) {
    pair.activations = parse_precision(activations->second);
  }
  return pair;
}

std::string line_text(const std::string& layer, const WeightForm& form) {
  std::vector<std::string> keys;
  if (form.structured()) keys.push_back(fmt::format("structure={}:{}", form.kept, form.of));
  const double implied = form.structured() ? parse_structure(fmt::format("{}:{}", form.kept, form.of)).density : 1;
  if (form.density != implied || form.plain()) keys.push_back(fmt::format("density={:.4g}", form.density));
  if (form.clusters > 0) keys.push_back(fmt::format("clusters={}", form.clusters));
  return fmt::format("{} {}\n", layer, fmt::join(keys, ","));
}

}  // namespace

CompressionFile read_compression(const std::string& path) {
  std::istringstream file(read_input(path, kLargestConfiguration, "a list of weights' forms"));
  CompressionFile result;
  std::set<std::string> named;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    constexpr std::size_t kLongestLine = 1000;  // far more than a name and all keys take
    const std::string origin = fmt::format("{}:{}", path, number);
    if (line.size() > kLongestLine) {
      throw Error(
          fmt::format("{}: the line has {} characters; at most {} are read", origin, line.size(), kLongestLine));
    }
    std::istringstream words(line.substr(0, line.find('#')));
    std::string layer, text, more;
    if (!(words >> layer)) continue;
    if (!(words >> text) || words >> more) {
      throw Error(origin + ": a line needs a layer and what its weight is, and nothing else");
    }
    if (!named.insert(layer).second) throw Error(fmt::format("{}: '{}' has a line already", origin, layer));
    try {
      const std::map<std::string, std::string> settings = settings_in(text);
      if (settings.count("structure") + settings.count("density") + settings.count("clusters") > 0) {
        result.forms.push_back({layer, form_of(settings), origin});
      }
      const PrecisionPair precision = precisions_of(settings);
      if (precision.weights || precision.activations) result.precisions.push_back({layer, precision, origin});
    } catch (const Error& error) {
      throw Error(origin + ": " + error.what());
    }
  }
  if (named.empty()) throw Error(path + ": names no layer");
  return result;
}

std::string name_in_line(const Graph& graph, const Operator& op, const std::string& path) {
  std::string name = op.name;
  for (char& c : name) {
    if (std::isspace(static_cast<unsigned char>(c)) != 0 || c == '#') c = '*';
  }
  if (name == op.name) return name;
  for (const Operator& other : graph.operators()) {
    if (&other != &op && has_form(other) && matches(name, other.name)) {
      throw Error(fmt::format("{}: no line can name layer '{}' without '{}'", path, op.name, other.name));
    }
  }
  return name;
}

std::string compression_text(const Graph& graph, const std::string& path) {
  std::string layers;
  bool any = false;
  for (const Operator& op : graph.operators()) {
    if (!has_form(op)) continue;
    any = true;
    const WeightForm& form = graph.tensor(op.weights[0]).form;
    if (!form.plain()) layers += line_text(name_in_line(graph, op, path), form);
  }
  if (!any) {
    throw Error(fmt::format("{}: network '{}' has no convolution and no fully connected layer", path, graph.name()));
  }
  // All layers dense: a file must say something, and this says so.
  if (layers.empty()) layers = line_text("*", WeightForm{});
  return "# Forms of weights, for `--compression` (docs/sparse.md).\n" + layers;
}

}  // namespace lanewise::network
