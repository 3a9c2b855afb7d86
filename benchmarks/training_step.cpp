// SPDX-License-Identifier: Apache-2.0
// CPU seconds of each step of a training on one thread, as lanewise-fit trains, its images made ready included.
//   training_step SPACE ENCODING STEPS    prints a JSON list; the script beside holds it against PyTorch's
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "accuracy/training/train.hpp"
#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "nas/space/space.hpp"

namespace {

using namespace lanewise;

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

accuracy::TrainingData noise(const network::Graph& graph, std::int64_t images) {
  const std::vector<std::int64_t>& shape = graph.tensor(graph.inputs().front()).shape;
  accuracy::TrainingData data;
  accuracy::Dataset& train = data.images.train;
  train.channels = shape[1];
  train.height = shape[2];
  train.width = shape[3];
  for (int i = 0; i < 10; ++i) train.classes.push_back(std::to_string(i));
  Random random(1);
  for (std::int64_t i = 0; i < images; ++i) train.labels.push_back(static_cast<int>(random.below(10)));
  train.pixels.resize(static_cast<std::size_t>(images * train.image_elements()));
  for (std::uint8_t& pixel : train.pixels) pixel = static_cast<std::uint8_t>(random.below(256));
  data.images.validation = data.images.test = subset(train, {});
  data.images.normalisation = measure_normalisation(train);
  return data;
}

std::vector<double> time_steps(const std::string& space, const std::string& encoding, int steps) {
  const nas::SpaceDescription description = nas::load_space(space);
  const auto networks = nas::make_network_space(description, nullptr);
  const network::Graph graph = networks->build(networks->decode(encoding), engine::EngineConfig{});
  accuracy::TrainingJob job;
  job.name = encoding;
  job.graph = &graph;
  job.recipe = accuracy::load_recipe("fm28");
  job.device = accuracy::Device::kCpu;
  const accuracy::TrainingData data = noise(graph, job.recipe.batch * (steps + 1));
  std::vector<double> begins;
  Progress progress;
  progress.stopped = [&] {
    begins.push_back(cpu_seconds());
    return static_cast<int>(begins.size()) > steps;
  };
  try {
    accuracy::train(job, data, progress);
  } catch (const Interrupted&) {
  }
  std::vector<double> seconds;
  for (std::size_t i = 1; i < begins.size(); ++i) seconds.push_back(begins[i] - begins[i - 1]);
  return seconds;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 4) throw Error("training_step SPACE ENCODING STEPS");
    std::printf("%s\n", nlohmann::json(time_steps(argv[1], argv[2], std::stoi(argv[3]))).dump().c_str());
    return 0;
  } catch (const Error& error) {
    std::fprintf(stderr, "lanewise: error: %s\n", error.what());
    return 2;
  }
}
