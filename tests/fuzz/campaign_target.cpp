// SPDX-License-Identifier: Apache-2.0
// Campaigns: read, and planned where the file asks for little. What is planned is a small network, whatever the file
// names: networks have a target of their own.
#include "study/campaign/campaign.hpp"
#include "study/campaign/campaign_file.hpp"
#include "tests/fuzz/answers.hpp"

namespace lanewise::fuzz {

void read_campaign(const std::string& path, const std::string&) {
  const study::CampaignFile file = study::load_campaign_file(path);
  const engine::EngineConfig base = engine::load_engine(file.hwconfig, file.overrides).config;
  const engine::Family family = study::with_ranges(engine::load_family(file.hwconfig), file.ranges);
  constexpr std::int64_t kFewRows = 2000;
  constexpr int kFewEngines = 20, kFewVariants = 20;
  if (file.options.rows > kFewRows || file.options.engines > kFewEngines || file.options.variants > kFewVariants)
    return;
  const study::Campaign plan = study::plan_campaign({small_network()}, base, family, file.options);
  if (static_cast<std::int64_t>(plan.jobs.size()) > file.options.rows) throw Nonsense("more jobs than rows");
  for (const study::Job& job : plan.jobs) require_sane("weight", job.weight);
}

}  // namespace lanewise::fuzz
