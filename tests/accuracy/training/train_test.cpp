// SPDX-License-Identifier: Apache-2.0
// The training of one network: it learns, the same bytes come of the same job, and what is kept is what was said.
#include "accuracy/training/train.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "accuracy/training/training_record.hpp"
#include "tests/accuracy/training/tiny.hpp"
#include "tests/cli/command.hpp"

namespace lanewise::accuracy::testing {
namespace {

using cli::testing::ScratchFolder;
using cli::testing::text_of;

TrainingData tiny_data(std::int64_t validation = 60) {
  TrainingData data;
  data.name = "tiny";
  data.images.train = tiny_images(240, 1);
  data.images.validation = subset(tiny_images(60, 2), {});
  if (validation > 0) data.images.validation = tiny_images(validation, 2);
  data.images.test = tiny_images(90, 3);
  data.images.normalisation = measure_normalisation(data.images.train);
  data.identity = data_identity(data.images);
  return data;
}

Recipe tiny_recipe() {
  Recipe recipe;
  recipe.epochs = 4;
  recipe.batch = 32;
  recipe.learning_rate = 0.1;
  recipe.augment = {"pad-crop=1", "flip=0.5"};
  return recipe;
}

TrainingJob job_of(const network::Graph& graph, const Recipe& recipe, const std::string& folder = "") {
  TrainingJob job;
  job.name = "tiny";
  job.graph = &graph;
  job.recipe = recipe;
  job.seed = 5;
  job.device = Device::kCpu;
  job.folder = folder;
  return job;
}

std::string curve_of(const TrainingResult& result) { return curve_csv(result.curve); }

TEST(Training, it_learns_and_says_what_it_kept_and_why) {
  const network::Graph graph = tiny_network("r-s8-c8");
  const TrainingData data = tiny_data();
  const TrainingResult result = train(job_of(graph, tiny_recipe()), data, {});
  ASSERT_EQ(result.curve.size(), 4u);
  EXPECT_LT(result.curve.back().train_loss, 0.7 * std::log(3.0));
  EXPECT_GT(result.test.front().value, 0.6);
  EXPECT_EQ(result.test.front().name, "accuracy");
  EXPECT_EQ(result.parameters, network::parameters(graph));
  EXPECT_EQ(result.macs, network::macs(graph));
  EXPECT_EQ(result.steps, 4 * (240 / 32));
  // The best of all epochs, of weights as they were and averaged.
  double best = 0;
  for (const EpochRecord& record : result.curve) {
    best = std::max({best, record.validation.front().value, record.validation_average.front().value});
  }
  EXPECT_EQ(result.validation.front().value, best);
  const EpochRecord& kept = result.curve[static_cast<std::size_t>(result.kept_epoch - 1)];
  EXPECT_EQ((result.kept_average ? kept.validation_average : kept.validation).front().value, best);
  EXPECT_NE(result.chosen_by.find("60 images kept apart"), std::string::npos);
  EXPECT_NEAR(result.curve.back().learning_rate, 0, 1e-12);
}

TEST(Training, the_same_job_gives_the_same_numbers_and_another_seed_others) {
  const network::Graph graph = tiny_network("h-s4-c4");
  const TrainingData data = tiny_data();
  TrainingJob job = job_of(graph, tiny_recipe());
  const std::string curve = curve_of(train(job, data, {}));
  EXPECT_EQ(curve_of(train(job, data, {})), curve);
  job.seed = 6;
  EXPECT_NE(curve_of(train(job, data, {})), curve);
}

TEST(Training, a_job_that_was_cut_off_goes_on_to_the_same_bytes) {
  const ScratchFolder scratch;
  const network::Graph graph = tiny_network("r-s4-c4");
  const TrainingData data = tiny_data();
  for (const Recipe::Optimizer kind : {Recipe::Optimizer::kSgd, Recipe::Optimizer::kAdamW}) {
    Recipe recipe = tiny_recipe();
    recipe.optimizer = kind;
    recipe.learning_rate = kind == Recipe::Optimizer::kSgd ? 0.1 : 0.005;
    const std::string name = kind == Recipe::Optimizer::kSgd ? "sgd" : "adamw";
    const std::string whole = scratch.file(name + "-whole"), cut = scratch.file(name + "-cut");
    train(job_of(graph, recipe, whole), data, {});
    int steps = 0;
    Progress progress;
    // Stopped in every epoch once, each time some steps further on.
    progress.stopped = [&] { return ++steps % 23 == 22; };
    bool is_done = false;
    int runs = 0;
    for (; !is_done && runs < 20; ++runs) {
      try {
        train(job_of(graph, recipe, cut), data, progress);
        is_done = true;
      } catch (const Interrupted&) {
      }
    }
    EXPECT_TRUE(is_done);
    EXPECT_GT(runs, 2);
    for (const char* file : {"network.onnx", "last.onnx", "average.onnx", "curve.csv"}) {
      const std::string expected = text_of(whole + "/" + file);
      EXPECT_FALSE(expected.empty()) << file;
      EXPECT_TRUE(text_of(cut + "/" + file) == expected) << name << " " << file;
    }
    EXPECT_FALSE(std::filesystem::exists(cut + "/checkpoint"));
  }
}

TEST(Training, without_validation_the_last_epoch_is_kept) {
  const network::Graph graph = tiny_network("r-s4-c4");
  Recipe recipe = tiny_recipe();
  recipe.moving_average = 0;
  const TrainingResult result = train(job_of(graph, recipe), tiny_data(0), {});
  EXPECT_EQ(result.kept_epoch, 4);
  EXPECT_FALSE(result.kept_average);
  EXPECT_TRUE(result.validation.empty());
  EXPECT_EQ(result.chosen_by, "nothing: the last epoch's weights");
}

TEST(Training, it_stops_early_where_nothing_gets_better) {
  const network::Graph graph = tiny_network("r-s4-c4");
  Recipe recipe = tiny_recipe();
  recipe.epochs = 30;
  recipe.learning_rate = 0;
  recipe.moving_average = 0;
  recipe.patience = 3;
  const TrainingResult result = train(job_of(graph, recipe), tiny_data(), {});
  EXPECT_TRUE(result.stopped_early);
  EXPECT_LT(result.curve.size(), 12u);
  EXPECT_EQ(static_cast<std::int64_t>(result.curve.size()), result.kept_epoch + 3);
}

TEST(Training, another_recipe_network_or_other_images_are_refused_by_name) {
  const ScratchFolder scratch;
  const network::Graph graph = tiny_network("r-s4-c4"), other = tiny_network("r-s4-c8");
  const TrainingData data = tiny_data();
  Recipe recipe = tiny_recipe();
  recipe.epochs = 1;
  const std::string folder = scratch.file("folder");
  train(job_of(graph, recipe, folder), data, {});
  const auto refusal = [&](const network::Graph& network, const Recipe& changed, const TrainingData& images) {
    try {
      train(job_of(network, changed, folder), images, {});
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  Recipe changed = recipe;
  changed.weight_decay = 0.1;
  EXPECT_NE(refusal(graph, changed, data).find("recipe key weight_decay is '0.0005', not '0.1'"), std::string::npos);
  EXPECT_NE(refusal(other, recipe, data).find("its graph is"), std::string::npos);
  EXPECT_NE(refusal(graph, recipe, tiny_data(30)).find("its images is"), std::string::npos);
  EXPECT_EQ(refusal(graph, recipe, data), "");
}

TEST(Training, networks_that_do_not_fit_the_images_and_losses_that_are_no_numbers_are_refused) {
  const network::Graph graph = tiny_network("r-s4-c4");
  TrainingData data = tiny_data();
  Recipe recipe = tiny_recipe();
  data.images.train.classes.push_back("more");
  EXPECT_THROW(train(job_of(graph, recipe), data, {}), Error);
  data = tiny_data();
  recipe.learning_rate = 1000;
  recipe.optimizer = Recipe::Optimizer::kAdamW;
  recipe.weight_decay = 10;
  recipe.warm_up = 0;
  recipe.epochs = 40;
  EXPECT_THROW(train(job_of(graph, recipe), data, {}), Error);
  if (data.images.train.pixels.empty()) FAIL();
  recipe = tiny_recipe();
  recipe.batch = 1000;
  EXPECT_THROW(train(job_of(graph, recipe), data, {}), Error);
}

TEST(Training, the_result_reads_back_as_it_was_written) {
  const network::Graph graph = tiny_network("r-s4-c4");
  Recipe recipe = tiny_recipe();
  recipe.epochs = 2;
  const TrainingResult result = train(job_of(graph, recipe), tiny_data(), {});
  const Checkpoint::Texts identity = {{"network", "tiny"}};
  const std::string text = result_json(result, identity);
  const KeptResult kept = parse_result("there", text);
  EXPECT_EQ(kept.identity, identity);
  EXPECT_EQ(result_json(kept.result, identity), text);
  EXPECT_THROW(parse_result("there", "{}"), Error);
  EXPECT_THROW(parse_result("there", "nonsense"), Error);
}

}  // namespace
}  // namespace lanewise::accuracy::testing
