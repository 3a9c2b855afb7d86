// SPDX-License-Identifier: Apache-2.0
// Measuring campaigns, and the rows of stores.
#include <optional>

#include "cli/custom_file.hpp"
#include "cli/file_kind.hpp"
#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "core/record/store.hpp"
#include "python/bindings/bindings.hpp"
#include "report/campaign.hpp"
#include "sim/pool/worker_pool.hpp"
#include "study/campaign/campaign.hpp"
#include "study/campaign/campaign_file.hpp"

namespace lanewise::python {
namespace {

struct Plan {
  engine::EngineConfig base;
  engine::Family family;
  std::vector<network::Graph> graphs;
  study::CampaignOptions options;
};

Plan plan_of_file(const std::string& name) {
  const study::CampaignFile described = study::load_campaign_file(find_data("campaigns", name));
  network::ImportOptions read_as;
  read_as.batch = described.batch;
  read_as.dims = described.dims;
  read_as.inputs = described.inputs;
  if (!described.custom.empty()) read_as.custom = cli::read_custom_operators(described.custom);
  if (!described.precision.empty()) {
    const network::PrecisionPair pair = network::parse_precisions(described.precision);
    read_as.precision = pair.activations;
    read_as.weight_precision = pair.weights ? *pair.weights : Precision::kInt8;
  }
  Plan plan;
  plan.base = engine::load_engine(described.hwconfig, described.overrides).config;
  plan.family = study::with_ranges(engine::load_family(described.hwconfig), described.ranges);
  for (const std::string& path : described.networks) plan.graphs.push_back(network::import_network(path, read_as));
  plan.options = described.options;
  return plan;
}

Plan plan_of(const std::vector<const NetworkHandle*>& networks, const EngineHandle& engine) {
  Plan plan;
  plan.base = engine.config();
  plan.family = engine::load_family(engine.path);
  for (const NetworkHandle* network : networks) plan.graphs.push_back(*network->graph);
  return plan;
}

struct Wishes {
  std::optional<std::int64_t> rows;
  std::optional<int> engines;
  std::optional<std::uint64_t> seed;
  std::string sampling, shard;
  int jobs = 0;
};

study::CampaignReport measure(Plan plan, const std::string& store, const Wishes& wishes, const Progress& progress) {
  study::CampaignOptions& options = plan.options;
  if (wishes.rows) options.rows = *wishes.rows;
  if (wishes.engines) options.engines = *wishes.engines;
  if (wishes.seed) options.seed = *wishes.seed;
  if (options.rows < 1 || options.rows > study::kMostCampaignRows) throw Error("rows: must be 1 or above");
  if (options.engines < 1 || options.engines > study::kMostCampaignEngines) throw Error("engines: must be 1 or above");
  if (!wishes.sampling.empty()) options.sampling = study::parse_engine_sampling(wishes.sampling);
  if (!wishes.shard.empty()) options.shard = study::parse_shard(wishes.shard);
  const int workers = wishes.jobs > 0 ? wishes.jobs : sim::default_workers();
  const study::Campaign campaign =
      study::plan_campaign(plan.graphs, plan.base, plan.family, options, progress, workers);
  record::Store rows(store);
  sim::WorkerPool pool(sim::default_worker_path(), workers);
  const study::CampaignOutcome outcome = study::run_campaign(campaign, rows, pool, progress);
  return {store,
          plan.family.name,
          rows.rows(),
          static_cast<std::int64_t>(campaign.jobs.size()),
          static_cast<std::int64_t>(campaign.engines.size()),
          outcome.measured,
          outcome.stored,
          outcome.failed,
          campaign.refused_engines,
          campaign.refused_networks,
          campaign.complete_networks,
          wishes.shard};
}

}  // namespace

void bind_measure(py::module_& module) {
  module.def(
      "measure",
      [](const std::string& store, const std::string& campaign, const std::vector<const NetworkHandle*>& networks,
         const EngineHandle* engine, std::optional<std::int64_t> rows, std::optional<int> engines,
         std::optional<std::uint64_t> seed, const std::string& sampling, const std::string& shard, int jobs,
         const py::object& callback) {
        const Progress progress = progress_of(callback);
        return simulating([&] {
          const Wishes wishes{rows, engines, seed, sampling, shard, jobs};
          Plan plan = campaign.empty() ? plan_of(networks, *engine) : plan_of_file(campaign);
          return report::to_json(measure(std::move(plan), store, wishes, progress));
        });
      },
      py::arg("store"), py::arg("campaign"), py::arg("networks"), py::arg("engine"), py::arg("rows"),
      py::arg("engines"), py::arg("seed"), py::arg("sampling"), py::arg("shard"), py::arg("jobs"), py::arg("progress"),
      "What `lanewise measure --json` prints.");
  module.def(
      "export_rows",
      [](const std::string& store, const std::string& path) {
        without_gil([&] {
          cli::expect_store("store", store);
          record::Store(store, record::Store::Access::kRead).export_csv(path, record::CsvForm::kTexts);
        });
      },
      py::arg("store"), py::arg("path"), "Writes every row of a store as CSV, as `lanewise store export` has them.");
}

}  // namespace lanewise::python
