// SPDX-License-Identifier: Apache-2.0
// Requests of the page of `explore`: lines of a path and a body each, asked one after the other of one session.
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/base/error.hpp"
#include "core/base/input_file.hpp"
#include "core/mapping/partition.hpp"
#include "explore/session.hpp"
#include "sim/simulate.hpp"
#include "study/codesign/job.hpp"
#include "tests/fuzz/answers.hpp"

namespace lanewise::fuzz {
namespace {

using Json = nlohmann::json;

// Of one engine and one network: what is asked is the session, not the regressor.
estimator::Estimator few_trees(const engine::EngineConfig& engine) {
  std::map<std::string, estimator::Sample> samples;
  for (const mapping::Subgraph& subgraph : mapping::partition_with_memory(small_network(), engine).subgraphs) {
    estimator::Sample& sample = samples[mapping::subgraph_key(subgraph)];
    sample.engine = &engine;
    sample.subgraph = subgraph;
    sample.measurement = sim::simulate(subgraph, engine);
  }
  std::vector<estimator::Sample> all;
  for (const auto& [key, sample] : samples) all.push_back(sample);
  estimator::TrainOptions training;
  training.trees = 2;
  training.depth = 2;
  training.folds = 0;
  training.threads = 1;
  return estimator::Estimator::train(all, training);
}

explore::Subject subject() {
  explore::Subject subject;
  subject.networks.push_back({"small", std::make_unique<network::Graph>(small_network()), ""});
  subject.engine_path = source_folder() + "/hwconfigs/ne-256.yaml";
  subject.engine = shipped_engine("ne-256");
  subject.family = engine::load_family(subject.engine_path);
  subject.rules = engine::load_follow_rules(subject.engine_path, subject.engine.family);
  subject.space = study::default_space(subject.family);
  subject.estimator = std::make_unique<estimator::Estimator>(few_trees(subject.engine));
  return subject;
}

}  // namespace

void read_explore(const std::string& path, const std::string& folder) {
  const explore::Subject explored = subject();
  explore::Session session(explored, study::make_simulator(), folder + "/basket");
  std::istringstream lines(read_input(path, kLargestConfiguration, "requests"));
  constexpr int kFewRequests = 20;
  int requests = 0;
  std::string refused;
  for (std::string line; std::getline(lines, line) && requests < kFewRequests; ++requests) {
    const std::size_t blank = line.find(' ');
    std::string where = line.substr(0, blank);
    const std::string body = blank == std::string::npos ? "" : line.substr(blank + 1);
    // What is simulated is bounded by nothing but the engine that was asked for; that has a target of its own.
    if (where == "/api/simulate") where = "/api/estimate";
    const explore::Reply reply =
        body.empty() ? session.get(where, {{"design", "1"}, {"kind", "engine"}}) : session.post(where, body);
    if (reply.status >= 500) throw Nonsense("an internal error: " + reply.body);
    if (!reply.file_name.empty()) continue;
    const Json answer = Json::parse(reply.body, nullptr, false);
    if (!answer.is_object()) throw Nonsense("an answer that is no JSON object");
    if (reply.status != 200) {
      const std::string error = answer.at("error");
      if (error.rfind("lanewise: error: ", 0) != 0 || error.find('\n') != std::string::npos) {
        throw Nonsense("an error that is not one line: " + error);
      }
      if (refused.empty()) refused = error;
      continue;
    }
    if (answer.contains("metrics") && where == "/api/estimate") {
      for (const auto& [name, value] : answer.at("metrics").items()) require_sane(name, value.get<double>());
    }
  }
  if (!refused.empty()) throw Error(refused);
}

}  // namespace lanewise::fuzz
