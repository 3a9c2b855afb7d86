// SPDX-License-Identifier: Apache-2.0
#include "estimator/estimator.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "core/base/error.hpp"
#include "core/record/file.hpp"
#include "tests/estimator/toy_world.hpp"

namespace fs = std::filesystem;
using namespace lanewise;
using namespace lanewise::estimator;

namespace {

std::vector<Estimator::Query> queries_of(const std::vector<Sample>& samples) {
  std::vector<Estimator::Query> queries;
  for (const Sample& sample : samples) queries.push_back({&sample.subgraph, sample.engine});
  return queries;
}

void expect_equal(const Prediction& a, const Prediction& b) {
  EXPECT_EQ(a.latency.count(), b.latency.count());
  EXPECT_EQ(a.energy.count(), b.energy.count());
  EXPECT_EQ(a.dram.count(), b.dram.count());
  EXPECT_EQ(a.peak_sram.count(), b.peak_sram.count());
}

class EstimatorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / ("lanewise_estimator_" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string bytes_of(const Estimator& estimator) {
    estimator.save(path("bytes"));
    return record::read_file(path("bytes"));
  }

  fs::path folder_;
  toy::World world_ = toy::make_world(12, 40, 5);
};

TEST_F(EstimatorTest, the_same_samples_and_seed_give_the_same_bytes) {
  const TrainOptions options = toy::quick_options();
  const std::string first = bytes_of(Estimator::train(world_.samples, options));

  // In another order, with another number of threads, and after the process trained something else.
  toy::World other = toy::make_world(3, 50, 99);
  TrainOptions other_options = options;
  other_options.seed = 77;
  const std::string different = bytes_of(Estimator::train(other.samples, other_options));
  EXPECT_NE(different, first);
  std::vector<Sample> shuffled = world_.samples;
  Random(3).shuffle(shuffled);
  TrainOptions one_thread = options;
  one_thread.threads = 1;
  EXPECT_EQ(bytes_of(Estimator::train(shuffled, one_thread)), first);

  TrainOptions other_seed = options;
  other_seed.seed = 2;
  EXPECT_NE(bytes_of(Estimator::train(world_.samples, other_seed)), first);
}

TEST_F(EstimatorTest, a_saved_model_answers_as_the_trained_one_did) {
  Estimator trained = Estimator::train(world_.samples, toy::quick_options());
  std::map<std::string, SplitReport> reports;
  reports["random"].latency.mape_percent = 1.0 / 3;
  reports["random"].by_family["convolution"].rows = 7;
  reports["random"].outside_ranges.spearman = -0.25;
  trained.set_reports(reports);
  trained.save(path("m"));
  const Estimator loaded = Estimator::load(path("m"));
  EXPECT_EQ(loaded.training_rows(), 12 * 40);
  EXPECT_EQ(loaded.training_engines(), 12);
  EXPECT_EQ(loaded.family(), "toys");
  EXPECT_EQ(loaded.engine_ranges(), trained.engine_ranges());
  EXPECT_EQ(loaded.engine_ranges().at("engine.pipeline_latency_cycles"), std::make_pair(6.0, 6.0));
  EXPECT_EQ(loaded.reports().at("random").latency.mape_percent, 1.0 / 3);
  EXPECT_EQ(loaded.reports().at("random").by_family.at("convolution").rows, 7);
  EXPECT_EQ(loaded.reports().at("random").outside_ranges.spearman, -0.25);

  const toy::World fresh = toy::make_world(5, 30, 123);
  const std::vector<Prediction> a = trained.predict(queries_of(fresh.samples));
  const std::vector<Prediction> b = loaded.predict(queries_of(fresh.samples));
  ASSERT_EQ(a.size(), fresh.samples.size());
  for (std::size_t i = 0; i < a.size(); ++i) expect_equal(a[i], b[i]);
  EXPECT_EQ(bytes_of(loaded), record::read_file(path("m")));
}

TEST_F(EstimatorTest, a_row_is_answered_the_same_whatever_the_batch) {
  const Estimator estimator = Estimator::train(world_.samples, toy::quick_options());
  const toy::World fresh = toy::make_world(10, 40, 123);  // enough rows for threads
  const std::vector<Estimator::Query> queries = queries_of(fresh.samples);
  const std::vector<Prediction> all = estimator.predict(queries);
  for (std::size_t i = 0; i < queries.size(); i += 37) expect_equal(estimator.predict({queries[i]})[0], all[i]);
  EXPECT_TRUE(estimator.predict({}).empty());
}

TEST_F(EstimatorTest, answers_stay_inside_what_is_possible) {
  // Taught that everything takes a tenth of what it must, the regressor still may not say so.
  std::vector<Sample> lies = world_.samples;
  for (Sample& sample : lies) {
    sample.measurement.latency = Cycles(std::max<std::int64_t>(1, sample.measurement.latency.count() / 1000));
    sample.measurement.energy = sample.measurement.energy * 1e-3;
    sample.measurement.dram_read = Bytes(1);
    sample.measurement.dram_write = Bytes(0);
    sample.measurement.peak_sram = Bytes(std::int64_t{1} << 40);
  }
  const Estimator estimator = Estimator::train(lies, toy::quick_options());
  const std::vector<Prediction> answers = estimator.predict(queries_of(world_.samples));
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const Sample& sample = world_.samples[i];
    const mapping::Bounds bounds = mapping::bounds(sample.subgraph, *sample.engine);
    EXPECT_GE(static_cast<double>(answers[i].latency.count()), bounds.roofline_cycles);
    EXPECT_GE(static_cast<double>(answers[i].dram.count()), bounds.dram_bytes);
    EXPECT_GE(answers[i].energy.count(), mapping::energy_bound_picojoules(sample.subgraph, *sample.engine));
    EXPECT_LE(answers[i].peak_sram, sample.engine->onchip_capacity());
  }
}

TEST_F(EstimatorTest, no_dram_traffic_is_predicted_exactly) {
  const Estimator estimator = Estimator::train(world_.samples, toy::quick_options());
  mapping::Subgraph subgraph = toy::make_convolution(32, 32, 14, 1, true);
  subgraph.shape.family = mapping::SubgraphFamily::kElementwise;
  subgraph.shape.bias = false;
  subgraph.context.output_on_chip = true;
  const engine::EngineConfig engine = toy::make_engine(16, 16, 32, 6.4);
  ASSERT_EQ(mapping::bounds(subgraph, engine).dram_bytes, 0);
  EXPECT_EQ(estimator.predict({{&subgraph, &engine}})[0].dram.count(), 0);
}

TEST_F(EstimatorTest, rows_left_out_are_left_out) {
  std::vector<bool> exclude(world_.samples.size());
  std::vector<Sample> kept;
  for (std::size_t i = 0; i < exclude.size(); ++i) {
    exclude[i] = i % 3 == 0;
    if (!exclude[i]) kept.push_back(world_.samples[i]);
  }
  const Estimator without = Estimator::train(world_.samples, toy::quick_options(), exclude);
  EXPECT_EQ(bytes_of(without), bytes_of(Estimator::train(kept, toy::quick_options())));

  std::vector<Sample> marked = world_.samples;
  for (std::size_t i = 0; i < exclude.size(); ++i) marked[i].outside_ranges = exclude[i];
  EXPECT_EQ(bytes_of(Estimator::train(marked, toy::quick_options())), bytes_of(without));
}

TEST_F(EstimatorTest, impossible_training_is_refused) {
  EXPECT_THROW(Estimator::train({}, toy::quick_options()), Error);
  EXPECT_THROW(Estimator::train(world_.samples, toy::quick_options(), std::vector<bool>(world_.samples.size(), true)),
               Error);
  EXPECT_THROW(Estimator::train(world_.samples, toy::quick_options(), std::vector<bool>(1)), InternalError);
  std::vector<Sample> broken = world_.samples;
  broken[5].measurement.latency = Cycles(0);
  EXPECT_THROW(Estimator::train(broken, toy::quick_options()), Error);
  world_.engines.back().family = "others";
  try {
    Estimator::train(world_.samples, toy::quick_options());
    FAIL() << "two families were taken";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("'others' and 'toys'"), std::string::npos) << error.what();
  }
}

class ModelFileTest : public EstimatorTest {
 protected:
  void SetUp() override {
    EstimatorTest::SetUp();
    Estimator::train(world_.samples, toy::quick_options()).save(path("m"));
    good_ = record::read_file(path("m"));
  }
  // What loading `text` says: one line that names the file.
  std::string refusal(const std::string& text) {
    record::write_file(path("broken"), text);
    try {
      Estimator::load(path("broken"));
    } catch (const Error& error) {
      const std::string what = error.what();
      EXPECT_NE(what.find(path("broken")), std::string::npos) << what;
      EXPECT_EQ(what.find('\n'), std::string::npos) << what;
      return what;
    }
    return "";
  }
  // The file with `from` in its header replaced, sizes and checksum made right again.
  std::string edited(const std::string& from, const std::string& to) {
    const std::size_t line = good_.find('\n');
    const std::size_t header_end = good_.find('\n', line + 1);
    std::string header = good_.substr(line + 1, header_end - line);
    const std::string payload = good_.substr(header_end + 1);
    const std::size_t at = header.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    header.replace(at, from.size(), to);
    return "lanewise-estimator 2 " + std::to_string(header.size()) + " " + std::to_string(payload.size()) + " " +
           hex_hash(header + payload) + "\n" + header + payload;
  }

  std::string good_;
};

TEST_F(ModelFileTest, every_truncation_is_refused) {
  for (const std::size_t keep : {std::size_t{0}, std::size_t{5}, std::size_t{19}, std::size_t{25}, good_.find('\n'),
                                 good_.find('\n') + 1, good_.size() / 2, good_.size() - 1}) {
    EXPECT_NE(refusal(good_.substr(0, keep)), "") << keep;
  }
  EXPECT_NE(refusal(good_ + "x"), "");
  EXPECT_EQ(refusal(good_), "");
}

TEST_F(ModelFileTest, damage_anywhere_is_refused) {
  for (std::size_t at = 0; at < good_.size(); at += good_.size() / 40) {
    std::string damaged = good_;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    EXPECT_NE(refusal(damaged), "") << at;
  }
}

TEST_F(ModelFileTest, other_files_and_versions_are_refused_by_name) {
  EXPECT_NE(refusal("{\"learner\": {}}").find("no estimator"), std::string::npos);
  EXPECT_NE(refusal("lanewise-estimator 1" + good_.substr(20)).find("file version 1"), std::string::npos);
  EXPECT_NE(refusal(edited("\"schema_hash\":\"", "\"schema_hash\":\"0")).find("schema hash is not that of"),
            std::string::npos);
  EXPECT_NE(refusal(edited("\"family\"", "\"famine\"")).find("damaged"), std::string::npos);
  EXPECT_NE(refusal(edited("\"part_bytes\":[", "\"part_bytes\":[9")).find("damaged"), std::string::npos);
  EXPECT_EQ(refusal(edited("\"family\"", "\"family\"")), "") << "the edit itself must not be what is refused";
}

TEST_F(ModelFileTest, another_meaning_is_refused_by_what_differs) {
  // A model of other features has another hash, too: both are edited.
  const auto other = [&](const std::string& from, const std::string& to) {
    good_ = edited("\"schema_hash\":\"", "\"schema_hash\":\"0");
    const std::string text = edited(from, to);
    good_ = record::read_file(path("m"));
    return refusal(text);
  };
  EXPECT_NE(other("\"batch\"", "\"bench\"").find("its feature 2 is bench, here batch; train it again"),
            std::string::npos);
  EXPECT_NE(other("\"reference_version\":", "\"reference_version\":9").find("its analytical model is version 9"),
            std::string::npos);
  EXPECT_NE(other("\"unit\":\"cycles\"", "\"unit\":\"us\"").find("targets or their units"), std::string::npos);
}

TEST_F(ModelFileTest, another_version_of_the_tool_is_not_another_meaning) {
  record::write_file(path("older"), edited("\"tool_version\":\"", "\"tool_version\":\"9"));
  const Estimator older = Estimator::load(path("older"));
  EXPECT_EQ(older.card().tool_version.substr(0, 1), "9");
  const Estimator same = Estimator::load(path("m"));
  const Estimator::Query query{&world_.samples[3].subgraph, world_.samples[3].engine};
  EXPECT_EQ(older.predict({query})[0].latency, same.predict({query})[0].latency);
  // It stays the work of the version that trained it.
  older.save(path("again"));
  EXPECT_EQ(Estimator::load(path("again")).card().tool_version, older.card().tool_version);
}

TEST_F(ModelFileTest, missing_and_unwritable_files_are_named) {
  EXPECT_THROW(Estimator::load(path("nothing")), Error);
  EXPECT_THROW(Estimator::load(folder_.string()), Error);
  EXPECT_THROW(Estimator::load(path("m")).save(path("no/folder/m")), Error);
  EXPECT_FALSE(fs::exists(path("no")));
}

TEST_F(ModelFileTest, the_header_says_what_the_model_is) {
  const std::size_t line = good_.find('\n');
  const std::string header = good_.substr(line + 1, good_.find('\n', line + 1) - line);
  for (const char* part : {"\"tool_version\"", "\"schema_hash\"", "\"features\"", "\"family\":\"toys\"",
                           "\"training_rows\":480", "\"training_engines\":12", "\"seed\":1", "\"engine_ranges\"",
                           "{\"name\":\"latency\",\"unit\":\"cycles\"}", "{\"name\":\"energy\",\"unit\":\"pJ\"}"}) {
    EXPECT_NE(header.find(part), std::string::npos) << part;
  }
}

}  // namespace
