// SPDX-License-Identifier: Apache-2.0
// Curation by costs whose favourable values are known beforehand.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "core/base/error.hpp"
#include "nas/space/space.hpp"
#include "study/curation/curated_space.hpp"
#include "study/curation/curation.hpp"
#include "study/curation/start.hpp"
#include "study/curation/trades.hpp"

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
      out.back().measurement.latency = Cycles(whole(s.in_channels) * whole(s.out_channels) * s.out_height *
                                              s.out_width * s.window.kernel[0] * s.window.kernel[1]);
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
  nas::SpaceDescription description;
  engine::EngineConfig engine = engine::load_engine("hwconfigs/ne-256.yaml", {}).config;  // 16 dot products of 16
  std::unique_ptr<nas::Space> space = std::make_unique<nas::Space>(
      description, nas::make_network_space(description, nullptr), engine, engine::Family{});
  Curation curation;

  explicit Curated(CurationOptions options = {}, const std::string& text = kSpace)
      : description(nas::parse_space("pointwise.yaml", text)) {
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

CurationOptions bounded(CurationStart start = CurationStart::kRaw) {
  CurationOptions options;
  options.least_macs = options.least_parameters = 0.9;
  options.start = start;
  return options;
}

TEST(Curate, a_search_begins_at_the_raw_default_made_favourable_unless_asked_for_the_best) {
  const Curated raw(bounded()), best(bounded(CurationStart::kBest));
  ASSERT_FALSE(raw.curation.points.empty());
  EXPECT_EQ(raw.curation.kept(), best.curation.kept());
  EXPECT_EQ(raw.space->encode(raw.curation.defaults()), raw.curation.raw_start);
  EXPECT_EQ(best.space->encode(best.curation.defaults()), best.curation.best_start);
  EXPECT_EQ(best.curation.best_start, best.curation.points.front().encoding);
  const GeneChoices &a = raw.curation.genes[1], &b = raw.curation.genes[2];
  EXPECT_EQ(a.choices[static_cast<std::size_t>(a.default_value)].value, "32");  // dominates 20
  EXPECT_EQ(b.choices[static_cast<std::size_t>(b.default_value)].value, "48");  // dominates 40
}

TEST(Curate, the_start_keeps_the_bounds_where_what_is_left_of_the_raw_default_does_not) {
  const std::string pictures = R"(name: pictures
network:
  genes:
    resolution: {values: [8, 16], default: 16}
  input: {channels: 16, height: {gene: resolution}, width: {gene: resolution}}
  stages:
    a: {type: convolution, kernel: 1, channels: {from: 16, to: 128, step: 16, default: 32}}
    b: {type: convolution, kernel: 1, channels: {from: 16, to: 128, step: 16, default: 32}}
  head: {type: none}
engine: {vary: none}
)";
  Curated curated(bounded(), pictures);
  // As if no near-best design had the larger resolution.
  Curation& curation = curated.curation;
  GeneChoices& resolution = curation.genes[0];
  ASSERT_EQ(resolution.gene, "resolution");
  for (Choice& choice : resolution.choices) choice.kept = choice.value == "8", choice.traded = !choice.kept;
  const network::Graph before = curated.space->graph(curated.space->defaults(), curated.engine);
  const std::int64_t macs = network::macs(before), parameters = network::parameters(before);
  choose_start(*curated.space, curated.engine, macs, parameters, false, bounded(), curation);
  const network::Graph start = curated.space->graph(curation.defaults(), curated.engine);
  EXPECT_EQ(start.tensor(start.inputs().front()).shape[2], 8);
  EXPECT_GE(network::macs(start), macs);
  EXPECT_GE(network::parameters(start), parameters);
}

TEST(Curate, a_value_is_near_the_best_where_some_design_of_all_with_it_is) {
  const Curated curated({}, R"(name: kernels
network:
  input: {channels: 16, height: 8, width: 8}
  stages:
    a: {type: convolution, kernel: [1, 3], channels: {from: 8, to: 64, step: 8, default: 24}}
    b: {type: convolution, kernel: [1, 3], channels: {from: 8, to: 64, step: 8, default: 40}}
  head: {type: none}
engine: {vary: none}
)");
  WholeGroups source;
  CuratedCosts costs(*curated.space, source);
  std::vector<OpenGene> open;
  std::vector<nas::Genotype> all = {{}};
  for (std::size_t g = 0; g < curated.space->genes().size(); ++g) {
    open.push_back({g, {}});
    std::vector<nas::Genotype> longer;
    for (std::size_t v = 0; v < curated.space->genes()[g].values.size(); ++v) {
      open.back().values.push_back(static_cast<int>(v));
      for (const nas::Genotype& genotype : all) {
        longer.push_back(genotype);
        longer.back().push_back(static_cast<int>(v));
      }
    }
    all = std::move(longer);
  }
  const LocalSize base = whole_size(*costs.price({curated.space->defaults()}, {}).front());
  const auto points = working_points(costs, open, {curated.space->defaults()}, base.macs, base.parameters, {});
  ASSERT_FALSE(points.empty());
  std::vector<FixedValue> fixed;
  for (const OpenGene& gene : open) {
    for (const int value : gene.values) fixed.push_back({gene.gene, value});
  }
  const auto found = best_with(costs, open, points, fixed, base.macs, base.parameters, {});
  const auto prices = costs.price(all, {});
  const auto least_with = [&](std::size_t gene, int value) {
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
    for (std::size_t i = 0; i < all.size(); ++i) {
      const LocalSize size = whole_size(*prices[i]);
      const bool within = size.macs >= base.macs && size.parameters >= base.parameters;
      if (within && all[i][gene] == value) least = std::min(least, size.cycles);
    }
    return least;
  };
  std::int64_t best = std::numeric_limits<std::int64_t>::max();
  for (const int value : open.front().values) best = std::min(best, least_with(open.front().gene, value));
  EXPECT_EQ(points.front().size.cycles, best);
  int near = 0, far = 0;
  for (std::size_t f = 0; f < fixed.size(); ++f) {
    const auto is_near = [&](std::int64_t cycles) {
      return static_cast<double>(cycles) <= kNear * static_cast<double>(best);
    };
    const bool is = is_near(least_with(fixed[f].gene, fixed[f].value));
    ++(is ? near : far);
    EXPECT_TRUE(!found[f] || found[f]->genotype[fixed[f].gene] == fixed[f].value);
    EXPECT_EQ(found[f] && is_near(found[f]->size.cycles), is)
        << curated.space->genes()[fixed[f].gene].name << " " << fixed[f].value;
  }
  EXPECT_GT(near, 0);
  EXPECT_GT(far, 0);
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
