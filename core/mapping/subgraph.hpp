// SPDX-License-Identifier: Apache-2.0
// A subgraph is one subgraph of the engine: what it runs as one fused command.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/precision.hpp"
#include "core/base/units.hpp"
#include "core/network/operator.hpp"

namespace lanewise::mapping {

// What the subgraph does with the units; the cost of a subgraph depends on it first.
enum class SubgraphFamily {
  kConvolution,  // dense, dot-product array
  kGrouped,      // 1 < groups, not depthwise
  kDepthwise,
  kFullyConnected,  // one weight use per batch row
  kMatMul,          // both operands are activations
  kPooling,         // post-processor alone, window over pixels
  kReduction,       // post-processor alone: global pooling, reductions
  kElementwise,     // post-processor alone: two or more tensors, or an activation by itself
  kNormalization,   // post-processor alone, several sweeps: softmax, layer norm
  kResize,          // post-processor alone: output pixels interpolated from input pixels
  kMove,            // copied through the post-processor: concat, split, slice, transpose, gather, pad as memory traffic
  kHost,            // no unit of the engine: a host processor works on it, from DRAM to DRAM
};
inline constexpr int kSubgraphFamilyCount = 12;
const char* to_string(SubgraphFamily family);  // "convolution", "grouped", "depthwise", "fully_connected", …

enum class FusedOperand { kNone, kTensor, kPerChannel };  // second operand of a fused element-wise step
const char* to_string(FusedOperand operand);

// Everything about a subgraph that its cost may depend on, except where its tensors live. Sizes in elements.
struct SubgraphShape {
  SubgraphFamily family = SubgraphFamily::kConvolution;
  std::int64_t batch = 1;
  std::int64_t in_channels = 1, in_height = 1, in_width = 1;
  std::int64_t out_channels = 1, out_height = 1, out_width = 1;  // of the whole subgraph, after fused pooling
  network::Window window;   // convolution, or pooling in kPooling; kReduction: kernel = the whole map
  std::int64_t groups = 1;  // kMatMul: matrices in the batch, in_channels and out_channels are of all together
  bool bias = false;
  network::ActivationFunction activation = network::ActivationFunction::kNone;
  FusedOperand operand = FusedOperand::kNone;  // kTensor: as large as the output
  bool pooled = false;                         // a pooling follows inside the subgraph
  network::Window pool;                        // meaningful when pooled
  std::int64_t inputs = 1;  // kElementwise, kMove: tensors read, each in_* large except per-channel operands
  Precision input_precision = Precision::kInt8;
  Precision weight_precision = Precision::kInt8;
  Precision output_precision = Precision::kInt8;

  // Height and width that the convolution itself produces, before fused pooling.
  std::int64_t conv_height() const;
  std::int64_t conv_width() const;
  std::int64_t macs() const;             // multiply-accumulates as the network counts them; 0 off the array
  std::int64_t weight_elements() const;  // weights and bias; for kMatMul the second activation operand
  Bytes input_bytes() const;             // all inputs, the fused operand not included
  Bytes operand_bytes() const;
  Bytes output_bytes() const;
  Bytes weight_bytes() const;
  bool uses_array() const;
  // How often a subgraph off the array goes over its input: a normalization needs two sums over all channels before it
  // can scale them, unless it normalizes over a window of `window.kernel[0]` neighbouring channels.
  std::int64_t sweeps() const;
  // Sums that the array hands to the post-processor, or elements that it reads in subgraphs off the array.
  std::int64_t post_elements() const;
  // Input rows (axis 0) or columns (axis 1) that the output range [begin, end) needs, clipped to the input: [first,
  // last).
  struct Range {
    std::int64_t begin = 0, end = 0;
    std::int64_t size() const { return end - begin; }
  };
  Range input_range(int axis, std::int64_t begin, std::int64_t end) const;
  // The range of convolution outputs that the subgraph outputs [begin, end) are made of: more than them when pooled.
  Range conv_range(int axis, std::int64_t begin, std::int64_t end) const;
};

// Where the tensors of a subgraph live: the same subgraph costs something else when its input is already on chip.
struct SubgraphContext {
  bool input_on_chip = false;
  bool operand_on_chip = false;
  bool output_on_chip = false;
  // Activation banks that tensors kept on chip occupy during the subgraph, its own on-chip input and output included.
  std::int64_t resident_banks = 0;
};

struct Subgraph {
  std::string name;                    // the main operator's
  std::vector<std::string> operators;  // names of all operators in it, in order
  std::string block;                   // innermost labelled block, "" if none
  std::vector<std::string> inputs;     // names of the activation tensors read, main input first
  std::string output;                  // name of the tensor written
  SubgraphShape shape;
  SubgraphContext context;
  std::int64_t parameters = 0;  // weights as the network counts them
};

// Text that is equal exactly when shape, precision and context are: the identity of a measurement, beside the engine's.
// "shape_key" leaves out the context, and is what hold-outs of shapes are drawn by.
std::string subgraph_key(const Subgraph& subgraph);
std::string shape_key(const SubgraphShape& shape);
// The same identity for tables in memory: equal exactly when the keys are. Of a few hundred bytes, made without text.
struct SubgraphIdentity {
  static constexpr std::size_t kWords = 31;
  std::array<std::int64_t, kWords> words{};
  bool operator==(const SubgraphIdentity& other) const { return words == other.words; }
  bool operator!=(const SubgraphIdentity& other) const { return words != other.words; }
  // The same in every process. Unlike identities may share it.
  std::uint64_t hash() const;
};
SubgraphIdentity identity_of(const Subgraph& subgraph);

// Inverse of subgraph_key: name, operators and tensors stay empty. Throws Error on malformed text.
Subgraph parse_subgraph_key(const std::string& key);

}  // namespace lanewise::mapping
