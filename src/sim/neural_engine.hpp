// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sim/accumulators.hpp"
#include "sim/command_processor.hpp"
#include "sim/dot_product_array.hpp"
#include "sim/dram.hpp"
#include "sim/link.hpp"
#include "sim/load_dma.hpp"
#include "sim/onchip_memory.hpp"
#include "sim/post_processor.hpp"
#include "sim/store_dma.hpp"

namespace lanewise::sim {

// All units of the engine and every wire between them. Sizes and rates are numbers set before each pass, so that one
// elaboration serves every engine.
class NeuralEngine : public sc_core::sc_module {
 public:
  explicit NeuralEngine(const sc_core::sc_module_name& name);

  // Runs one pass from a quiet start. Throws InternalError when a unit still has work and nothing moves.
  record::Measurement run(Pass pass);

 private:
  void check_finished(const Pass& pass);
  void add_energy(const Pass& pass, record::Measurement& measurement) const;

  CommandProcessor command_;
  LoadDma load_;
  StoreDma store_;
  Dram dram_;
  OnChipMemory memory_;
  DotProductArray array_;
  Accumulators accumulators_;
  PostProcessor post_;

  Link issue_load_, issue_array_, issue_post_;
  Link input_to_array_, input_to_post_, weights_to_array_, operand_to_post_, output_to_store_;
  Link input_from_array_, input_from_post_, weights_from_array_, operand_from_post_, output_from_store_;
};

}  // namespace lanewise::sim
