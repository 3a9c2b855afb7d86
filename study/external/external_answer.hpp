// SPDX-License-Identifier: Apache-2.0
// What a person's program says of a subgraph.
#pragma once

#include <string>

#include "core/base/process_text.hpp"
#include "core/record/subgraph_result.hpp"

namespace lanewise::study {

struct ExternalAnswer {
  // `failure` is "" where the program measured. Otherwise nothing is.
  record::SubgraphResult result;
  bool stated = false;  // the program itself said that it cannot measure this subgraph: no use in asking again
};

// Reads {"cycles": N} with any of energy_pj, dram_read_bytes, dram_write_bytes, sram_read_bytes, sram_write_bytes and
// peak_sram_bytes beside it, {"failure": "…"}, or a bare number of cycles: all of `output`, or its last line with any
// text. Whatever it holds, what cannot be read is a failure with its reason, on one line.
ExternalAnswer read_external_answer(const std::string& output);

}  // namespace lanewise::study
