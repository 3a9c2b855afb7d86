// SPDX-License-Identifier: Apache-2.0
// Curation by costs whose favourable values are known beforehand.
#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "nas/space/space.hpp"
#include "study/curation/curated_space.hpp"
#include "study/curation/curation.hpp"

namespace lanewise::study {
namespace {

// An array of 16 dot products with 16 lanes each and nothing else: every layer takes whole groups and blocks.
class WholeGroups : public MeasurementSource {
 public:
  record::Source source() const override { return record::Source::kSimulated; }

 protected:
  std::vector<record::SubgraphResult> measure_distinct(const std::vector<SubgraphQuery>& queries,
                                                       const Progress&) override {
    std::vector<record::SubgraphResult> out;
    for (const SubgraphQuery& query : queries) {
      const mapping::SubgraphShape& s = query.subgraph->shape;
      const auto whole = [](std::int64_t channels) { return (channels + 15) / 16; };
      out.emplace_back();
      out.back().measurement.macs = s.macs();
      out.back().measurement.latency =
          Cycles(whole(s.in_channels) * whole(s.out_channels) * s.out_height * s.out_width);
    }
    return out;
  }
};

const std::string kSpace = R"(name: pointwise
network:
  input: {channels: 16, height: 8, width: 8}
  activation: [relu, hard_swish]
  stages:
    a: {type: convolution, kernel: 1, channels: {from: 8, to: 64, step: 1, default: 20}}
    b: {type: convolution, kernel: 1, channels: {values: [24, 32, 40, 48], default: 40}}
  head: {type: none}
engine: {vary: none}
)";

struct Curated {
  nas::SpaceDescription description = nas::parse_space("pointwise.yaml", kSpace);
  engine::EngineConfig engine;
  std::unique_ptr<nas::Space> space = std::make_unique<nas::Space>(
      description, nas::make_network_space(description, nullptr), engine, engine::Family{});
  Curation curation;

  explicit Curated(CurationOptions options = {}) {
    engine.array.parallelism_factor = engine.array.dot_product_lanes = 16;
    WholeGroups costs;
    options.keep_default = genes_with_fixed_default(description, *space);
    curation = curate(*space, costs, options);
  }
  std::vector<std::string> kept(const std::string& gene) const {
    std::vector<std::string> values;
    for (const GeneChoices& choices : curation.genes) {
      if (choices.gene != gene) continue;
      for (const Choice& choice : choices.choices) {
        if (choice.kept) values.push_back(choice.value);
      }
    }
    std::sort(values.begin(), values.end());
    return values;
  }
};

using Texts = std::vector<std::string>;

TEST(Curate, multiples_of_the_parallelism_factor_are_what_an_array_favours) {
  const Curated curated;
  EXPECT_EQ(curated.kept("a.channels"), (Texts{"16", "32", "48", "64"}));
  EXPECT_EQ(curated.kept("b.channels"), (Texts{"32", "48"}));
}

TEST(Curate, level_cost_is_not_asked_for_value_by_value) {
  const Curated curated;
  EXPECT_LT(curated.curation.counts.asked, curated.curation.counts.values / 2);
}

TEST(Curate, choices_without_an_order_of_capacity_stay_where_nothing_dominates_them) {
  EXPECT_EQ(Curated().kept("activation"), (Texts{"hard_swish", "relu"}));
}

TEST(Curate, the_default_moves_to_what_dominates_it) {
  const Curated curated;
  const GeneChoices& a = curated.curation.genes[1];
  ASSERT_EQ(a.gene, "a.channels");
  EXPECT_EQ(a.choices[static_cast<std::size_t>(a.default_value)].value, "32");  // 20 takes two groups, as 32 does
}

TEST(Curate, every_value_has_its_reason) {
  const Curated curated;
  for (const GeneChoices& gene : curated.curation.genes) {
    for (const Choice& choice : gene.choices) {
      EXPECT_FALSE(choice.reason.empty()) << gene.gene << " " << choice.value;
      EXPECT_EQ(choice.reason.find('\n'), std::string::npos);
    }
  }
}

TEST(Curate, genes_to_keep_are_left_and_unknown_ones_refused) {
  CurationOptions options;
  options.keep = {"b.channels"};
  EXPECT_EQ(Curated(options).kept("b.channels").size(), 4u);
  options.keep = {"b.channel"};
  EXPECT_THROW(Curated{options}, Error);
}

TEST(Curate, the_file_is_a_subset_whose_encodings_name_the_same_networks) {
  const Curated curated;
  const std::string text = curated_text(curated.description, *curated.space, curated.curation,
                                        {"pointwise.yaml", "curated.yaml", "an array", {0.9, 0.9}});
  const nas::SpaceDescription read = nas::parse_space("curated.yaml", text);
  const auto networks = nas::make_network_space(read, nullptr);
  const std::string encoding = networks->encode(nas::Genotype(networks->genes().size(), 0));
  const network::Graph mine = networks->build(networks->decode(encoding), curated.engine);
  const network::Graph raw = curated.space->graph(curated.space->decode(encoding), curated.engine);
  EXPECT_EQ(network::macs(mine), network::macs(raw));
  EXPECT_EQ(network::parameters(mine), network::parameters(raw));
  EXPECT_GT(read.accuracy.number("least_macs"), 0);
  EXPECT_THROW(networks->decode("default"), Error);  // the raw default is no network of the curated space
}

}  // namespace
}  // namespace lanewise::study
