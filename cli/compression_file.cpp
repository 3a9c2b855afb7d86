// SPDX-License-Identifier: Apache-2.0
#include "cli/compression_file.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "core/engine/raw_config.hpp"

namespace lanewise::cli {
namespace {

using engine::RawConfig;
using engine::RawEntry;
using network::WeightForm;

constexpr const char* kLayerSection = "layers.";

// What the file says of one layer, key by key.
struct Entry {
  std::string layer;
  const RawEntry* first = nullptr;
  const RawEntry* structure = nullptr;
  const RawEntry* density = nullptr;
  const RawEntry* clusters = nullptr;
  const RawEntry* precision = nullptr;
};

// "layers.NAME.KEY" into NAME and KEY; names may hold dots.
Entry& entry_of(const RawConfig& raw, const RawEntry& entry, std::vector<Entry>& all, std::string& key) {
  const std::size_t head = std::string(kLayerSection).size(), dot = entry.key.rfind('.');
  if (entry.key.rfind(kLayerSection, 0) != 0 || dot == std::string::npos || dot <= head) {
    throw Error(raw.place(entry) + "unknown key: must be layers.NAME.KEY, with NAME a layer or a pattern");
  }
  const std::string layer = entry.key.substr(head, dot - head);
  key = entry.key.substr(dot + 1);
  if (all.empty() || all.back().layer != layer) {
    for (const Entry& known : all) {
      if (known.layer == layer) throw Error(raw.place(entry) + "the layer has an entry already");
    }
    all.emplace_back();
    all.back().layer = layer;
    all.back().first = &entry;
  }
  return all.back();
}

template <class T>
T number_of(const RawConfig& raw, const RawEntry& entry, const char* rule) {
  const std::string& text = engine::single_value(raw, entry);
  T value{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc() || end != text.data() + text.size()) engine::refuse(raw, entry, text, rule);
  return value;
}

WeightForm form_of(const RawConfig& raw, const Entry& entry) {
  WeightForm form;
  if (entry.structure != nullptr) {
    const std::string& text = engine::single_value(raw, *entry.structure);
    form = engine::placed(raw, *entry.structure, [&] { return network::parse_structure(text); });
  }
  if (entry.density != nullptr) {
    form.density = number_of<double>(raw, *entry.density, "must be a number above 0 and at most 1");
    engine::placed(raw, *entry.density, [&] { return network::require_valid(form), 0; });
  }
  if (entry.clusters != nullptr) {
    form.clusters = number_of<std::int64_t>(raw, *entry.clusters, "must be a whole number");
    // 0 is how a form says that there is no palette, which a file says by saying nothing.
    if (form.clusters == 0) engine::refuse(raw, *entry.clusters, "0", "must be 2 to 65536");
    engine::placed(raw, *entry.clusters, [&] { return network::require_valid(form), 0; });
  }
  return form;
}

std::string quoted(const std::string& name) {
  std::string text = "\"";
  for (const char c : name) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text + '"';
}

std::string entry_text(const std::string& layer, const WeightForm& form) {
  std::vector<std::string> keys;
  if (form.structured()) keys.push_back(fmt::format("structure: {}:{}", form.kept, form.of));
  const double implied =
      form.structured() ? network::parse_structure(fmt::format("{}:{}", form.kept, form.of)).density : 1;
  if (form.density != implied || form.plain()) keys.push_back(fmt::format("density: {:.4g}", form.density));
  if (form.clusters > 0) keys.push_back(fmt::format("clusters: {}", form.clusters));
  return fmt::format("  {}: {{{}}}\n", quoted(layer), fmt::join(keys, ", "));
}

}  // namespace

CompressionFile read_compression(const std::string& path) {
  const RawConfig raw = engine::read_raw_config(path);
  std::vector<Entry> entries;
  for (const RawEntry& line : raw.entries) {
    std::string key;
    Entry& entry = entry_of(raw, line, entries, key);
    if (key == "structure") {
      entry.structure = &line;
    } else if (key == "density") {
      entry.density = &line;
    } else if (key == "clusters") {
      entry.clusters = &line;
    } else if (key == "precision") {
      entry.precision = &line;
    } else {
      throw Error(raw.place(line) + "unknown key: must be structure, density, clusters or precision");
    }
  }
  CompressionFile file;
  for (const Entry& entry : entries) {
    const std::string origin = fmt::format("{}:{}", raw.path, entry.first->line);
    if (entry.structure != nullptr || entry.density != nullptr || entry.clusters != nullptr) {
      file.forms.push_back({entry.layer, form_of(raw, entry), origin});
    }
    if (entry.precision != nullptr) {
      const std::string& text = engine::single_value(raw, *entry.precision);
      file.precisions.push_back({entry.layer,
                                 engine::placed(raw, *entry.precision, [&] { return network::parse_precisions(text); }),
                                 origin});
    }
  }
  if (entries.empty()) throw Error(path + ": names no layer");
  return file;
}

std::string compression_text(const network::Graph& graph, const std::string& path) {
  std::string text = "# Forms of weights, for `--compression` (docs/sparse.md).\nformat: 1\nlayers:\n";
  std::string layers;
  bool any = false;
  for (const network::Operator& op : graph.operators()) {
    if (!network::has_form(op)) continue;
    any = true;
    const WeightForm& form = graph.tensor(op.weights[0]).form;
    if (!form.plain()) layers += entry_text(op.name, form);
  }
  if (!any)
    throw Error(fmt::format("{}: network '{}' has no convolution and no fully connected layer", path, graph.name()));
  // All layers dense: a file must say something, and this says so.
  if (layers.empty()) layers = entry_text("*", WeightForm{});
  text += layers;
  engine::parse_raw_config(path, text);
  return text;
}

}  // namespace lanewise::cli
