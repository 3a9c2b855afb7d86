// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <cstdio>

#include <fmt/format.h>

#include "cli/network_argument.hpp"
#include "cli/options.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "sim/pool/worker_pool.hpp"
#include "study/curation/curation.hpp"

namespace lanewise::cli {
namespace {

struct Curate {
  NetworkArgument networks;
  EngineOptions engine;
  ImportSettings import;
  study::CurationOptions curation;
  OutputOptions output;
  int jobs = 0;

  void run() const {
    const DesignOfSpace design = load_design(networks, import, engine, true);
    const int workers = jobs > 0 ? jobs : sim::default_workers();
    const auto simulator =
        workers == 1 ? study::make_simulator() : study::make_simulator(sim::default_worker_path(), workers);
    Terminal terminal;
    const study::Curation c = study::curate(*design.space, *simulator, curation, terminal.progress());
    for (const auto& gene : c.genes) {
      std::printf("%s %s\n", gene.gene.c_str(), gene.left_as_it_is.c_str());
      for (const auto& choice : gene.choices) {
        std::printf("  %c %-8s %2ld/%2ld  %9ld cycles %10ld MACs %8ld par  %s\n", choice.kept ? '+' : '-', choice.value.c_str(),
                    choice.favourable, choice.contexts, choice.size.cycles, choice.size.macs, choice.size.parameters,
                    choice.reason.c_str());
      }
    }
    std::printf("%ld values, %ld asked, %ld designs, %ld subgraphs, %d passes\n", c.counts.values, c.counts.asked,
                c.counts.designs, c.counts.subgraphs, c.counts.passes);
  }
};

}  // namespace

void add_curate(CLI::App& app) {
  const auto [verb, options] =
      add_command<Curate>(app, "curate", "Keep of a search space what an engine favours, and say why the rest goes");
  verb->add_option("SPACE", options->networks.space, "Search space, a file or a name of spaces/")->required();
  verb->add_option("MODEL", options->networks.models, "Network that the space moves, a file or a name of models/")
      ->expected(0, 1);
  options->engine.add(*verb);
  options->import.add(*verb);
  verb->add_option("--price", options->curation.price, "price");
  verb->add_option("--contexts", options->curation.contexts, "contexts");
  verb->add_option("--seed", options->curation.seed, "seed");
  add_jobs(*verb, options->jobs);
}

}  // namespace lanewise::cli
