// SPDX-License-Identifier: Apache-2.0
// What the landscape of costs of a space looks like on an engine, as it is and curated: cost over channels and depth,
// how rugged it is, and how steadily a search finds its way. docs/landscape.md explains every measure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "core/engine/engine_identity.hpp"
#include "core/record/measurement.hpp"
#include "nas/landscape_measures.hpp"
#include "nas/space/space.hpp"
#include "study/curation/curation.hpp"
#include "study/evaluation/measurement_source.hpp"

namespace lanewise::study {

// An axis of the figure: a gene, or several that change together, value by value.
struct LandscapeAxis {
  std::string title;               // "b.channels", "depth_multiplier.stage1"
  std::string unit;                // what its numbers are: "channels", "blocks", or ""
  std::vector<std::size_t> genes;  // of the space
  std::vector<int> values;         // of each of the genes, ascending by number
  std::vector<std::string> texts;  // as the gene shows them
  std::vector<double> numbers;     // where they lie on the axis
  std::vector<bool> kept;          // by the curation, of every one of the genes
};

// One network of the figure: the default with the axes' genes at these values.
struct LandscapePoint {
  std::size_t column = 0, row = 0;  // in the axes' numbers
  std::string encoding;             // of the design
  std::int64_t macs = 0, parameters = 0;
  std::int64_t latency_cycles = 0;  // summed over its subgraphs, as a search prices it
  double latency_ms = 0;
  bool curated = false;  // whether the curated space has it, as far as the axes go
  std::string failure;   // "", or why the engine cannot run it; then the costs are 0
};

// Of the figure's grid: neighbours differ by one value of one axis. Of the curated one these are neighbouring kept
// values.
struct GridMeasures {
  std::int64_t points = 0;  // that run
  nas::StepCounts steps;
  std::int64_t minima = 0, minima_by_macs = 0;  // local ones, of latency and of MACs
};

struct GeneSteps {
  std::string gene;
  nas::StepCounts steps;
};

// Descents from random designs: to the first cheaper neighbour found, in random order, until there is none.
struct Descents {
  std::int64_t starts = 0;
  std::int64_t distinct = 0;      // minima that they end in
  double best_ms = 0;             // of all
  std::int64_t best_reached = 0;  // descents that end in no more than that
  std::vector<double> end_ms;     // of each, in the order of the starts; those that keep the limits
  nas::Spread above_best;         // by which they end above it, as a share of it
};

// Of the whole space, on samples that a seed draws.
struct SpaceMeasures {
  double designs = 0;  // genotypes that there are
  std::int64_t sampled = 0;
  std::int64_t cannot_run = 0;           // designs asked for that the engine cannot run
  nas::StepCounts steps;                 // every gene of every sampled design changed by one step
  std::vector<GeneSteps> by_gene;        // of genes with a choice
  nas::Autocorrelation latency;          // of random walks
  nas::Autocorrelation latency_per_mac;  // the same of the cost that MACs do not explain
  Descents free, limited;                // of the latency alone, and under the capacity constraint
};

// One search under many seeds.
struct SearchSide {
  std::vector<double> best_ms;        // by seed, when all samples are spent; infinite where none keeps the limits
  std::vector<std::int64_t> samples;  // by seed, to the target; 0: it was not reached
  nas::Spread best;                   // of the finite ones
  std::int64_t failed = 0;            // seeds that did not reach the target
  double median_samples = 0;          // failed ones count as infinite
  double ninetieth_samples = 0;
  // The same to the harder target, the best that any seed of the raw space gave.
  std::int64_t failed_of_best = 0;
  double median_samples_to_best = 0;
  double failed_share() const;
};
struct SearchMeasures {
  std::string algorithm;
  int seeds = 0;
  std::int64_t samples = 0;  // of each search
  double target_ms = 0;      // the median over the seeds of what the raw space gave them in the end
  double best_raw_ms = 0;    // the least of these
  SearchSide raw, curated;
};

struct Landscape {
  std::string space, network;  // names; network: "" where the space has its own
  std::string engine;
  engine::EngineIdentity identity;
  record::Source source = record::Source::kSimulated;
  std::string quality;  // what stands for it in the searches: "capacity constraint …"
  LandscapeAxis x, y;
  std::vector<LandscapePoint> points;  // row by row
  GridMeasures grid_raw, grid_curated;
  SpaceMeasures raw, curated;
  std::vector<SearchMeasures> searches;
  Curation curation;
  std::uint64_t seed = 0;
  std::int64_t measured = 0;        // distinct subgraphs that were simulated or predicted
  std::int64_t curation_asked = 0;  //   of which the curation asked first
};

struct LandscapeOptions {
  std::string x, y;  // genes of the axes, or kAllGenes; "": those that default_axes names
  std::uint64_t seed = 1;
  int designs = 60;                     // of which every gene takes a step; 0: none
  int walks = 10;                       // random walks; 0: none
  int walk_steps = 100;                 // of each
  int descents = 10;                    // random designs to descend from; 0: none
  std::vector<std::string> algorithms;  // that are searched by; empty: the default one
  int seeds = 20;                       // searches of each; 0: none
  std::int64_t samples = 100;           // of each search
  int threads = 1;                      // on which searches think; changes no result
  double capacity = 0.9;  // parameters and MACs of a candidate at least, of the default's, where the space has no say
  // Its least capacity and the defaults that must stay come from the description.
  CurationOptions curation;
  bool as_file = true;  // whether the curated space is what its file can say (fit_to_file)
};
// Genes of one kind that change together: every "depth_multiplier.<stage>", every "drop.<run>".
inline constexpr const char* kAllGenes = "all";

// Curates `space` by `source`, prices the figure and the samples, and searches both spaces. Genes of the engine stay at
// their default. The result depends on neither threads nor processes. Throws Error for genes that the space does not
// have or that are no axis, a space without network genes, options out of range, and where the default cannot run;
// Interrupted where `progress` says so.
Landscape landscape(const nas::SpaceDescription& description, const nas::Space& space, MeasurementSource& source,
                    const LandscapeOptions& options, const Progress& progress = {});

}  // namespace lanewise::study
