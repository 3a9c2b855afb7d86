// SPDX-License-Identifier: Apache-2.0
// A subgraph is what the engine runs as one fused command, for example a convolution with its bias, activation and
// residual addition.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/precision.hpp"
#include "core/base/units.hpp"
#include "core/mapping/given_tiles.hpp"
#include "core/network/operator.hpp"

namespace lanewise::mapping {

// Which units a subgraph uses and how. Nothing influences its cost more.
enum class SubgraphFamily {
  kConvolution,  // dense, on the dot-product array
  kGrouped,      // more than one group, but not depthwise
  kDepthwise,
  kFullyConnected,  // each weight is used once per row of the batch
  kMatMul,          // both operands are activations
  kPooling,         // post-processor alone: a window over pixels
  kReduction,       // post-processor alone: global pooling, reductions
  kElementwise,     // post-processor alone: two or more tensors, or an activation function by itself
  kNormalization,   // post-processor alone, several sweeps: softmax, layer norm
  kResize,          // post-processor alone: output pixels interpolated from input pixels
  kMove,            // copied through the post-processor: concat, split, slice, transpose, gather, pad
  kHost,            // run by the host processor beside the engine, from DRAM to DRAM
};
inline constexpr int kSubgraphFamilyCount = 12;
const char* to_string(SubgraphFamily family);  // "convolution", "grouped", "depthwise", "fully_connected", …

// The second operand of a fused element-wise operator.
enum class FusedOperand { kNone, kTensor, kPerChannel };
const char* to_string(FusedOperand operand);

// Everything that the cost of a subgraph may depend on, except where its tensors live. Sizes are in elements.
struct SubgraphShape {
  SubgraphFamily family = SubgraphFamily::kConvolution;
  std::int64_t batch = 1;
  std::int64_t in_channels = 1, in_height = 1, in_width = 1;
  std::int64_t out_channels = 1, out_height = 1, out_width = 1;  // of the whole subgraph, after fused pooling
  network::Window window;   // convolution, or pooling in kPooling; kReduction: kernel = the whole map
  std::int64_t groups = 1;  // kMatMul: matrices in the batch; in_channels and out_channels count all of them
  bool bias = false;
  network::ActivationFunction activation = network::ActivationFunction::kNone;
  FusedOperand operand = FusedOperand::kNone;  // kTensor: as large as the output
  bool pooled = false;                         // a pooling follows within the subgraph
  network::Window pool;                        // of that pooling
  std::int64_t inputs = 1;  // kElementwise, kMove: tensors read, each of the in_* size except per-channel operands
  Precision input_precision = Precision::kInt8;
  Precision weight_precision = Precision::kInt8;
  Precision output_precision = Precision::kInt8;
  network::WeightForm weight_form;  // plain for kMatMul, whose weights are activations

  // Height and width of what the convolution itself produces, before fused pooling.
  std::int64_t conv_height() const;
  std::int64_t conv_width() const;
  std::int64_t macs() const;  // multiply-accumulates as the network counts them; 0 where the array is not used
  std::int64_t weight_elements() const;  // weights and bias; for kMatMul the second activation operand
  Bytes input_bytes() const;             // all inputs, the fused operand not included
  Bytes operand_bytes() const;
  Bytes output_bytes() const;
  Bytes weight_bytes() const;
  bool uses_array() const;
  // How often a subgraph that does not use the array goes over its input. A normalization needs two sums over all
  // channels before it can scale them, unless it normalizes over a window of `window.kernel[0]` neighbouring channels.
  std::int64_t sweeps() const;
  // Sums that the array hands to the post-processor. Where the array is not used, the elements that the post-processor
  // reads.
  std::int64_t post_elements() const;
  // Input rows (axis 0) or columns (axis 1) that the outputs [begin, end) need, clipped to the input.
  struct Range {
    std::int64_t begin = 0, end = 0;
    std::int64_t size() const { return end - begin; }
  };
  Range input_range(int axis, std::int64_t begin, std::int64_t end) const;
  // The outputs of the convolution from which the outputs [begin, end) of the subgraph are made, which are more where
  // the subgraph pools.
  Range conv_range(int axis, std::int64_t begin, std::int64_t end) const;
};

// Where the tensors of a subgraph live. The same shape costs less when its input is already on chip.
struct SubgraphContext {
  bool input_on_chip = false;
  bool operand_on_chip = false;
  bool output_on_chip = false;
  // Activation banks occupied by tensors that are kept on chip during the subgraph, including its own.
  std::int64_t resident_banks = 0;
  // In a cascade whose weights stay in the weight banks from its first stripe to its last: the banks that they take,
  // all subgraphs of the cascade together. 0: weights are loaded through buffers.
  std::int64_t resident_weight_banks = 0;
  bool weights_on_chip = false;  // an earlier stripe has loaded them; only where they stay
};

// What a subgraph that is run in parts is a part of: in a cascade, consecutive subgraphs run stripe by stripe.
struct SubgraphPart {
  int cascade = -1;                                 // number of the cascade in its network; -1: the subgraph is whole
  std::size_t place = 0;                            // of the whole subgraph within the cascade
  std::int64_t stripe = 0;                          // number of the stripe within the cascade
  std::int64_t first_row = 0, first_input_row = 0;  // of the whole output and the whole main input: where the part lies
};

struct Subgraph {
  std::string name;                    // of the main operator
  std::vector<std::string> operators;  // the names of all its operators, in order
  std::string block;                   // the innermost labelled block, or ""
  std::vector<std::string> inputs;     // the names of the activation tensors read, the main input first
  std::string output;                  // the name of the tensor written
  SubgraphShape shape;
  SubgraphContext context;
  SubgraphPart part;
  std::int64_t parameters = 0;  // weights as the network counts them
  // Instead of tiles that are searched for. They are no part of the keys below: measurements of a subgraph that has
  // them are kept in no table.
  std::optional<GivenTiles> tiles = {};
};

// A text that is equal exactly when shape, precision and context are. Together with the hash of the engine it
// identifies a measurement. shape_key leaves out the context; validation sets of unseen shapes are drawn by it.
std::string subgraph_key(const Subgraph& subgraph);
std::string shape_key(const SubgraphShape& shape);
// The same identity for tables in memory, a few hundred bytes that are made without text. Equal exactly when the keys
// are equal.
struct SubgraphIdentity {
  static constexpr std::size_t kWords = 33;
  std::array<std::int64_t, kWords> words{};
  bool operator==(const SubgraphIdentity& other) const { return words == other.words; }
  bool operator!=(const SubgraphIdentity& other) const { return words != other.words; }
  // The same in every process. Different identities may have the same hash.
  std::uint64_t hash() const;
};
SubgraphIdentity identity_of(const Subgraph& subgraph);

// The inverse of subgraph_key. Name, operators and tensors stay empty. Throws Error for a malformed text.
Subgraph parse_subgraph_key(const std::string& key);

}  // namespace lanewise::mapping
