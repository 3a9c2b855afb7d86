// SPDX-License-Identifier: Apache-2.0
// Tables of tiles as `simulate --tiles` reads them, given to the layers of a small network and simulated.
#include <algorithm>

#include "core/mapping/partition.hpp"
#include "sim/simulate.hpp"
#include "study/evaluation/tile_file.hpp"
#include "tests/fuzz/answers.hpp"
#include "tests/fuzz/target.hpp"

namespace lanewise::fuzz {

void read_tiles(const std::string& path, const std::string&) {
  const study::TileTable table = study::read_tile_table(path);
  for (const char* const name : {"gemmini", "ne-256"}) {
    const engine::EngineConfig& engine = shipped_engine(name);
    mapping::Partition partition = mapping::partition_with_memory(small_network(), engine);
    study::give_tiles(table, engine, partition);
    for (const mapping::Subgraph& subgraph : partition.subgraphs) {
      if (!subgraph.tiles) continue;
      const record::Measurement m = sim::simulate(subgraph, engine);
      require_sane("cycles", as_double(m.latency));
      require_sane("MACs", static_cast<double>(m.macs), static_cast<double>(subgraph.shape.macs()));
    }
  }
}

}  // namespace lanewise::fuzz
