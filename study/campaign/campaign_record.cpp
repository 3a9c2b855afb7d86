// SPDX-License-Identifier: Apache-2.0
// A campaign as the keys and values of docs/campaigns.md, for the store of its rows.
#include <fmt/format.h>

#include <algorithm>

#include "core/base/printable.hpp"
#include "core/base/quantity_text.hpp"
#include "core/record/engine_values.hpp"
#include "study/campaign/campaign.hpp"

namespace lanewise::study {
namespace {

using Texts = std::vector<std::string>;

std::string list(const Texts& texts) { return fmt::format("[{}]", fmt::join(texts, ", ")); }

std::string list(const std::vector<std::int64_t>& numbers) { return fmt::format("[{}]", fmt::join(numbers, ", ")); }

std::string range(const SizeRange& sizes) {
  return sizes.low == sizes.high ? fmt::format("{}", sizes.low) : fmt::format("[{}, {}]", sizes.low, sizes.high);
}

class Writer {
 public:
  void add(const std::string& key, std::string value) { record_.values.emplace_back(key, std::move(value)); }
  void add(const std::string& key, double value) { add(key, number_text(value)); }
  void add(const std::string& key, std::int64_t value) { add(key, std::to_string(value)); }
  void add(const std::string& key, int value) { add(key, std::to_string(value)); }
  void add(const std::string& key, bool value) { add(key, std::string(value ? "true" : "false")); }
  record::CampaignRecord take() { return std::move(record_); }

 private:
  record::CampaignRecord record_;
};

void add_ranges(Writer& out, const std::string& before, const std::vector<engine::FamilyRange>& ranges) {
  for (const engine::FamilyRange& one : ranges) {
    out.add(before + one.key + ".values", list(one.values));
    if (!one.outside_values.empty()) out.add(before + one.key + ".outside_values", list(one.outside_values));
  }
}

void add_forms(Writer& out, const FormOptions& forms) {
  out.add("forms.engines", forms.engine_share);
  out.add("forms.rows", forms.row_share);
  if (forms.engine_share == 0 && forms.row_share == 0) return;
  Texts structures, densities;
  for (const network::WeightForm& form : forms.structures)
    structures.push_back(fmt::format("{}:{}", form.kept, form.of));
  for (const double density : forms.densities) densities.push_back(number_text(density));
  out.add("forms.structures", list(structures));
  out.add("forms.densities", list(densities));
  out.add("forms.clusters", list(forms.clusters));
  add_ranges(out, "forms.ranges.", forms.ranges);
}

// Sizes that a family does not have are at their defaults, and written all the same: the ranges are told whole.
void add_shapes(Writer& out, const std::vector<ShapeRanges>& shapes) {
  for (const ShapeRanges& shape : shapes) {
    const std::string before = fmt::format("shapes.{}.", mapping::to_string(shape.family));
    Texts precisions;
    for (const Precision precision : shape.precision) precisions.emplace_back(to_string(precision));
    out.add(before + "in_channels", range(shape.in_channels));
    out.add(before + "out_channels", range(shape.out_channels));
    out.add(before + "in_height", range(shape.height));
    if (shape.width) out.add(before + "in_width", range(*shape.width));
    out.add(before + "kernel", list(shape.kernel));
    out.add(before + "stride", list(shape.stride));
    out.add(before + "groups", list(shape.groups));
    out.add(before + "precision", list(precisions));
  }
}

}  // namespace

record::CampaignRecord record_of(const std::vector<network::Graph>& graphs, const engine::EngineConfig& base,
                                 const engine::Family& family, const CampaignOptions& options) {
  Writer out;
  if (!options.name.empty()) out.add("name", options.name);
  out.add("family", family.name);
  out.add("rows", options.rows);
  out.add("seed", fmt::format("{}", options.seed));
  Texts networks;
  for (const network::Graph& graph : graphs)
    networks.push_back(printable(graph.name()) + " " + network::graph_hash(graph));
  out.add("networks.names", list(networks));
  out.add("networks.variants", options.variants);
  if (!options.multiples.empty()) out.add("networks.multiples", list(options.multiples));
  out.add("engines.count", options.engines);
  out.add("engines.sampling", std::string(to_string(options.sampling)));
  out.add("engines.members", options.members);
  out.add("engines.outside_share", options.outside_share);
  out.add("engines.base_share", options.base_share);
  if (!options.focus.empty()) out.add("engines.focus", list(options.focus));
  out.add("shares.networks", options.network_share);
  out.add("shares.cliffs", options.boundary_share);
  out.add("shares.shapes", options.shape_share);
  add_forms(out, options.forms);
  add_shapes(out, options.shapes);
  add_ranges(out, "engines.ranges.", family.ranges);
  for (const auto& [key, value] : record::engine_values(base)) {
    if (key != "description") out.add("engines.set." + key, value);
  }
  return out.take();
}

}  // namespace lanewise::study
