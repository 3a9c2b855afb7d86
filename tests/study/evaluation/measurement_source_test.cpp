// SPDX-License-Identifier: Apache-2.0
#include "study/evaluation/measurement_source.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "core/mapping/partition.hpp"
#include "study/campaign/campaign.hpp"
#include "study/evaluation/subgraph_table.hpp"
#include "tests/study/fixtures.hpp"

using namespace lanewise;
using namespace lanewise::study;
using namespace lanewise::study::testing;

namespace {

// Says how often it was asked; a subgraph's latency is the number of its question. Fails when told to.
class Counting : public MeasurementSource {
 public:
  record::Source source() const override { return record::Source::kEstimated; }
  std::int64_t asked = 0;
  bool fail = false;

 protected:
  std::vector<record::SubgraphResult> measure_distinct(const std::vector<SubgraphQuery>& subgraphs,
                                                       const Progress&) override {
    if (fail) throw Error("told to fail");
    std::vector<record::SubgraphResult> results(subgraphs.size());
    for (record::SubgraphResult& result : results) result.measurement.latency = Cycles(++asked);
    return results;
  }
};

mapping::Subgraph subgraph(std::int64_t channels) {
  mapping::Subgraph s;
  s.shape.in_channels = channels;
  return s;
}

TEST(MeasurementSource, asks_for_equal_subgraphs_on_equal_engines_once) {
  Counting source;
  const engine::EngineConfig engine = small_engine();
  engine::EngineConfig renamed = engine;
  renamed.name = "another name";
  renamed.description = "times nothing";
  const engine::EngineConfig wider = engine::with_overrides(engine, {{"engine.parallelism_factor", "32"}});
  const mapping::Subgraph a = subgraph(8), b = subgraph(16), a_again = subgraph(8);
  const auto latencies = [&](const std::vector<SubgraphQuery>& queries) {
    std::vector<std::int64_t> out;
    for (const record::SubgraphResult& result : source.measure(queries))
      out.push_back(result.measurement.latency.count());
    return out;
  };
  EXPECT_EQ(latencies({{&a, &engine}, {&b, &engine}, {&a_again, &renamed}, {&a, &wider}}),
            (std::vector<std::int64_t>{1, 2, 1, 3}));
  EXPECT_EQ(latencies({{&b, &renamed}, {&b, &wider}, {&a, &wider}, {&b, &wider}}),
            (std::vector<std::int64_t>{2, 4, 3, 4}));
  EXPECT_EQ(source.asked, 4);
  EXPECT_TRUE(latencies({}).empty());
}

TEST(MeasurementSource, answers_stay_where_they_are) {
  Counting source;
  const engine::EngineConfig engine = small_engine();
  const mapping::Subgraph first = subgraph(1);
  const record::SubgraphResult* kept = source.look_up({{&first, &engine}})[0];
  for (std::int64_t channels = 2; channels < 5000; ++channels) {
    const mapping::Subgraph other = subgraph(channels);
    source.look_up({{&other, &engine}});
  }
  EXPECT_EQ(source.look_up({{&first, &engine}})[0], kept);
  EXPECT_EQ(kept->measurement.latency.count(), 1);
  EXPECT_EQ(source.asked, 4999);
}

TEST(MeasurementSource, what_failed_is_asked_for_again) {
  Counting source;
  const engine::EngineConfig engine = small_engine();
  const mapping::Subgraph a = subgraph(8), b = subgraph(16);
  source.measure({{&a, &engine}});
  source.fail = true;
  EXPECT_EQ(source.measure({{&a, &engine}}).size(), 1U) << "what is known is not asked for";
  EXPECT_THROW(source.measure({{&a, &engine}, {&b, &engine}}), Error);
  source.fail = false;
  const std::vector<record::SubgraphResult> results = source.measure({{&b, &engine}, {&a, &engine}});
  EXPECT_EQ(results[0].measurement.latency.count(), 2);
  EXPECT_EQ(results[1].measurement.latency.count(), 1);
}

TEST(SubgraphTable, numbers_subgraphs_as_their_keys_do) {
  SubgraphTable table;
  std::map<std::string, SubgraphTable::Index> by_key;
  std::set<SubgraphTable::Index> numbers;
  const engine::EngineConfig small = small_engine();
  for (const engine::EngineConfig& engine :
       {small, engine::with_overrides(small, {{"memory.activation_banks", "4"}}), small}) {
    const SubgraphTable::Index number = table.engine(engine);
    for (const network::Graph& graph : network_variants(mobilenet(), 40, {1, 8}, 2)) {
      for (const mapping::Subgraph& s : mapping::partition(graph, engine)) {
        const std::string key = engine::engine_hash(engine) + " " + mapping::subgraph_key(s);
        const SubgraphTable::Index subgraph_number = table.subgraph(s, number);
        EXPECT_EQ(by_key.emplace(key, subgraph_number).first->second, subgraph_number) << key;
        numbers.insert(subgraph_number);
      }
    }
  }
  EXPECT_GT(by_key.size(), 500U);
  EXPECT_EQ(numbers.size(), by_key.size());
  EXPECT_EQ(table.size(), by_key.size());
  EXPECT_EQ(*numbers.rbegin() + 1, by_key.size());
}

TEST(SubgraphTable, forgets_what_is_cut_off) {
  SubgraphTable table;
  const SubgraphTable::Index engine = table.engine(small_engine());
  for (std::int64_t channels = 1; channels <= 2000; ++channels) table.subgraph(subgraph(channels), engine);
  table.shrink(700);
  EXPECT_EQ(table.size(), 700U);
  EXPECT_EQ(table.subgraph(subgraph(700), engine), 699U);
  EXPECT_EQ(table.subgraph(subgraph(1500), engine), 700U);
}

}  // namespace
