// SPDX-License-Identifier: Apache-2.0
// The table of scores of networks that nobody trained, those of the graph alone (nas/scores) and those that look at the
// signal in it as it is initialised, and what computes them for a list of networks.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/progress.hpp"
#include "core/network/file_details.hpp"
#include "core/network/graph.hpp"

namespace lanewise::accuracy {

// What a score feeds the network.
enum class ScoreInput {
  kNothing,  // it reads the graph, or makes its own input
  kRandom,   // standard normal numbers, by its definition
  kImages,   // images where some are given, else standard normal numbers
};

struct ZeroShotScore {
  const char* name;
  const char* meaning;  // one line
  const char* unit;     // "" for plain numbers
  bool higher_is_better;
  ScoreInput input;
  std::int64_t batch;  // images that it is fed unless told otherwise; 0: none
  bool of_list;        // made of ranks within the list: a network's score depends on the others
};

// Every score there is, the default first, each name once.
const std::vector<ZeroShotScore>& zero_shot_scores();
// "default" stands for the default's name. Throws Error that lists the names.
const ZeroShotScore& zero_shot_score(const std::string& name);

struct ScoreSettings {
  std::uint64_t seed = 0;
  int draws = 1;           // of weights and inputs, averaged
  std::int64_t batch = 0;  // images a network is fed; 0: each score's own
  // Images by load_dataset's names and paths, the training ones, as large as the network's input; "": none.
  std::string images;
  std::string fashion_mnist_folder = "/usr/share/datasets/fashion-mnist";
};

struct ScorableNetwork {
  network::Graph graph;
  std::shared_ptr<const network::FileDetails> file;  // of the file that it came from; null: none
};

struct NetworkToScore {
  std::string name;  // its encoding or file
  std::function<ScorableNetwork()> build;
};

struct ScoredNetworks {
  std::vector<std::string> scores;           // as asked for, "default" replaced by the name
  std::vector<std::vector<double>> values;   // [network][score]; may be −∞
  std::vector<std::vector<double>> seconds;  // [network][score]: of CPU. Scores that come of one run share its time
};

// The same bytes whatever the number of threads, the order of the networks and of the scores, and what was scored
// before; but scores made of ranks (of_list) depend on which networks are in the list. Throws Error naming the network
// where a score is not defined for it, and as load_dataset does.
ScoredNetworks score_networks(const std::vector<NetworkToScore>& networks, const std::vector<std::string>& scores,
                              const ScoreSettings& settings, int jobs, const Progress& progress = {});

// AZ-NAS's aggregate: for each network Σ over columns of ln(rank/m), rank 1 the worst of the m networks and m the best;
// equal values share the mean of their ranks. `columns` is [score][network], higher being better.
std::vector<double> aggregate_ranks(const std::vector<std::vector<double>>& columns);

}  // namespace lanewise::accuracy
