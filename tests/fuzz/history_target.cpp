// SPDX-License-Identifier: Apache-2.0
// Candidates of another search (--warm-start), taken into a small space.
#include <cmath>

#include "nas/space/space.hpp"
#include "study/codesign/candidate_history.hpp"
#include "tests/fuzz/answers.hpp"

namespace lanewise::fuzz {

void read_history(const std::string& path, const std::string& folder) {
  nas::SpaceDescription description;
  description.name = "small";
  const engine::EngineConfig base = shipped_engine("ne-256");
  const engine::Family family = engine::load_family(source_folder() + "/hwconfigs/ne-256.yaml");
  const network::Graph& graph = small_network();
  const nas::Space space(description, nas::make_network_space(description, &graph), base, family);
  const study::WarmCandidates warm = study::read_history(path, space, folder + "/settings.yaml");
  for (const study::PricedCandidate& candidate : warm.candidates) {
    if (candidate.genotype.size() != space.genes().size()) throw Nonsense("a candidate does not fit its space");
    for (const double value : candidate.metrics.values) {
      if (std::isinf(value)) throw Nonsense("a metric is infinite");
    }
  }
}

}  // namespace lanewise::fuzz
