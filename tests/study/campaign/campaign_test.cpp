// SPDX-License-Identifier: Apache-2.0
#include "study/campaign/campaign.hpp"

#include <map>
#include <set>

#include "core/mapping/array_work.hpp"
#include "core/mapping/partition.hpp"
#include "study/dataset/sample_set.hpp"
#include "study/evaluation/measurement_source.hpp"
#include "tests/study/fixtures.hpp"

namespace lanewise::study::testing {
namespace {

CampaignOptions small_campaign() {
  CampaignOptions options;
  options.rows = 500;
  options.engines = 20;
  options.seed = 5;
  options.variants = 3;
  return options;
}

Campaign plan(const CampaignOptions& options) {
  return plan_campaign({mobilenet(), squeezenet()}, small_engine(), engine::load_family(kEnginePath), options);
}

std::string text_of(const Campaign& campaign) {
  std::string text;
  for (const Job& job : campaign.jobs) {
    text += campaign.engines[job.engine].hash + " " + job.subgraph_key + " " + std::to_string(job.weight) + "\n";
  }
  return text;
}

TEST(EngineSample, keeps_to_the_ranges_unless_marked) {
  const engine::Family family = engine::load_family(kEnginePath);
  const EngineSample sample = sample_engines(small_engine(), family, 60, 0.2, {}, 1);
  ASSERT_EQ(sample.engines.size(), 60u);
  std::set<std::string> hashes;
  int outside = 0;
  for (std::size_t i = 0; i < sample.engines.size(); ++i) {
    const SampledEngine& engine = sample.engines[i];
    EXPECT_TRUE(hashes.insert(engine.hash).second);
    outside += engine.outside_ranges ? 1 : 0;
    if (i <= family.members.size()) continue;  // shipped engines are what they are
    bool beyond = false;
    for (const engine::FamilyRange& range : family.ranges) {
      const std::string value = engine::value_text(engine.config, range.key);
      for (const std::string& far : range.outside_values) {
        const auto probe = engine::with_overrides(engine.config, {{range.key, value}});
        beyond = beyond || engine::value_text(probe, range.key) == far;
      }
    }
    EXPECT_EQ(beyond, engine.outside_ranges) << engine.config.name;
  }
  EXPECT_EQ(outside, 12);
}

TEST(EngineSample, spreads_every_key_over_its_range) {
  const engine::Family family = engine::load_family(kEnginePath);
  const EngineSample sample = sample_engines(small_engine(), family, 100, 0, {}, 1);
  for (const engine::FamilyRange& range : family.ranges) {
    std::map<std::string, int> counts;
    for (const SampledEngine& engine : sample.engines) ++counts[engine::value_text(engine.config, range.key)];
    EXPECT_EQ(counts.size(), range.values.size()) << range.key;
    // A hypercube gives each value its even share; members and redrawn combinations move it a little.
    for (const auto& [value, count] : counts) EXPECT_GT(count, 50 / static_cast<int>(range.values.size())) << range.key;
  }
}

TEST(EngineSample, focus_keeps_all_else_of_the_base_in_about_half) {
  const engine::Family family = engine::load_family(kEnginePath);
  const engine::EngineConfig base = small_engine();
  const EngineSample sample =
      sample_engines(base, family, 80, 0, {"engine.parallelism_factor", "post_processing.width"}, 1);
  int kept = 0;
  for (const SampledEngine& engine : sample.engines) {
    const auto same = [&](const char* key) {
      return engine::value_text(engine.config, key) == engine::value_text(base, key);
    };
    kept += same("dram.bandwidth") && same("engine.clock") && same("memory.bank_size") && same("accumulators.size");
  }
  EXPECT_GT(kept, 20);
  EXPECT_LT(kept, 60);
}

TEST(Campaign, has_the_rows_asked_for_all_distinct) {
  const Campaign campaign = plan(small_campaign());
  EXPECT_EQ(campaign.jobs.size(), 500u);
  EXPECT_EQ(campaign.engines.size(), 20u);
  std::set<std::pair<std::size_t, std::string>> distinct;
  std::map<std::size_t, int> rows;
  for (const Job& job : campaign.jobs) {
    EXPECT_TRUE(distinct.emplace(job.engine, job.subgraph_key).second);
    ++rows[job.engine];
  }
  EXPECT_EQ(rows.size(), 20u);
  for (const auto& [engine, count] : rows) EXPECT_NEAR(count, 25, 1);
}

CampaignOptions campaign_with_forms() {
  CampaignOptions options = small_campaign();
  options.rows = 1200;
  options.engines = 40;
  options.forms.engine_share = 0.5;
  options.forms.row_share = 0.4;
  return options;
}

TEST(CampaignForms, are_of_engines_that_make_something_of_them) {
  const Campaign campaign = plan(campaign_with_forms());
  ASSERT_EQ(campaign.jobs.size(), 1200u);
  const std::size_t shipped = 1 + engine::load_family(kEnginePath).members.size();
  std::size_t keyed = 0;
  for (std::size_t e = 0; e < campaign.engines.size(); ++e) {
    const SampledEngine& engine = campaign.engines[e];
    EXPECT_EQ(engine.hash, engine::engine_hash(engine.config));
    EXPECT_TRUE(e >= shipped || !knows_forms(engine.config)) << "shipped engines are what they are";
    keyed += knows_forms(engine.config) ? 1 : 0;
  }
  // Half of about 34, chosen one by one: four standard deviations to both sides.
  EXPECT_GT(keyed, 5u);
  EXPECT_LT(keyed, 29u);
  std::map<std::size_t, std::pair<int, int>> rows;  // with a form, all
  std::set<std::string> modes;
  bool compressed = false;
  for (const Job& job : campaign.jobs) {
    const mapping::Subgraph subgraph = mapping::parse_subgraph_key(job.subgraph_key);
    auto& [with, all] = rows[job.engine];
    ++all;
    if (subgraph.shape.weight_form.plain()) continue;
    ++with;
    const mapping::ArrayWork work = mapping::array_work(subgraph.shape, campaign.engines[job.engine].config);
    EXPECT_TRUE(work.mode != mapping::WeightMode::kDense || work.storage.compressed) << job.subgraph_key;
    modes.insert(to_string(work.mode));
    compressed = compressed || work.storage.compressed;
    EXPECT_EQ(job.weight, 0) << "no network has it";
  }
  EXPECT_EQ(modes.size(), 3u);
  EXPECT_TRUE(compressed);
  std::size_t formed = 0;
  for (const auto& [engine, counts] : rows) {
    const bool knows = knows_forms(campaign.engines[engine].config);
    EXPECT_EQ(counts.second, 30);
    // Fewer where hardly any form makes a difference, as with a decoder that does not keep up.
    EXPECT_LE(counts.first, knows ? 12 : 0) << campaign.engines[engine].config.name;
    formed += static_cast<std::size_t>(counts.first);
  }
  EXPECT_GT(formed, keyed * 12 * 3 / 4);
}

TEST(CampaignForms, follow_from_the_seed_and_leave_other_engines_alone) {
  const Campaign with = plan(campaign_with_forms());
  EXPECT_EQ(text_of(plan(campaign_with_forms())), text_of(with));
  CampaignOptions none = campaign_with_forms();
  none.forms.engine_share = 0;
  const Campaign without = plan(none);
  ASSERT_EQ(without.engines.size(), with.engines.size());
  for (std::size_t e = 0; e < with.engines.size(); ++e) {
    EXPECT_FALSE(knows_forms(without.engines[e].config));
    EXPECT_TRUE(knows_forms(with.engines[e].config) || with.engines[e].hash == without.engines[e].hash);
  }
  // Values of the caller's instead of the usual ones.
  CampaignOptions one = campaign_with_forms();
  one.forms.ranges = {{"sparsity.structured", {"1:4"}, {}}, {"compression.palette", {"false"}, {}}};
  one.forms.structures = {FormOptions::structure(1, 4)};
  one.forms.densities = {};
  one.forms.clusters = {};
  const Campaign narrow = plan(one);
  for (const SampledEngine& engine : narrow.engines) {
    if (!knows_forms(engine.config)) continue;
    EXPECT_EQ(engine::value_text(engine.config, "sparsity.structured"), "1:4");
    EXPECT_FALSE(engine.config.compression.palette);
  }
  int formed = 0;
  for (const Job& job : narrow.jobs) {
    const network::WeightForm form = mapping::parse_subgraph_key(job.subgraph_key).shape.weight_form;
    EXPECT_TRUE(form.plain() || network::form_text(form) == "1:4/0.2500/0") << job.subgraph_key;
    formed += form.plain() ? 0 : 1;
  }
  EXPECT_GT(formed, 0);
}

TEST(Campaign, depends_on_its_seed_alone) {
  EXPECT_EQ(text_of(plan(small_campaign())), text_of(plan(small_campaign())));
  CampaignOptions other = small_campaign();
  other.seed = 6;
  EXPECT_NE(text_of(plan(other)), text_of(plan(small_campaign())));
}

TEST(Campaign, weights_are_the_occurrences_in_the_networks_as_given) {
  const Campaign campaign = plan(small_campaign());
  const network::Graph graphs[] = {mobilenet(), squeezenet()};
  bool weighted = false, variant = false;
  for (const Job& job : campaign.jobs) {
    double occurrences = 0;
    for (const network::Graph& graph : graphs) {
      for (const mapping::Subgraph& s : mapping::partition(graph, campaign.engines[job.engine].config)) {
        if (mapping::subgraph_key(s) == job.subgraph_key) ++occurrences;
      }
    }
    EXPECT_EQ(job.weight, occurrences) << job.subgraph_key;
    (occurrences > 0 ? weighted : variant) = true;
  }
  EXPECT_TRUE(weighted);
  EXPECT_TRUE(variant);
}

// Room for whole networks: both of these have fewer subgraphs than half of an engine's rows.
CampaignOptions roomy_campaign() {
  CampaignOptions options = small_campaign();
  options.engines = 6;
  options.rows = 900;
  return options;
}

TEST(Campaign, whole_networks_are_there_with_all_their_subgraphs) {
  const Campaign campaign = plan(roomy_campaign());
  const network::Graph graphs[] = {mobilenet(), squeezenet()};
  std::map<std::pair<std::size_t, std::string>, std::int64_t> found;
  for (const Job& job : campaign.jobs) {
    double weight = 0;
    for (const record::NetworkMembership& member : job.networks) {
      found[{job.engine, member.network}] += member.occurrences;
      weight += static_cast<double>(member.occurrences);
    }
    EXPECT_EQ(job.weight, weight);
  }
  for (std::size_t e = 0; e < campaign.engines.size(); ++e) {
    for (const network::Graph& graph : graphs) {
      const auto subgraphs = mapping::partition(graph, campaign.engines[e].config).size();
      EXPECT_EQ((found[{e, graph.name()}]), static_cast<std::int64_t>(subgraphs)) << graph.name() << " on engine " << e;
    }
  }
  EXPECT_EQ(campaign.complete_networks, 12);
}

TEST(Campaign, a_whole_networks_total_comes_from_the_store) {
  const ScratchFolder folder;
  CampaignOptions options = roomy_campaign();
  options.engines = 2;
  options.rows = 300;
  const Campaign campaign = plan(options);
  record::Store store(folder.file("rows"));
  sim::WorkerPool pool(kWorker, 2);
  run_campaign(campaign, store, pool);
  std::map<std::pair<std::string, std::string>, std::int64_t> cycles, counts;
  store.for_each([&](const record::Row& row) {
    for (const record::NetworkMembership& member : row.networks) {
      cycles[{row.engine_hash, member.network}] += member.occurrences * row.measurement.latency.count();
      counts[{row.engine_hash, member.network}] += member.occurrences;
    }
  });
  const auto simulator = make_simulator(kWorker, 2);
  for (const SampledEngine& engine : campaign.engines) {
    for (const network::Graph& graph : {mobilenet(), squeezenet()}) {
      const std::vector<mapping::Subgraph> subgraphs = mapping::partition(graph, engine.config);
      std::vector<SubgraphQuery> queries;
      for (const mapping::Subgraph& subgraph : subgraphs) queries.push_back({&subgraph, &engine.config});
      std::int64_t sum = 0;
      for (const record::SubgraphResult& result : simulator->measure(queries))
        sum += result.measurement.latency.count();
      EXPECT_EQ((cycles[{engine.hash, graph.name()}]), sum);
      EXPECT_EQ((counts[{engine.hash, graph.name()}]), static_cast<std::int64_t>(subgraphs.size()));
    }
  }
}

TEST(Campaign, is_planned_the_same_whatever_the_number_of_threads) {
  const engine::Family family = engine::load_family(kEnginePath);
  const auto planned = [&](int threads) {
    return text_of(plan_campaign({mobilenet(), squeezenet()}, small_engine(), family, roomy_campaign(), {}, threads));
  };
  const std::string one = planned(1);
  EXPECT_EQ(planned(3), one);
  EXPECT_EQ(planned(16), one);
}

TEST(Campaign, an_engine_with_fewer_subgraphs_than_its_share_gives_what_it_has) {
  CampaignOptions options = small_campaign();
  options.engines = 4;
  options.variants = 0;
  options.boundary_share = 0;
  const engine::Family family = engine::load_family(kEnginePath);
  // Every engine has fewer distinct subgraphs than its share: all of them are measured.
  options.rows = 100000;
  const Campaign all = plan_campaign({squeezenet()}, small_engine(), family, options);
  std::map<std::size_t, std::size_t> rows;
  for (const Job& job : all.jobs) ++rows[job.engine];
  for (std::size_t e = 0; e < all.engines.size(); ++e) {
    std::set<std::string> keys;
    for (const mapping::Subgraph& s : mapping::partition(squeezenet(), all.engines[e].config)) {
      keys.insert(mapping::subgraph_key(s));
    }
    EXPECT_EQ(rows[e], keys.size());
  }
  // Half of one's subgraphs each: none is short, and none of the others' shares is the larger for one that is.
  options.rows = static_cast<std::int64_t>(4 * rows[0] / 2);
  EXPECT_EQ(plan_campaign({squeezenet()}, small_engine(), family, options).jobs.size(), 4 * rows[0] / 2);
}

TEST(Campaign, refuses_what_contradicts_itself) {
  const engine::Family family = engine::load_family(kEnginePath);
  EXPECT_THROW(plan_campaign({squeezenet(), squeezenet()}, small_engine(), family, small_campaign()), Error);
  EXPECT_THROW(plan_campaign({}, small_engine(), family, small_campaign()), Error);
  CampaignOptions options = small_campaign();
  options.boundary_share = 0.6;
  EXPECT_THROW(plan_campaign({squeezenet()}, small_engine(), family, options), Error);
}

TEST(Campaign, a_row_measured_before_learns_of_a_network_that_comes_later) {
  const ScratchFolder folder;
  const engine::Family family = engine::load_family(kEnginePath);
  CampaignOptions options = roomy_campaign();
  options.engines = 1;
  options.rows = 30;
  record::Store store(folder.file("rows"));
  sim::WorkerPool pool(kWorker, 2);
  const Campaign first = plan_campaign({squeezenet()}, small_engine(), family, options);
  Campaign again = first;
  for (Job& job : again.jobs) {
    for (record::NetworkMembership& member : job.networks) member.network = "another";
  }
  run_campaign(first, store, pool);
  const CampaignOutcome outcome = run_campaign(again, store, pool);
  EXPECT_EQ(outcome.measured, 0);
  store.for_each([&](const record::Row& row) {
    if (row.networks.empty()) return;
    ASSERT_EQ(row.networks.size(), 2u);
    EXPECT_EQ(row.weight, 2.0 * static_cast<double>(row.networks[0].occurrences));
  });
}

TEST(Campaign, goes_on_where_it_stopped_and_stores_the_same) {
  const ScratchFolder folder;
  Campaign campaign = plan(small_campaign());
  {
    record::Store store(folder.file("cut"));
    sim::WorkerPool pool(kWorker, 2);
    Progress progress;
    int calls = 0;
    progress.stopped = [&] { return ++calls > 12; };
    EXPECT_THROW(run_campaign(campaign, store, pool, progress), Interrupted);
    EXPECT_GT(store.rows(), 0);
    EXPECT_LT(store.rows(), 500);
  }
  record::Store cut(folder.file("cut")), whole(folder.file("whole"));
  const std::int64_t before = cut.rows();
  sim::WorkerPool pool(kWorker, 2), one(kWorker, 1);
  const CampaignOutcome outcome = run_campaign(campaign, cut, pool);
  EXPECT_EQ(outcome.stored, before);
  EXPECT_EQ(outcome.measured, 500 - before);
  run_campaign(campaign, whole, one);
  const auto text = [](const record::Store& store) {
    std::string out;
    store.for_each([&](const record::Row& row) {
      out += row.engine_hash + row.subgraph_key + std::to_string(row.measurement.latency.count()) + row.failure + "\n";
    });
    return out;
  };
  EXPECT_EQ(text(cut), text(whole));
}

TEST(SampleSet, comes_back_from_the_store_with_its_engines) {
  const ScratchFolder folder;
  const Campaign campaign = plan(small_campaign());
  record::Store store(folder.file("rows"));
  sim::WorkerPool pool(kWorker, 2);
  run_campaign(campaign, store, pool);
  const SampleSet set = load_sample_set(store, "rows");
  EXPECT_EQ(static_cast<std::int64_t>(set.samples.size()) + set.failed, 500);
  EXPECT_LE(set.engines.size(), campaign.engines.size());
  std::map<std::string, bool> outside;
  for (const SampledEngine& engine : campaign.engines) outside[engine.hash] = engine.outside_ranges;
  bool some_outside = false;
  for (const estimator::Sample& sample : set.samples) {
    const auto engine = outside.find(engine::engine_hash(*sample.engine));
    ASSERT_NE(engine, outside.end());
    EXPECT_EQ(sample.outside_ranges, engine->second);
    some_outside = some_outside || sample.outside_ranges;
    EXPECT_GT(sample.measurement.latency.count(), 0);
  }
  EXPECT_TRUE(some_outside);
  EXPECT_THROW(load_sample_set(folder.file("none")), Error);
}

}  // namespace
}  // namespace lanewise::study::testing
