// SPDX-License-Identifier: Apache-2.0
#include "sim/elaboration.hpp"

#include <string>

// The SystemC library refers to it; the programs here have a main of their own. The library finds it in the Python
// module, too, which shows nothing else.
__attribute__((visibility("default"))) int sc_main(int, char**) { return 1; }

namespace lanewise::sim {

Elaborated& elaborated() {
  static Elaborated* const all = [] {
    sc_core::sc_report_handler::set_actions(sc_core::SC_INFO, sc_core::SC_DO_NOTHING);
    sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_THROW);
    sc_core::sc_set_time_resolution(1, sc_core::SC_PS);
    auto* const made = new Elaborated;
    made->dram = new SharedDram("shared_dram");
    for (std::size_t i = 0; i < kMostEngines; ++i) {
      const std::string name = i == 0 ? "neural_engine" : "neural_engine_" + std::to_string(i);
      made->engines[i] = new NeuralEngine(name.c_str());
      made->engines[i]->shared_dram.bind(*made->dram);
    }
    return made;
  }();
  return *all;
}

}  // namespace lanewise::sim
