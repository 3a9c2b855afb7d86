// SPDX-License-Identifier: Apache-2.0
#include "estimator/adaptation.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>

#include "core/record/file.hpp"
#include "estimator/estimator.hpp"
#include "tests/estimator/toy_world.hpp"

namespace fs = std::filesystem;
using namespace lanewise;
using namespace lanewise::estimator;

namespace {

class AdaptationTest : public ::testing::Test {
 protected:
  void SetUp() override {
    model_.set_reports({});
    adaptation_.engine = described_.name;
    adaptation_.described = identity_values(described_, {"dram.latency"});
    adaptation_.row_keys = {"dram.latency"};
    adaptation_.effective = {{"dram.bandwidth", "1.6 GB/s"}};
    adaptation_.correction = {{"constant", 0.1, 0, 1, 1, 1}, {"load_share", 0.02, 0.5, 0.25, 0.2, 0.9}};
    adaptation_.rows_file = "rows.csv";
    adaptation_.rows_hash = "0123456789abcdef";
    adaptation_.rows = 30;
    adaptation_.before_mape_percent = 12.5;
    adaptation_.after_mape_percent = 1.25;
  }
  Prediction asked(const Estimator& model, const engine::EngineConfig& engine) const {
    return model.predict({{&subgraph_, &engine}}).front();
  }

  toy::World world_ = toy::make_world(6, 30, 5);
  engine::EngineConfig described_ = world_.engines.front();
  mapping::Subgraph subgraph_ = toy::make_convolution(64, 96, 28, 3);
  Estimator model_ = Estimator::train(world_.samples, toy::quick_options());
  Adaptation adaptation_;
};

TEST_F(AdaptationTest, the_adapted_engine_has_the_latency_of_its_effective_values) {
  const engine::EngineConfig effective = effective_engine(adaptation_, described_);
  EXPECT_DOUBLE_EQ(effective.dram.bandwidth.count(), 1.6e9);
  const Prediction plain = asked(model_, described_), slower = asked(model_, effective);
  model_.set_adaptation(adaptation_);
  const Prediction adapted = asked(model_, described_);
  const double factor = correction_factor(adaptation_.correction, subgraph_, effective);
  EXPECT_NEAR(factor, std::exp(0.1), 0.1);
  EXPECT_EQ(adapted.latency, corrected_latency(slower.latency, described_.command.per_pass, factor));
  // Everything else is the description's, but for what is drawn at rest over the other latency.
  EXPECT_EQ(adapted.dram, plain.dram);
  EXPECT_EQ(adapted.peak_sram, plain.peak_sram);
  const double seconds = static_cast<double>((adapted.latency - plain.latency).count()) / 1e9;
  EXPECT_NEAR((adapted.energy - plain.energy).count(), described_.static_power().count() * seconds * 1e9, 1e-3);
}

TEST_F(AdaptationTest, other_engines_are_answered_for_as_before) {
  engine::EngineConfig other = described_;
  other.array.parallelism_factor *= 2;
  const Prediction plain = asked(model_, other), plain_here = asked(model_, described_);
  model_.set_adaptation(adaptation_);
  EXPECT_NE(adaptation_difference(adaptation_, other).find("engine.parallelism_factor is "), std::string::npos);
  EXPECT_EQ(asked(model_, other).latency, plain.latency);
  EXPECT_NE(asked(model_, described_).latency, plain_here.latency);
  // Together in one batch too, in their order.
  const auto both = model_.predict({{&subgraph_, &other}, {&subgraph_, &described_}, {&subgraph_, &other}});
  EXPECT_EQ(both[0].latency, plain.latency);
  EXPECT_EQ(both[1].latency, asked(model_, described_).latency);
  EXPECT_EQ(both[2].latency, plain.latency);
}

TEST_F(AdaptationTest, what_rows_set_and_what_changes_no_cycle_may_be_anything) {
  engine::EngineConfig same = described_;
  same.name = "another";
  same.dram.latency = Seconds(300e-9);
  same.energy.dram = PicojoulesPerByte(55);
  EXPECT_EQ(adaptation_difference(adaptation_, same), "");
  same.dram.bandwidth = BytesPerSecond(2e9);
  EXPECT_NE(adaptation_difference(adaptation_, same).find("dram.bandwidth is 2 GB/s, not "), std::string::npos);
}

TEST_F(AdaptationTest, the_model_file_keeps_it) {
  const std::string path = (fs::path(::testing::TempDir()) / ("adapted_" + std::to_string(::getpid()))).string();
  model_.save(path);
  const std::string plain = record::read_file(path);
  EXPECT_EQ(plain.find("\"adaptation\""), std::string::npos);
  EXPECT_EQ(Estimator::load(path).adaptation(), nullptr);
  model_.set_adaptation(adaptation_);
  model_.save(path);
  const Estimator loaded = Estimator::load(path);
  ASSERT_NE(loaded.adaptation(), nullptr);
  EXPECT_EQ(loaded.adaptation()->effective, adaptation_.effective);
  EXPECT_EQ(loaded.adaptation()->described, adaptation_.described);
  EXPECT_EQ(loaded.adaptation()->rows, 30);
  EXPECT_EQ(asked(loaded, described_).latency, asked(model_, described_).latency);
  loaded.save(path + "2");
  EXPECT_EQ(record::read_file(path + "2"), record::read_file(path));
  // Taken away again, the file is what it was.
  model_.set_adaptation(std::nullopt);
  model_.save(path);
  EXPECT_EQ(record::read_file(path), plain);
  fs::remove(path);
  fs::remove(path + "2");
}

TEST_F(AdaptationTest, latencies_alone_are_those_of_whole_predictions) {
  std::vector<Estimator::Query> queries;
  for (const Sample& sample : world_.samples) queries.push_back({&sample.subgraph, sample.engine});
  const std::vector<Prediction> whole = model_.predict_described(queries);
  const std::vector<Cycles> latencies = model_.predict_latencies(queries);
  for (std::size_t i = 0; i < queries.size(); ++i) EXPECT_EQ(latencies[i], whole[i].latency);
}

TEST_F(AdaptationTest, a_correction_does_not_grow_beyond_the_rows_it_comes_from) {
  const std::vector<CorrectionTerm> terms = {{"log_reference_cycles", 0.5, 10, 1, 9, 11}};
  const double small = correction_factor(terms, toy::make_convolution(3, 8, 7, 1), described_);
  const double large = correction_factor(terms, toy::make_convolution(320, 320, 56, 3), described_);
  EXPECT_GE(small, std::exp(-0.5) - 1e-9);
  EXPECT_LE(large, std::exp(0.5) + 1e-9);
}

}  // namespace
