// SPDX-License-Identifier: Apache-2.0
// Which values of each gene of a space an engine favours, and why the others go. docs/curation.md explains the rules.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "nas/space/gene.hpp"
#include "nas/space/space.hpp"
#include "study/evaluation/measurement_source.hpp"

namespace lanewise::study {

// Sizes of the subgraphs that differ between the values of a gene.
struct LocalSize {
  std::int64_t cycles = 0, macs = 0, parameters = 0;
  std::size_t twin = 0;  // equal for values whose networks are the same to the engine
  bool equals(const LocalSize& other) const {
    return cycles == other.cycles && macs == other.macs && parameters == other.parameters;
  }
};

// A value of a gene.
struct Choice {
  std::string value;  // as the gene shows it
  bool kept = true;
  std::string reason;           // one line with its numbers: why it is kept, or what dominates it
  int dominator = -1;           // of a value that goes: the kept value that stands for it; -1 where it is kept
  std::int64_t contexts = 0;    // in which it was judged, of which
  std::int64_t favourable = 0;  //   it was favourable in these
  bool asked = false;           // whether it was priced in the first context; then
  LocalSize size;               //   its sizes there
  bool traded = false;          // whether it goes because other genes give its capacity for less
  double regret = 0;  // then: by what share of the best design's latency it is worse at the prices of capacity, or
  bool out_of_reach = false;  //   the best design with it, infinite where none was met that keeps the bounds
};

struct GeneChoices {
  std::string gene;
  std::vector<Choice> choices;  // by value of the gene
  int default_value = 0;        // where a search begins (CurationOptions::start)
  int raw_value = 0;            // the raw default, or what stands for it where it goes
  int best_value = 0;           // of the best design that trades met; raw_value where nothing was traded
  std::string left_as_it_is;    // "", or why nothing of this gene was judged
  bool of_channels = false;     // whether it changes channels and no layer: then nothing of it is traded
};

// What a design costs that a curation worked from.
struct CurationPoint {
  std::string encoding;
  LocalSize size;                                       // of the whole network
  double cycles_per_mac = 0, cycles_per_parameter = 0;  // the prices of capacity there
};

struct CurationCounts {
  std::int64_t values = 0;     // of genes that were judged, in every context of every pass
  std::int64_t asked = 0;      // of these, those that were priced; the others lie where cost is level
  std::int64_t designs = 0;    // distinct networks that were priced
  std::int64_t subgraphs = 0;  // distinct ones in them: what was simulated or predicted
  int passes = 0;
};

struct Curation {
  std::vector<GeneChoices> genes;  // one per gene of the space, in its order
  CurationCounts counts;
  std::vector<CurationPoint> points;  // of trades, the best first; none where capacity has no bound
  // Encodings of the designs of GeneChoices::raw_value and best_value. The second is that of the best point, but for
  // genes whose default must stay (CurationOptions::keep_default).
  std::string raw_start, best_start;
  // Per gene the indices of the values that are kept, ascending; at least one each.
  std::vector<std::vector<int>> kept() const;
  // The genotype of the defaults that are left.
  nas::Genotype defaults() const;
};

// Where a search of what is left begins: at the raw default with each value that goes replaced by what stands for it,
// or at the best design that trades met.
enum class CurationStart { kRaw, kBest };

struct CurationOptions {
  // What capacity may cost at most to be next to free: the relative rise in cost over the relative rise in capacity of
  // the subgraphs that the gene reaches. 0: only what costs no more dominates.
  double price = 0.1;
  int contexts = 8;               // settings of the other genes in which each gene is judged, the default among them
  std::uint64_t seed = 1;         // of the contexts
  std::vector<std::string> keep;  // genes that are left as they are
  std::vector<std::string> keep_default;  // genes whose default must stay
  // Least capacity as shares of the default's, 0: no bound. Where there is one, values go whose capacity other genes
  // give for less.
  double least_macs = 0, least_parameters = 0;
  // So much worse than the best design, as a share of its latency, a value may be at the prices of capacity. Infinite:
  // nothing is traded.
  double regret = 0.005;
  CurationStart start = CurationStart::kRaw;  // changes which value is the default, and nothing that is kept
};

// Asks `costs` what each value costs in several contexts. Genes of the engine are left as they are; the engine is that
// of the space's defaults. The result depends on the arguments alone, not on who works out the costs in how many
// processes. Throws Error for a gene of `keep` that the space does not have, and where the default network cannot run.
Curation curate(const nas::Space& space, MeasurementSource& costs, const CurationOptions& options,
                const Progress& progress = {});

}  // namespace lanewise::study
