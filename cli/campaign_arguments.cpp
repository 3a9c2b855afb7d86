// SPDX-License-Identifier: Apache-2.0
#include "cli/campaign_arguments.hpp"

#include <fmt/format.h>

#include "core/base/installation.hpp"
#include "study/campaign/campaign_file.hpp"

namespace lanewise::cli {
namespace {

// The file says these; both at once would contradict each other.
constexpr const char* kInsteadOfFile[] = {
    "MODEL",   "--hw",     "--set",       "--plan-for",        "--effort",      "--batch", "--dim",
    "--input", "--custom", "--precision", "--layer-precision", "--compression", "--prune", "--cluster"};

}  // namespace

void CampaignArguments::add(CLI::App& verb) {
  verb_ = &verb;
  verb.add_option("MODEL", models, "Networks, files or names of models/; where there is no --campaign");
  engine.add(verb);
  verb.get_option("--hw")->required(false);
  CLI::Option* described =
      verb.add_option("--campaign", file, "What to measure, a file or a name of campaigns/ (docs/campaigns.md)")
          ->type_name("FILE");
  verb.add_option("--rows", campaign.rows, "Distinct (engine, subgraph) to measure")
      ->type_name("N")
      ->check(CLI::Range(std::int64_t{1}, study::kMostCampaignRows))
      ->capture_default_str();
  verb.add_option("--engines", campaign.engines, "Engines to measure on")
      ->type_name("N")
      ->check(CLI::Range(1, study::kMostCampaignEngines))
      ->capture_default_str();
  verb.add_option("--sampling", sampling,
                  "How engines cover their ranges: latin_hypercube or sobol (default latin_hypercube)")
      ->type_name("PLAN")
      ->check(CLI::IsMember({"latin_hypercube", "sobol"}));
  import.add(verb);
  for (const char* other : kInsteadOfFile) described->excludes(verb.get_option(other));
}

bool CampaignArguments::given() const {
  return verb_->count("--hw") > 0 || verb_->count("--set") > 0 || verb_->count("--plan-for") > 0 ||
         verb_->count("--effort") > 0 || given_beside_engine();
}

bool CampaignArguments::given_beside_engine() const {
  for (const char* name :
       {"MODEL", "--batch", "--dim", "--input", "--custom", "--precision", "--layer-precision", "--compression",
        "--prune", "--cluster", "--campaign", "--rows", "--engines", "--sampling"}) {
    if (verb_->count(name) > 0) return true;
  }
  return false;
}

void CampaignArguments::require() const {
  if (!file.empty()) return;
  for (const char* needed : {"MODEL", "--hw"}) {
    if (verb_->count(needed) == 0) throw CLI::RequiredError(std::string(needed) + ", or --campaign,");
  }
}

CampaignArguments::Plan CampaignArguments::load(std::uint64_t seed) const {
  Plan plan = file.empty() ? from_options() : from_file();
  if (file.empty() || verb_->count("--seed") > 0) plan.options.seed = seed;
  if (!sampling.empty()) plan.options.sampling = study::parse_engine_sampling(sampling);
  return plan;
}

CampaignArguments::Plan CampaignArguments::from_options() const {
  return {engine.load().config, engine::load_family(engine.path()), import.import(models), campaign};
}

CampaignArguments::Plan CampaignArguments::from_file() const {
  const study::CampaignFile described = study::load_campaign_file(find_data("campaigns", file));
  ImportSettings settings;
  settings.batch = described.batch;
  settings.precision = described.precision;
  for (const auto& [name, size] : described.dims) settings.dims.push_back(fmt::format("{}={}", name, size));
  for (const auto& [name, value] : described.inputs) settings.inputs.push_back(name + "=" + value);
  settings.custom = described.custom;
  Plan plan{engine::load_engine(described.hwconfig, described.overrides).config,
            study::with_ranges(engine::load_family(described.hwconfig), described.ranges),
            settings.import(described.networks), described.options};
  if (verb_->count("--rows") > 0) plan.options.rows = campaign.rows;
  if (verb_->count("--engines") > 0) plan.options.engines = campaign.engines;
  return plan;
}

}  // namespace lanewise::cli
