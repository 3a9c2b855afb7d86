// SPDX-License-Identifier: Apache-2.0
#include "report/answer.hpp"

#include "tests/report/rendered.hpp"

namespace lanewise::report::testing {
namespace {

study::SubgraphAnswer make_subgraph(const std::string& name, std::int64_t cycles, std::int64_t in_network) {
  study::SubgraphAnswer subgraph;
  subgraph.name = name;
  subgraph.operators = {name};
  subgraph.family = "convolution";
  subgraph.macs = 1000;
  subgraph.latency_cycles = cycles;
  subgraph.in_network_cycles = in_network;
  subgraph.energy_uj = 0.25;
  subgraph.dram_bytes = 64;
  subgraph.bound_by = "dot_product_array";
  record::UnitTime unit;
  unit.unit = record::Unit::kDotProductArray;
  unit.busy = Cycles(cycles - 30);
  unit.stalled = {{record::StallCause::kInput, Cycles(20)}};
  unit.idle = Cycles(10);
  subgraph.units = {unit};
  return subgraph;
}

study::NetworkAnswer make_answer() {
  study::NetworkAnswer answer;
  answer.network = "net";
  answer.engine = "engine";
  answer.tool_version = "1.2.3";
  answer.total.latency_cycles = 250;
  answer.total.latency_ms = 0.5;
  answer.total.bound_by = "dot_product_array";
  answer.between.latency_cycles = -50;
  answer.subgraphs = {make_subgraph("one", 100, 100), make_subgraph("two", 200, 150)};
  return answer;
}

study::NetworkAnswer make_estimate() {
  study::NetworkAnswer answer = make_answer();
  answer.source = record::Source::kEstimated;
  answer.reliability = study::Reliability{study::LatencyInterval{0.9, 200, 300}, true, {}};
  for (study::SubgraphAnswer& subgraph : answer.subgraphs) {
    subgraph.source = record::Source::kEstimated;
    subgraph.units.clear();
    subgraph.reliability = study::Reliability{std::nullopt, false, {"in_channels 4096 > 2048", "batch 2 > 1"}};
  }
  return answer;
}

study::EnergyShares shares(double macs, double dram) {
  return {{{"macs", Picojoules(macs)}, {"leakage", Picojoules(0)}, {"dram", Picojoules(dram)}},
          {{"dot_product_array", Picojoules(macs)},
           {"activation_memory", Picojoules(0)},
           {"weight_memory", Picojoules(0)},
           {"accumulators", Picojoules(0)},
           {"post_processor", Picojoules(0)},
           {"dram", Picojoules(dram)},
           {"fixed", Picojoules(0)}}};
}

TEST(AnswerText, shows_the_parts_that_are_not_0_with_their_share) {
  study::NetworkAnswer answer = make_answer();
  answer.total.energy_uj = 4;
  answer.total.energy_breakdown = shares(1e6, 3e6);
  answer.total.area_mm2 = 0.5;
  answer.total.area_breakdown.array = SquareMillimetres(0.125);
  answer.total.area_breakdown.fixed = SquareMillimetres(0.375);
  EXPECT_NE(to_text({answer}).find("energy by action    uJ  share %\n"
                                   "----------------  ----  -------\n"
                                   "macs              1.00     25.0\n"
                                   "dram              3.00     75.0\n"
                                   "\n"
                                   "by unit            energy uJ  share %  area mm2  share %\n"
                                   "-----------------  ---------  -------  --------  -------\n"
                                   "dot_product_array       1.00     25.0     0.125     25.0\n"
                                   "dram                    3.00     75.0         -        -\n"
                                   "fixed                      -        -     0.375     75.0\n"),
            std::string::npos)
      << to_text({answer});
}

TEST(AnswerText, an_estimate_says_that_its_energy_has_no_parts) {
  study::NetworkAnswer answer = make_estimate();
  answer.total.area_mm2 = 0.5;
  answer.total.area_breakdown.array = SquareMillimetres(0.5);
  EXPECT_NE(to_text({answer}).find("no energy by action: an estimator predicts the sum; simulate shows its parts\n"
                                   "\n"
                                   "by unit            area mm2  share %\n"
                                   "-----------------  --------  -------\n"
                                   "dot_product_array     0.500    100.0\n"),
            std::string::npos)
      << to_text({answer});
  const Parsed json = Parsed::parse(to_json({answer}));
  EXPECT_TRUE(json.at("total").at("energy_breakdown_uj").is_null());
  EXPECT_TRUE(json.at("subgraphs")[0].at("energy_breakdown_uj").is_null());
  EXPECT_EQ(json.at("total").at("area_breakdown_mm2").at("dot_product_array"), 0.5);
}

TEST(AnswerJson, energy_has_its_parts_in_microjoules) {
  study::NetworkAnswer answer = make_answer();
  answer.total.energy_breakdown = answer.subgraphs[1].energy_breakdown = shares(1e6, 3e6);
  const Parsed json = Parsed::parse(to_json({answer}));
  EXPECT_EQ(json.at("total").at("energy_breakdown_uj").at("by_action").at("dram"), 3.0);
  EXPECT_EQ(json.at("subgraphs")[1].at("energy_breakdown_uj").at("by_unit").at("dot_product_array"), 1.0);
}

TEST(AnswerJson, is_an_object_for_one_answer_and_an_array_for_more) {
  EXPECT_TRUE(Parsed::parse(to_json({make_answer()})).is_object());
  const Parsed two = Parsed::parse(to_json({make_answer(), make_answer()}));
  ASSERT_TRUE(two.is_array());
  EXPECT_EQ(two[0], two[1]);
}

TEST(AnswerJson, subgraphs_and_what_lies_between_add_up_to_the_total) {
  const Parsed json = Parsed::parse(to_json({make_answer()}));
  std::int64_t alone = 0, in_network = 0;
  for (const Parsed& subgraph : json.at("subgraphs")) {
    alone += subgraph.at("latency_cycles").get<std::int64_t>();
    in_network += subgraph.at("in_network_cycles").get<std::int64_t>();
  }
  EXPECT_EQ(json.at("total").at("latency_cycles"), alone + json.at("between").at("latency_cycles").get<int>());
  EXPECT_EQ(json.at("total").at("latency_cycles"), in_network);
}

TEST(AnswerJson, the_times_of_a_unit_add_up_to_the_latency_of_its_subgraph) {
  const Parsed json = Parsed::parse(to_json({make_answer()}));
  for (const Parsed& subgraph : json.at("subgraphs")) {
    const Parsed& unit = subgraph.at("units").at("dot_product_array");
    std::int64_t sum = unit.at("busy_cycles").get<std::int64_t>() + unit.at("idle_cycles").get<std::int64_t>();
    for (const auto& [cause, cycles] : unit.at("stalled_cycles").items()) sum += cycles.get<std::int64_t>();
    EXPECT_EQ(subgraph.at("latency_cycles"), sum);
  }
}

TEST(AnswerJson, only_estimates_say_how_reliable_they_are) {
  const Parsed simulated = Parsed::parse(to_json({make_answer()}));
  EXPECT_EQ(simulated.at("source"), "simulated");
  EXPECT_FALSE(simulated.at("total").contains("interval"));
  EXPECT_FALSE(simulated.at("subgraphs")[0].contains("in_range"));

  const Parsed estimated = Parsed::parse(to_json({make_estimate()}));
  EXPECT_EQ(estimated.at("source"), "estimated");
  const Parsed& interval = estimated.at("total").at("interval");
  EXPECT_LT(interval.at("low"), interval.at("high"));
  EXPECT_EQ(interval.at("level"), 0.9);
  EXPECT_TRUE(estimated.at("subgraphs")[0].at("interval").is_null());
  EXPECT_EQ(estimated.at("subgraphs")[0].at("in_range"), false);
  EXPECT_EQ(estimated.at("subgraphs")[0].at("out_of_range").size(), 2u);
}

TEST(AnswerJson, optional_parts_are_absent_unless_they_were_asked_for) {
  study::NetworkAnswer answer = make_answer();
  const Parsed plain = Parsed::parse(to_json({answer}));
  for (const char* key : {"fallback", "rtl_check", "unseen_engine_error", "networks_like_this", "adapted", "profile"}) {
    EXPECT_FALSE(plain.contains(key)) << key;
  }
  answer.fallback = study::Fallback{1, 40};
  answer.held_out_accuracy = estimator::Accuracy{};
  answer.held_out_accuracy->rows = 70;
  answer.rtl = study::RtlCheckSummary{};
  answer.adapted = estimator::AdaptationNote{"chip", 12, 30, 4, "dram.bandwidth is 4 GB/s, not 8 GB/s"};
  const Parsed full = Parsed::parse(to_json({answer}));
  EXPECT_EQ(full.at("fallback").at("latency_share_percent"), 40);
  EXPECT_EQ(full.at("unseen_engine_error").at("rows"), 70);
  EXPECT_FALSE(full.at("rtl_check").contains("mape_percent")) << "a family that was not checked has no error";
  EXPECT_EQ(full.at("adapted").at("holds"), false);
  EXPECT_EQ(full.at("adapted").at("difference"), "dram.bandwidth is 4 GB/s, not 8 GB/s");
}

estimator::NetworksLikeThis make_like(bool known) {
  estimator::NetworksLikeThis like;
  like.known = known;
  like.family = "resnet";
  like.members = {"resnet18", "resnet50"};
  like.nearest = "resnet50";
  like.distance = known ? 0.02 : 0.4;
  like.accuracy.engines = 40;
  like.accuracy.latency = {60, 90, 98.5, 1.25, 14};
  like.accuracy.intervals = {{0.8, 60, 79, 3}, {0.9, 60, 88, 4}};
  return like;
}

TEST(AnswerJson, networks_like_this_have_errors_coverage_and_a_family_only_where_it_is_known) {
  study::NetworkAnswer answer = make_answer();
  answer.networks_like_this = make_like(true);
  const Parsed known = Parsed::parse(to_json({answer})).at("networks_like_this");
  EXPECT_EQ(known.at("family"), "resnet");
  EXPECT_EQ(known.at("latency").at("within_10_percent"), 98.5);
  EXPECT_EQ(known.at("latency").at("worst_error_percent"), 14);
  EXPECT_EQ(known.at("intervals")[1].at("covered_percent"), 88);
  EXPECT_FALSE(known.contains("energy")) << "nothing was compared";
  answer.networks_like_this = make_like(false);
  const Parsed unknown = Parsed::parse(to_json({answer})).at("networks_like_this");
  EXPECT_TRUE(unknown.at("family").is_null());
  EXPECT_EQ(unknown.at("nearest"), "resnet50");
}

TEST(AnswerText, the_error_is_that_of_networks_like_this) {
  study::NetworkAnswer answer = make_answer();
  answer.held_out_accuracy = estimator::Accuracy{};
  answer.networks_like_this = make_like(true);
  const std::string known = to_text({answer});
  EXPECT_NE(known.find("networks of family resnet (resnet18, resnet50) on engines held out: within 10 % 98.5 %, median "
                       "1.2 %, worst 14.0 % (60 on 40 engines); 90 % intervals held 88 %"),
            std::string::npos)
      << known;
  EXPECT_EQ(known.find("on average over"), std::string::npos);
  answer.networks_like_this = make_like(false);
  EXPECT_NE(to_text({answer}).find("like no network trained on (nearest resnet50)"), std::string::npos);
}

TEST(AnswerJson, numbers_that_are_not_finite_are_null) {
  study::NetworkAnswer answer = make_answer();
  answer.total.energy_uj = kNaN;
  answer.total.area_mm2 = std::numeric_limits<double>::infinity();
  const Parsed total = Parsed::parse(to_json({answer})).at("total");
  EXPECT_TRUE(total.at("energy_uj").is_null());
  EXPECT_TRUE(total.at("area_mm2").is_null());
}

TEST(AnswerJson, any_name_can_be_read_back) {
  study::NetworkAnswer answer = make_answer();
  answer.network = kHostile;
  answer.subgraphs[0].name = kNotUtf8;
  const Parsed json = Parsed::parse(to_json({answer}));
  EXPECT_EQ(json.at("network"), kHostile);
  EXPECT_EQ(json.at("subgraphs")[0].at("name"), "bad\xEF\xBF\xBD\xEF\xBF\xBDname") << "U+FFFD for each bad byte";
}

TEST(AnswerCsv, has_one_row_per_subgraph_of_every_answer) {
  study::NetworkAnswer answer = make_answer();
  answer.subgraphs[1].name = kHostile;
  const CsvLines lines = read_csv_text(to_csv({answer, make_answer()}));
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[1].at("subgraph"), kHostileShown);
  EXPECT_EQ(lines[1].at("latency_cycles"), "200");
  EXPECT_EQ(lines[3].at("subgraph"), "two");
}

TEST(AnswerCsv, says_what_lies_outside_the_training_data) {
  const CsvLines lines = read_csv_text(to_csv({make_estimate()}));
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].at("source"), "estimated");
  EXPECT_EQ(lines[0].at("in_range"), "0");
  EXPECT_EQ(lines[0].at("out_of_range"), "in_channels 4096 > 2048; batch 2 > 1");
}

TEST(AnswerText, names_units_and_says_how_much_subgraphs_overlap) {
  const std::string text = to_text({make_answer()});
  EXPECT_TRUE(has_line(text, "latency", "0.500 ms (250 cycles)"));
  EXPECT_TRUE(has_line(text, "between subgraphs", "-50 cycles"));
  EXPECT_TRUE(has_line(text, "one", "100"));
}

TEST(AnswerText, says_whether_the_family_was_checked_against_rtl) {
  study::RtlCheckSummary check;
  check.family = "nvdla";
  EXPECT_EQ(to_text(check), "engine family nvdla: not checked against RTL");
  check.rows = 602;
  check.mape_percent = 0.1;
  check.worst_percent = 1.9;
  EXPECT_EQ(to_text(check), "engine family nvdla: checked on 602 RTL rows, mean error 0.1 %, worst 1.9 %");
  check.engine_differs = true;
  EXPECT_NE(to_text(check).find("this engine differs"), std::string::npos);
}

}  // namespace
}  // namespace lanewise::report::testing
