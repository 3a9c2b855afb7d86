// SPDX-License-Identifier: Apache-2.0
#include "core/mapping/subgraph.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <map>
#include <tuple>

#include "core/base/error.hpp"

namespace lanewise::mapping {
namespace {

constexpr std::array<const char*, kSubgraphFamilyCount> kFamilyNames{
    "convolution", "grouped",     "depthwise",     "fully_connected", "matmul", "pooling",
    "reduction",   "elementwise", "normalization", "resize",          "move",   "host"};
constexpr std::array<const char*, 3> kOperandNames{"none", "tensor", "per_channel"};

std::string window_text(const network::Window& w) {
  return fmt::format("{}x{}/{}x{}/{}x{}/{},{},{},{}", w.kernel[0], w.kernel[1], w.stride[0], w.stride[1], w.dilation[0],
                     w.dilation[1], w.pad_begin[0], w.pad_begin[1], w.pad_end[0], w.pad_end[1]);
}

// Reads a key's fields and refuses anything malformed, naming the key.
class KeyReader {
 public:
  explicit KeyReader(const std::string& key) : key_(key) {
    std::size_t at = 0;
    while (at < key.size()) {
      const std::size_t end = std::min(key.find(' ', at), key.size());
      const std::string field = key.substr(at, end - at);
      const std::size_t equals = field.find('=');
      if (equals == std::string::npos) fail("field '" + field + "' has no '='");
      fields_[field.substr(0, equals)] = field.substr(equals + 1);
      at = end + 1;
    }
  }

  [[noreturn]] void fail(const std::string& rule) const { throw Error("subgraph key '" + key_ + "': " + rule); }

  const std::string& text(const std::string& name) const {
    const auto found = fields_.find(name);
    if (found == fields_.end()) fail("field '" + name + "' is missing");
    return found->second;
  }

  bool has(const std::string& name) const { return fields_.count(name) > 0; }
  std::int64_t whole(const std::string& text) const {
    char* end = nullptr;
    const std::int64_t value = std::strtoll(text.c_str(), &end, 10);
    if (end == text.c_str() || *end != '\0') fail("'" + text + "' is not a whole number");
    return value;
  }

  // Non-negative integers separated by any of "x/,"; exactly `count` of them.
  std::vector<std::int64_t> numbers(const std::string& name, std::size_t count) const {
    std::vector<std::int64_t> values;
    const std::string& source = text(name);
    const char* at = source.c_str();
    while (*at != '\0') {
      char* end = nullptr;
      values.push_back(std::strtoll(at, &end, 10));
      if (end == at) fail("field '" + name + "' holds no number at '" + at + "'");
      at = end;
      if (*at == 'x' || *at == '/' || *at == ',') ++at;
    }
    if (values.size() != count) fail(fmt::format("field '{}' must hold {} numbers", name, count));
    return values;
  }
  std::int64_t number(const std::string& name) const { return numbers(name, 1)[0]; }

  network::Window window(const std::string& name) const {
    const std::vector<std::int64_t> v = numbers(name, 10);
    network::Window w;
    for (std::size_t axis = 0; axis < 2; ++axis) {
      w.kernel[axis] = v[axis];
      w.stride[axis] = v[2 + axis];
      w.dilation[axis] = v[4 + axis];
      w.pad_begin[axis] = v[6 + axis];
      w.pad_end[axis] = v[8 + axis];
      if (w.kernel[axis] < 1 || w.stride[axis] < 1 || w.dilation[axis] < 1) {
        fail("field '" + name + "' needs kernel, stride and dilation of at least 1");
      }
    }
    return w;
  }

  template <class Names>
  int index(const std::string& name, const Names& names) const {
    const std::string& value = text(name);
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (value == names[i]) return static_cast<int>(i);
    }
    fail("field '" + name + "' has the unknown value '" + value + "'");
  }

 private:
  std::string key_;
  std::map<std::string, std::string> fields_;
};

std::vector<std::string> activation_names() {
  std::vector<std::string> names;
  for (int i = 0; i < network::kActivationFunctionCount; ++i) {
    names.emplace_back(network::to_string(static_cast<network::ActivationFunction>(i)));
  }
  return names;
}

SubgraphShape::Range window_range(const network::Window& w, int axis, std::int64_t begin, std::int64_t end,
                                  std::int64_t limit) {
  const std::int64_t first = begin * w.stride[axis] - w.pad_begin[axis];
  const std::int64_t last =
      (end - 1) * w.stride[axis] - w.pad_begin[axis] + (w.kernel[axis] - 1) * w.dilation[axis] + 1;
  const std::int64_t low = std::clamp<std::int64_t>(first, 0, limit - 1);
  return {low, std::clamp<std::int64_t>(last, low + 1, limit)};
}

}  // namespace

const char* to_string(SubgraphFamily family) { return kFamilyNames.at(static_cast<std::size_t>(family)); }
const char* to_string(FusedOperand operand) { return kOperandNames.at(static_cast<std::size_t>(operand)); }

bool SubgraphShape::uses_array() const {
  return family == SubgraphFamily::kConvolution || family == SubgraphFamily::kGrouped ||
         family == SubgraphFamily::kDepthwise || family == SubgraphFamily::kFullyConnected ||
         family == SubgraphFamily::kMatMul;
}

namespace {

std::int64_t pool_input(const network::Window& pool, int axis, std::int64_t outputs) {
  return (outputs - 1) * pool.stride[axis] + (pool.kernel[axis] - 1) * pool.dilation[axis] + 1 - pool.pad_begin[axis] -
         pool.pad_end[axis];
}

// (index * to + rounding) / from, where the product may be beyond 64 bits: maps of more rows than any plan takes are
// refused after their bounds were asked for.
std::int64_t scaled(std::int64_t index, std::int64_t to, std::int64_t from, std::int64_t rounding = 0) {
  __extension__ using Wide = __int128;
  return static_cast<std::int64_t>((static_cast<Wide>(index) * to + rounding) / from);
}

}  // namespace

std::int64_t SubgraphShape::conv_height() const { return pooled ? pool_input(pool, 0, out_height) : out_height; }
std::int64_t SubgraphShape::conv_width() const { return pooled ? pool_input(pool, 1, out_width) : out_width; }

std::int64_t SubgraphShape::macs() const {
  if (!uses_array()) return 0;
  return batch * conv_height() * conv_width() * out_channels * (in_channels / groups) * window.kernel[0] *
         window.kernel[1];
}

std::int64_t SubgraphShape::weight_elements() const {
  if (!uses_array()) return 0;
  return out_channels * (in_channels / groups) * window.kernel[0] * window.kernel[1] + (bias ? out_channels : 0);
}

Bytes SubgraphShape::input_bytes() const {
  return packed_bytes(batch * in_channels * in_height * in_width, input_precision) * inputs;
}

Bytes SubgraphShape::operand_bytes() const {
  switch (operand) {
    case FusedOperand::kNone:
      return Bytes(0);
    case FusedOperand::kTensor:
      return packed_bytes(batch * out_channels * out_height * out_width, output_precision);
    case FusedOperand::kPerChannel:
      return packed_bytes(batch * out_channels, output_precision);
  }
  return Bytes(0);
}

Bytes SubgraphShape::output_bytes() const {
  return packed_bytes(batch * out_channels * out_height * out_width, output_precision);
}

Bytes SubgraphShape::weight_bytes() const { return packed_bytes(weight_elements(), weight_precision); }

std::int64_t SubgraphShape::sweeps() const {
  if (family != SubgraphFamily::kNormalization) return 1;
  return window.kernel[0] > 1 ? 1 : 3;
}

std::int64_t SubgraphShape::post_elements() const {
  if (uses_array()) return batch * out_channels * conv_height() * conv_width();
  const std::int64_t in = batch * in_channels * in_height * in_width * inputs;
  const std::int64_t out = batch * out_channels * out_height * out_width;
  switch (family) {
    // Two operands meet in one step; a sum of n takes n - 1 steps.
    case SubgraphFamily::kElementwise:
      return out * std::max<std::int64_t>(1, inputs - 1);
    // Maximum or mean, then the differences, then the scaling: each a sweep.
    case SubgraphFamily::kNormalization:
      return sweeps() * in;
    default:
      return std::max(in, out);
  }
}

SubgraphShape::Range SubgraphShape::conv_range(int axis, std::int64_t begin, std::int64_t end) const {
  if (!pooled) return {begin, end};
  return window_range(pool, axis, begin, end, axis == 0 ? conv_height() : conv_width());
}

SubgraphShape::Range SubgraphShape::input_range(int axis, std::int64_t begin, std::int64_t end) const {
  const std::int64_t limit = axis == 0 ? in_height : in_width;
  const std::int64_t outputs = axis == 0 ? out_height : out_width;
  if (uses_array() || family == SubgraphFamily::kPooling) {
    const Range conv = conv_range(axis, begin, end);
    return window_range(window, axis, conv.begin, conv.end, limit);
  }
  if (limit == outputs) return {begin, end};
  if (family == SubgraphFamily::kHost) {  // no share twice: which element is needed for which is the host's affair
    const std::int64_t first = std::min(scaled(begin, limit, outputs), limit - 1);
    return {first, std::max(first + 1, scaled(end, limit, outputs))};
  }
  // Reductions, resizing, moves between unlike shapes: proportional, whole rows.
  const std::int64_t low = std::min(scaled(begin, limit, outputs), limit - 1);
  return {low, std::clamp(scaled(end, limit, outputs, outputs - 1), low + 1, limit)};
}

std::string shape_key(const SubgraphShape& s) {
  std::string key = fmt::format(
      "family={} b={} in={}x{}x{} out={}x{}x{} w={} g={} bias={:d} act={} operand={} pool={} n={} prec={}/{}/{}",
      to_string(s.family), s.batch, s.in_channels, s.in_height, s.in_width, s.out_channels, s.out_height, s.out_width,
      window_text(s.window), s.groups, s.bias, network::to_string(s.activation), to_string(s.operand),
      s.pooled ? window_text(s.pool) : "-", s.inputs, to_string(s.input_precision), to_string(s.weight_precision),
      to_string(s.output_precision));
  // Absent for plain weights, so that keys in stores without others stay what they were.
  if (!s.weight_form.plain()) key += " form=" + network::form_text(s.weight_form);
  return key;
}

std::string subgraph_key(const Subgraph& subgraph) {
  const SubgraphContext& c = subgraph.context;
  const auto place = [](bool on_chip) { return on_chip ? "chip" : "dram"; };
  std::string key =
      shape_key(subgraph.shape) + fmt::format(" at={}/{}/{} resident={}", place(c.input_on_chip),
                                              place(c.operand_on_chip), place(c.output_on_chip), c.resident_banks);
  // Absent outside cascades, so that keys in stores without cascades stay what they were.
  if (c.resident_weight_banks > 0) {
    key += fmt::format(" weights={}/{}", place(c.weights_on_chip), c.resident_weight_banks);
  }
  return key;
}

SubgraphIdentity identity_of(const Subgraph& subgraph) {
  const SubgraphShape& s = subgraph.shape;
  const SubgraphContext& c = subgraph.context;
  SubgraphIdentity identity;
  std::int64_t* at = identity.words.data();
  // What takes few bits shares the first word, six each.
  static_assert(kSubgraphFamilyCount <= 64 && network::kActivationFunctionCount <= 64 && kPrecisionCount <= 64);
  std::int64_t few = 0;
  const auto pack = [&](int value) { few = few * 64 + value; };
  pack(static_cast<int>(s.family));
  pack(static_cast<int>(s.activation));
  pack(static_cast<int>(s.operand));
  pack(static_cast<int>(s.input_precision));
  pack(static_cast<int>(s.weight_precision));
  pack(static_cast<int>(s.output_precision));
  pack(s.bias + 2 * s.pooled + 4 * c.input_on_chip + 8 * c.operand_on_chip + 16 * c.output_on_chip +
       32 * c.weights_on_chip);
  *at++ = few;
  for (const std::int64_t size : {s.batch, s.in_channels, s.in_height, s.in_width, s.out_channels, s.out_height,
                                  s.out_width, s.groups, s.inputs, c.resident_banks, c.resident_weight_banks}) {
    *at++ = size;
  }
  const auto add_window = [&](const network::Window& w) {
    for (const auto* pair : {&w.kernel, &w.stride, &w.dilation, &w.pad_begin, &w.pad_end}) {
      *at++ = (*pair)[0];
      *at++ = (*pair)[1];
    }
  };
  add_window(s.window);
  if (s.pooled) add_window(s.pool);
  // What weights are in one word: 8, 8, 16 and 17 bits.
  const network::WeightForm& form = s.weight_form;
  identity.words.back() =
      ((form.kept << 8 | form.of) << 16 | std::llround(form.density * network::kDensitySteps)) << 17 | form.clusters;
  return identity;
}

std::uint64_t SubgraphIdentity::hash() const {
  // Four sums side by side, each word multiplied into one of them; SplitMix64's finish (Steele, Lea and Flood, 2014).
  std::array<std::uint64_t, 4> sums{1, 2, 3, 4};
  for (std::size_t i = 0; i < kWords; ++i) {
    std::uint64_t& sum = sums[i % sums.size()];
    sum = (sum ^ static_cast<std::uint64_t>(words[i])) * 0x9e3779b97f4a7c15ULL;
    sum ^= sum >> 32;
  }
  std::uint64_t hash = 0;
  for (const std::uint64_t sum : sums) {
    hash = (hash ^ sum) + 0x9e3779b97f4a7c15ULL;
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9ULL;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebULL;
    hash ^= hash >> 31;
  }
  return hash;
}

namespace {

// No count that follows from the key may overflow, and no share of channels be empty.
void require_countable(const KeyReader& reader, const Subgraph& subgraph) {
  constexpr double kMost = 0x1p53;
  constexpr std::int64_t kLargestWindow = std::int64_t{1} << 31;
  const SubgraphShape& s = subgraph.shape;
  if (s.uses_array() && (s.in_channels % s.groups != 0 || s.out_channels % s.groups != 0)) {
    reader.fail("the channels must be whole groups");
  }
  double taps = 1;
  for (const network::Window* window : {&s.window, &s.pool}) {
    for (const int axis : {0, 1}) {
      const std::int64_t pads = std::max(std::abs(window->pad_begin[axis]), std::abs(window->pad_end[axis]));
      const std::int64_t extent = std::max({window->kernel[axis], window->stride[axis], window->dilation[axis], pads});
      if (extent > kLargestWindow) reader.fail("a window must be smaller than 2^31 along each axis");
      taps *= as_double(window->kernel[axis]);
    }
  }
  const double in = as_double(s.batch) * as_double(s.in_height) * as_double(s.in_width) * as_double(s.in_channels);
  const double out = as_double(s.batch) * as_double(s.out_height) * as_double(s.out_width) * as_double(s.out_channels);
  const double largest = std::max(in * as_double(s.inputs), out * taps * as_double(s.in_channels));
  if (!(largest <= kMost)) reader.fail("no more than 2^53 elements and multiply-accumulates are counted");
  if (subgraph.context.resident_banks < 0) reader.fail("field 'resident' must be 0 or above");
}

}  // namespace

Subgraph parse_subgraph_key(const std::string& key) {
  const KeyReader reader(key);
  Subgraph subgraph;
  SubgraphShape& s = subgraph.shape;
  s.family = static_cast<SubgraphFamily>(reader.index("family", kFamilyNames));
  s.batch = reader.number("b");
  const std::vector<std::int64_t> in = reader.numbers("in", 3);
  const std::vector<std::int64_t> out = reader.numbers("out", 3);
  std::tie(s.in_channels, s.in_height, s.in_width) = std::tie(in[0], in[1], in[2]);
  std::tie(s.out_channels, s.out_height, s.out_width) = std::tie(out[0], out[1], out[2]);
  s.window = reader.window("w");
  s.groups = reader.number("g");
  s.bias = reader.number("bias") != 0;
  static const std::vector<std::string> activations = activation_names();
  s.activation = static_cast<network::ActivationFunction>(reader.index("act", activations));
  s.operand = static_cast<FusedOperand>(reader.index("operand", kOperandNames));
  s.pooled = reader.text("pool") != "-";
  if (s.pooled) s.pool = reader.window("pool");
  s.inputs = reader.number("n");
  const std::string& precisions = reader.text("prec");
  const std::size_t first = precisions.find('/');
  const std::size_t second = precisions.find('/', first + 1);
  if (first == std::string::npos || second == std::string::npos) reader.fail("field 'prec' must hold three precisions");
  s.input_precision = parse_precision(precisions.substr(0, first));
  s.weight_precision = parse_precision(precisions.substr(first + 1, second - first - 1));
  s.output_precision = parse_precision(precisions.substr(second + 1));
  if (reader.has("form")) s.weight_form = network::parse_form_text(reader.text("form"));
  const std::string& at = reader.text("at");
  if (at.size() != 14) reader.fail("field 'at' must hold three places");
  subgraph.context.input_on_chip = at.compare(0, 4, "chip") == 0;
  subgraph.context.operand_on_chip = at.compare(5, 4, "chip") == 0;
  subgraph.context.output_on_chip = at.compare(10, 4, "chip") == 0;
  subgraph.context.resident_banks = reader.number("resident");
  if (reader.has("weights")) {
    const std::string& weights = reader.text("weights");
    if (weights.size() < 6 || weights[4] != '/') reader.fail("field 'weights' must hold a place and banks");
    subgraph.context.weights_on_chip = weights.compare(0, 4, "chip") == 0;
    subgraph.context.resident_weight_banks = reader.whole(weights.substr(5));
    if (subgraph.context.resident_weight_banks < 1) reader.fail("field 'weights' must hold at least 1 bank");
  }
  for (const std::int64_t size : {s.batch, s.in_channels, s.in_height, s.in_width, s.out_channels, s.out_height,
                                  s.out_width, s.groups, s.inputs}) {
    if (size < 1) reader.fail("every size must be at least 1");
  }
  require_countable(reader, subgraph);
  return subgraph;
}

}  // namespace lanewise::mapping
