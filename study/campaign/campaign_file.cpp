// SPDX-License-Identifier: Apache-2.0
// Campaign files in two layers: the entries as written (core/engine/raw_config.hpp), then the campaign.
#include "study/campaign/campaign_file.hpp"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <type_traits>

#include "core/base/error.hpp"
#include "core/engine/parameter_table.hpp"
#include "core/engine/raw_config.hpp"
#include "core/network/compression.hpp"
#include "core/network/precisions.hpp"

namespace lanewise::study {
namespace {

namespace fs = std::filesystem;
using engine::RawConfig;
using engine::RawEntry;
using mapping::SubgraphFamily;

constexpr const char* kSet = "engines.set.";
constexpr const char* kRanges = "engines.ranges.";
constexpr const char* kValues = ".values";
constexpr const char* kOutsideValues = ".outside_values";
constexpr const char* kShapes = "shapes.";
constexpr const char* kFormRanges = "forms.ranges.";
constexpr const char* kDims = "networks.dims.";
constexpr const char* kInputs = "networks.inputs.";
constexpr double kDefaultShapeShare = 0.1;  // where there are networks, too
constexpr std::int64_t kLargestSize = 1 << 20;

bool starts_with(const std::string& text, const std::string& head) { return text.compare(0, head.size(), head) == 0; }
bool ends_with(const std::string& text, const std::string& tail) {
  return text.size() > tail.size() && text.compare(text.size() - tail.size(), tail.size(), tail) == 0;
}

template <class Number>
Number number(const RawConfig& raw, const RawEntry& entry, const std::string& text, Number low, Number high) {
  Number value{};
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = std::is_integral_v<Number>;
  if (status != std::errc() || end != text.data() + text.size() || !(value >= low && value <= high)) {
    refuse(raw, entry, text, fmt::format("must be a {}number from {} to {}", whole ? "whole " : "", low, high));
  }
  return value;
}

template <class Number>
Number number(const RawConfig& raw, const RawEntry& entry, Number low, Number high) {
  return number(raw, entry, single_value(raw, entry), low, high);
}

double share(const RawConfig& raw, const RawEntry& entry) { return number(raw, entry, 0.0, 1.0); }

std::string beside(const RawConfig& raw, const std::string& path) {
  return fs::path(path).is_absolute() ? path : (fs::path(raw.path).parent_path() / path).lexically_normal().string();
}

void read_files(const RawConfig& raw, const RawEntry& entry, CampaignFile& file) {
  for (const std::string& pattern : entry.values) {
    glob_t found{};
    const int failure = ::glob(beside(raw, pattern).c_str(), 0, nullptr, &found);
    std::vector<std::string> paths(found.gl_pathv, found.gl_pathv + (failure == 0 ? found.gl_pathc : 0));
    ::globfree(&found);
    if (paths.empty()) refuse(raw, entry, pattern, "matches no file; it is looked for beside the campaign file");
    for (std::string& one : paths) {
      auto& all = file.networks;
      if (std::find(all.begin(), all.end(), one) == all.end()) all.push_back(std::move(one));
    }
  }
}

template <class Read, class Number = decltype(std::declval<Read>()(std::string()))>
std::vector<Number> values_of(const RawEntry& entry, const Read& read) {
  std::vector<Number> out;
  for (const std::string& text : entry.values) out.push_back(read(text));
  return out;
}

// A key, what reads it, and whether it must be there.
struct Key {
  const char* name;
  bool required;
  std::function<void(const RawConfig&, const RawEntry&, CampaignFile&)> read;
};

const std::vector<Key>& keys() {
  using Raw = const RawConfig&;
  using Entry = const RawEntry&;
  using File = CampaignFile&;
  static const std::vector<Key> all = {
      {"name", true, [](Raw r, Entry e, File f) { f.options.name = f.name = single_value(r, e); }},
      {"rows", true, [](Raw r, Entry e, File f) { f.options.rows = number<std::int64_t>(r, e, 1, kMostCampaignRows); }},
      {"seed", false, [](Raw r, Entry e, File f) { f.options.seed = number<std::uint64_t>(r, e, 0, UINT64_MAX); }},
      {"networks.files", false, read_files},
      {"networks.batch", false, [](Raw r, Entry e, File f) { f.batch = number<std::int64_t>(r, e, 1, kLargestSize); }},
      {"networks.custom", false, [](Raw r, Entry e, File f) { f.custom = beside(r, single_value(r, e)); }},
      {"networks.precision", false,
       [](Raw r, Entry e, File f) {
         f.precision = single_value(r, e);
         placed(r, e, [&] { return network::parse_precisions(f.precision); });
       }},
      {"networks.variants", false, [](Raw r, Entry e, File f) { f.options.variants = number<int>(r, e, 0, 1000); }},
      {"engines.hwconfig", true, [](Raw r, Entry e, File f) { f.hwconfig = beside(r, single_value(r, e)); }},
      {"engines.count", true,
       [](Raw r, Entry e, File f) { f.options.engines = number<int>(r, e, 1, kMostCampaignEngines); }},
      {"engines.sampling", false,
       [](Raw r, Entry e, File f) {
         f.options.sampling = placed(r, e, [&] { return parse_engine_sampling(single_value(r, e)); });
       }},
      {"engines.members", false,
       [](Raw r, Entry e, File f) {
         const std::string& text = single_value(r, e);
         if (text != "true" && text != "false") refuse(r, e, text, "must be true or false");
         f.options.members = text == "true";
       }},
      {"engines.outside_share", false, [](Raw r, Entry e, File f) { f.options.outside_share = share(r, e); }},
      {"engines.base_share", false, [](Raw r, Entry e, File f) { f.options.base_share = share(r, e); }},
      {"forms.engines", false, [](Raw r, Entry e, File f) { f.options.forms.engine_share = share(r, e); }},
      {"forms.rows", false, [](Raw r, Entry e, File f) { f.options.forms.row_share = share(r, e); }},
      {"forms.structures", false,
       [](Raw r, Entry e, File f) {
         f.options.forms.structures = values_of(
             e, [&](const std::string& text) { return placed(r, e, [&] { return network::parse_structure(text); }); });
       }},
      {"forms.densities", false,
       [](Raw r, Entry e, File f) {
         f.options.forms.densities = values_of(e, [&](const std::string& text) {
           return number(r, e, text, network::kDensityStep, 1 - network::kDensityStep);
         });
       }},
      {"forms.clusters", false,
       [](Raw r, Entry e, File f) {
         f.options.forms.clusters = values_of(
             e, [&](const std::string& text) { return number<std::int64_t>(r, e, text, 2, network::kLargestPalette); });
       }},
      {"shares.networks", false, [](Raw r, Entry e, File f) { f.options.network_share = share(r, e); }},
      {"shares.cliffs", false, [](Raw r, Entry e, File f) { f.options.boundary_share = share(r, e); }},
      {"shares.shapes", false, [](Raw r, Entry e, File f) { f.options.shape_share = share(r, e); }},
  };
  return all;
}

// What a family is drawn from, key by key.
struct ShapeKey {
  const char* name;
  std::function<void(const RawConfig&, const RawEntry&, ShapeRanges&)> read;
  std::set<SubgraphFamily> families;
  bool required;
};

SizeRange size_range(const RawConfig& raw, const RawEntry& entry) {
  if (entry.values.size() > 2) throw Error(raw.place(entry) + "must be one size, or [SMALLEST, LARGEST]");
  SizeRange range;
  range.low = number<std::int64_t>(raw, entry, entry.values.front(), 1, kLargestSize);
  range.high = number<std::int64_t>(raw, entry, entry.values.back(), 1, kLargestSize);
  if (range.high < range.low) {
    throw Error(raw.place(entry) + fmt::format("[{}, {}] must be [SMALLEST, LARGEST]", range.low, range.high));
  }
  return range;
}

std::vector<std::int64_t> choices(const RawConfig& raw, const RawEntry& entry, std::int64_t high) {
  std::vector<std::int64_t> out;
  for (const std::string& text : entry.values) out.push_back(number<std::int64_t>(raw, entry, text, 1, high));
  return out;
}

const std::vector<ShapeKey>& shape_keys() {
  using Raw = const RawConfig&;
  using Entry = const RawEntry&;
  using Shape = ShapeRanges&;
  using F = SubgraphFamily;
  static const std::set<F> maps = {F::kConvolution, F::kGrouped,     F::kDepthwise,
                                   F::kPooling,     F::kElementwise, F::kNormalization};
  static const std::set<F> windows = {F::kConvolution, F::kGrouped, F::kDepthwise, F::kPooling};
  static const std::set<F> matrices = {F::kFullyConnected, F::kMatMul};
  static const std::set<F> dense = {F::kConvolution, F::kGrouped, F::kFullyConnected, F::kMatMul};
  static const std::set<F> every = {F::kConvolution, F::kGrouped, F::kDepthwise,      F::kPooling,
                                    F::kElementwise, F::kMatMul,  F::kFullyConnected, F::kNormalization};
  static const std::vector<ShapeKey> all = {
      {"in_channels", [](Raw r, Entry e, Shape s) { s.in_channels = size_range(r, e); }, every, true},
      {"out_channels", [](Raw r, Entry e, Shape s) { s.out_channels = size_range(r, e); }, dense, true},
      {"in_height", [](Raw r, Entry e, Shape s) { s.height = size_range(r, e); }, maps, true},
      {"in_width", [](Raw r, Entry e, Shape s) { s.width = size_range(r, e); }, maps, false},
      {"rows", [](Raw r, Entry e, Shape s) { s.height = size_range(r, e); }, matrices, false},
      {"kernel", [](Raw r, Entry e, Shape s) { s.kernel = choices(r, e, 64); }, windows, true},
      {"stride", [](Raw r, Entry e, Shape s) { s.stride = choices(r, e, 64); }, windows, false},
      {"groups", [](Raw r, Entry e, Shape s) { s.groups = choices(r, e, 4096); }, {F::kGrouped}, true},
      {"matrices", [](Raw r, Entry e, Shape s) { s.groups = choices(r, e, 4096); }, {F::kMatMul}, false},
      {"precision",
       [](Raw r, Entry e, Shape s) {
         s.precision.clear();
         for (const std::string& text : e.values) {
           s.precision.push_back(placed(r, e, [&] { return parse_precision(text); }));
         }
       },
       every, false},
  };
  return all;
}

std::optional<SubgraphFamily> family_of(const std::string& name) {
  for (const SubgraphFamily family : shape_keys().front().families) {
    if (name == mapping::to_string(family)) return family;
  }
  return std::nullopt;
}

// "shapes.FAMILY.KEY"
void read_shape(const RawConfig& raw, const RawEntry& entry, std::map<SubgraphFamily, ShapeRanges>& shapes) {
  const std::string rest = entry.key.substr(std::string(kShapes).size());
  const std::size_t dot = rest.find('.');
  const std::string name = rest.substr(0, dot);
  const std::optional<SubgraphFamily> family = family_of(name);
  if (!family) {
    std::vector<std::string> known;
    for (const SubgraphFamily one : shape_keys().front().families) known.emplace_back(mapping::to_string(one));
    refuse(raw, entry, name, fmt::format("is no family of shapes: must be one of {}", fmt::join(known, ", ")));
  }
  const std::string key = dot == std::string::npos ? "" : rest.substr(dot + 1);
  std::vector<std::string> known;
  for (const ShapeKey& one : shape_keys()) {
    if (one.families.count(*family) == 0) continue;
    known.emplace_back(one.name);
    if (key != one.name) continue;
    if (entry.values.empty()) throw Error(raw.place(entry) + "must hold at least one value");
    ShapeRanges& ranges = shapes[*family];
    ranges.family = *family;
    one.read(raw, entry, ranges);
    return;
  }
  throw Error(raw.place(entry) + fmt::format("unknown key: must be one of {}", fmt::join(known, ", ")));
}

void require_shapes(const RawConfig& raw, const std::map<SubgraphFamily, ShapeRanges>& shapes) {
  for (const auto& [family, ranges] : shapes) {
    for (const ShapeKey& key : shape_keys()) {
      const std::string full = fmt::format("{}{}.{}", kShapes, mapping::to_string(family), key.name);
      if (key.required && key.families.count(family) > 0 && raw.find(full) == nullptr) {
        throw Error(fmt::format("{}: key '{}': missing", raw.path, full));
      }
    }
  }
}

const engine::Parameter& parameter(const RawConfig& raw, const RawEntry& entry, const std::string& key) {
  return *placed(raw, entry, [&] { return &engine::require_parameter(key); });
}

void read_override(const RawConfig& raw, const RawEntry& entry, CampaignFile& file) {
  const std::string key = entry.key.substr(std::string(kSet).size());
  const engine::Parameter& found = parameter(raw, entry, key);
  const std::string& value = single_value(raw, entry);
  placed(raw, entry, [&] { return engine::parse_value(found, value); });
  file.overrides.push_back({key, value});
}

// Keys of `forms.ranges` are those of what an engine makes of weights, and need not be varied beyond their values.
void check_form_range(const RawConfig& raw, const RawEntry& entry, const std::string& key) {
  const std::vector<engine::FamilyRange>& known = default_form_ranges();
  if (std::any_of(known.begin(), known.end(), [&](const engine::FamilyRange& one) { return one.key == key; })) return;
  refuse(raw, entry, key, "does not change how weights are run or stored: must be of sparsity or compression");
}

// `before` is what stands before the engine's key, "engines.ranges." or "forms.ranges.".
void read_range(const RawConfig& raw, const RawEntry& entry, const std::string& before,
                std::vector<engine::FamilyRange>& ranges) {
  const bool of_forms = before == kFormRanges;
  const bool outside = !of_forms && ends_with(entry.key, kOutsideValues);
  if (!outside && !ends_with(entry.key, kValues)) {
    throw Error(raw.place(entry) +
                (of_forms ? "unknown key: must be forms.ranges.KEY.values"
                          : "unknown key: must be engines.ranges.KEY.values or engines.ranges.KEY.outside_values"));
  }
  const std::size_t head = before.size();
  const std::size_t tail = std::string(outside ? kOutsideValues : kValues).size();
  const std::string key = entry.key.substr(head, entry.key.size() - head - tail);
  const engine::Parameter& found = parameter(raw, entry, key);
  engine::EngineConfig shape;
  if (std::holds_alternative<std::string*>(found.slot(shape))) {
    refuse(raw, entry, key, "is a text and has no range");
  }
  if (of_forms) check_form_range(raw, entry, key);
  if (of_forms && entry.values.empty()) throw Error(raw.place(entry) + "must hold at least one value");
  auto range = std::find_if(ranges.begin(), ranges.end(), [&](const auto& one) { return one.key == key; });
  if (range == ranges.end()) range = ranges.insert(ranges.end(), {key, {}, {}});
  for (const std::string& text : entry.values) {
    const std::string value = placed(raw, entry, [&] { return text_of(engine::parse_value(found, text)); });
    for (const auto* side : {&range->values, &range->outside_values}) {
      if (std::find(side->begin(), side->end(), value) != side->end()) refuse(raw, entry, text, "is given twice");
    }
    (outside ? range->outside_values : range->values).push_back(value);
  }
}

std::vector<std::string> known_keys() {
  std::vector<std::string> names;
  for (const Key& key : keys()) names.emplace_back(key.name);
  return names;
}

void read_entry(const RawConfig& raw, const RawEntry& entry, CampaignFile& file,
                std::map<SubgraphFamily, ShapeRanges>& shapes) {
  if (starts_with(entry.key, kSet)) return read_override(raw, entry, file);
  if (starts_with(entry.key, kRanges)) return read_range(raw, entry, kRanges, file.ranges);
  if (starts_with(entry.key, kFormRanges)) return read_range(raw, entry, kFormRanges, file.options.forms.ranges);
  if (starts_with(entry.key, kShapes)) return read_shape(raw, entry, shapes);
  if (starts_with(entry.key, kDims)) {
    const std::int64_t size = number<std::int64_t>(raw, entry, 0, kLargestSize);
    file.dims.emplace_back(entry.key.substr(std::string(kDims).size()), size);
    return;
  }
  if (starts_with(entry.key, kInputs)) {
    file.inputs.emplace_back(entry.key.substr(std::string(kInputs).size()),
                             fmt::format("{}", fmt::join(entry.values, ",")));
    return;
  }
  for (const Key& key : keys()) {
    if (entry.key == key.name) return key.read(raw, entry, file);
  }
  engine::refuse_unknown_key(raw, entry, known_keys());
}

// What several keys together must keep to.
void check_together(const RawConfig& raw, CampaignFile& file) {
  for (const Key& key : keys()) {
    if (key.required && raw.find(key.name) == nullptr) {
      throw Error(fmt::format("{}: key '{}': missing", raw.path, key.name));
    }
  }
  for (const engine::FamilyRange& range : file.ranges) {
    if (!range.values.empty()) continue;
    throw Error(fmt::format("{}: key '{}{}{}': missing, or without a value", raw.path, kRanges, range.key, kValues));
  }
  CampaignOptions& options = file.options;
  if (file.networks.empty() && options.shapes.empty()) {
    throw Error(fmt::format("{}: neither key 'networks.files' nor 'shapes': one must say what is measured", raw.path));
  }
  const RawEntry* of_shapes = raw.find("shares.shapes");
  if (of_shapes != nullptr && options.shapes.empty() && options.shape_share > 0) {
    refuse(raw, *of_shapes, single_value(raw, *of_shapes), "of the rows need key 'shapes' to be drawn from");
  }
  if (of_shapes == nullptr && !options.shapes.empty()) options.shape_share = kDefaultShapeShare;
  if (file.networks.empty()) {
    for (const char* name : {"shares.networks", "shares.cliffs"}) {
      if (const RawEntry* entry = raw.find(name))
        refuse(raw, *entry, single_value(raw, *entry), "needs networks.files");
    }
    options.network_share = options.boundary_share = 0;
    options.shape_share = 1;
  }
  const double sum = options.network_share + options.boundary_share + options.shape_share;
  constexpr double kRounding = 1e-9;
  if (sum > 1 + kRounding) {
    throw Error(fmt::format("{}: key 'shares': networks {}, cliffs {} and shapes {} add up to {}, must be at most 1",
                            raw.path, options.network_share, options.boundary_share, options.shape_share, sum));
  }
}

}  // namespace

CampaignFile load_campaign_file(const std::string& path) {
  const RawConfig raw = engine::read_raw_config(path);
  CampaignFile file;
  std::map<SubgraphFamily, ShapeRanges> shapes;
  for (const RawEntry& entry : raw.entries) read_entry(raw, entry, file, shapes);
  require_shapes(raw, shapes);
  for (auto& [family, ranges] : shapes) file.options.shapes.push_back(std::move(ranges));
  check_together(raw, file);
  return file;
}

engine::Family with_ranges(engine::Family family, const std::vector<engine::FamilyRange>& ranges) {
  for (const engine::FamilyRange& range : ranges) {
    const auto same = std::find_if(family.ranges.begin(), family.ranges.end(),
                                   [&](const engine::FamilyRange& known) { return known.key == range.key; });
    if (same == family.ranges.end()) {
      family.ranges.push_back(range);
    } else {
      *same = range;
    }
  }
  return family;
}

}  // namespace lanewise::study
