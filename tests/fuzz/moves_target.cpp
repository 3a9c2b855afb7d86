// SPDX-License-Identifier: Apache-2.0
// Moves files: read, resolved against a small network, applied, written and read back.
#include "core/base/error.hpp"
#include "nas/moves/resolve.hpp"
#include "tests/fuzz/answers.hpp"

namespace lanewise::fuzz {

void read_moves(const std::string& path, const std::string&) {
  const nas::MovesFile file = nas::load_moves(path);
  const std::string text = nas::moves_text(file);
  if (nas::moves_text(nas::parse_moves(path, text)) != text) throw Nonsense("a moves file reads back as another");
  const nas::ResolvedMoves moves = nas::resolve_moves(file, small_network());
  engine::with_overrides(shipped_engine("ne-256"), moves.engine_overrides());
  constexpr std::int64_t kParallelism = 16;
  const network::Graph graph = network::apply(small_network(), moves.moves_for(kParallelism));
  require_sane("MACs", static_cast<double>(network::macs(graph)), 0x1p53);
  require_sane("parameters", static_cast<double>(network::parameters(graph)), 0x1p40);
}

}  // namespace lanewise::fuzz
