// SPDX-License-Identifier: Apache-2.0
#include "core/record/unit_names.hpp"

#include <algorithm>

namespace lanewise::record {
namespace {

template <class Names>
auto find(const Names& names, std::string_view text) {
  return std::find_if(names.begin(), names.end(), [&](const auto& name) { return text == name.text; });
}

}  // namespace

const std::vector<UnitName>& unit_names() {
  static const std::vector<UnitName> kNames{
      {Unit::kCommandProcessor, "command_processor", "Programs subgraphs and issues their tiles."},
      {Unit::kLoadDma, "load_dma", "Fetches tiles from DRAM into on-chip buffers."},
      {Unit::kInputLoader, "input_loader", "Streams a subgraph's whole input from memory and unpacks it."},
      {Unit::kWeightLoader, "weight_loader", "Streams weights from memory."},
      {Unit::kOperandLoader, "operand_loader", "Streams the second operand of element-wise work from memory."},
      {Unit::kReadPort, "read_port", "Serves the loaders' reads from memory."},
      {Unit::kDram, "dram", "Serves the DMA's transfers."},
      {Unit::kWeightDecoder, "weight_decoder", "Unpacks compressed weights."},
      {Unit::kDotProductArray, "dot_product_array", "Multiplies and adds."},
      {Unit::kPostProcessor, "post_processor", "Works on finished sums and writes outputs."},
      {Unit::kStoreDma, "store_dma", "Writes finished tiles to DRAM."},
      {Unit::kWritePort, "write_port", "Writes outputs to memory atom by atom."},
      {Unit::kHost, "host", "Runs the operators that the engine lacks."},
      {Unit::kActivationMemory, "activation_memory", "Serves accesses to the on-chip banks for activations."},
      {Unit::kWeightMemory, "weight_memory", "Serves accesses to the on-chip banks for weights."},
  };
  return kNames;
}

const std::vector<StallCauseName>& stall_cause_names() {
  // docs/timelines.md shows what the colours look like.
  static const std::vector<StallCauseName> kNames{
      {StallCause::kInput, "input", "for its input, which is not on chip yet.", "thread_state_iowait", 'i'},
      {StallCause::kWeights, "weights", "for its weights, which are not on chip yet.", "terrible", 'e'},
      {StallCause::kOperand, "operand", "for the second operand of an element-wise step.", "bad", 'p'},
      {StallCause::kAccumulators, "accumulators",
       "for room for a stripe's sums (the array) or for finished sums (the post-processor).", "detailed_memory_dump",
       'a'},
      {StallCause::kOutputBuffer, "output_buffer",
       "for a buffer for its output tile, or for room in front of the write port.", "background_memory_dump", 'u'},
      {StallCause::kLoadBuffer, "load_buffer", "for a buffer that its last user has not freed yet.",
       "light_memory_dump", 'l'},
      {StallCause::kOnChipBandwidth, "onchip_bandwidth", "for on-chip banks that give less than it asks for.",
       "vsync_highlight_color", 'o'},
      {StallCause::kDram, "dram", "for DRAM that others use, or that does not move data at its full rate.",
       "thread_state_uninterruptible", 'd'},
      {StallCause::kUnpacking, "unpacking", "for rows to be unpacked into the banks' layout.", "rail_load", 'n'},
      {StallCause::kWeightLoad, "weight_load", "for weights on their way from the banks into the array.", "yellow",
       'w'},
      {StallCause::kFilling, "filling", "for its operands to come to the first multiplication.", "rail_response", 'f'},
      {StallCause::kDraining, "draining", "for the last sums to leave its pipeline.", "rail_animation", 'r'},
  };
  return kNames;
}

const UnitName& name_of(Unit unit) { return unit_names().at(static_cast<std::size_t>(unit)); }
const StallCauseName& name_of(StallCause cause) { return stall_cause_names().at(static_cast<std::size_t>(cause)); }

const char* to_string(Unit unit) { return name_of(unit).text; }
const char* to_string(StallCause cause) { return name_of(cause).text; }

std::optional<Unit> parse_unit(std::string_view text) {
  const auto found = find(unit_names(), text);
  return found == unit_names().end() ? std::nullopt : std::optional(found->unit);
}

std::optional<StallCause> parse_stall_cause(std::string_view text) {
  const auto found = find(stall_cause_names(), text);
  return found == stall_cause_names().end() ? std::nullopt : std::optional(found->cause);
}

}  // namespace lanewise::record
