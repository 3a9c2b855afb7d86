// SPDX-License-Identifier: Apache-2.0
// The small languages of the command line: each line of the file is OPTION TEXT.
#include <cmath>
#include <fstream>

#include "core/base/error.hpp"
#include "core/engine/followers.hpp"
#include "core/network/precisions.hpp"
#include "nas/metric.hpp"
#include "nas/oracles/successive_halving.hpp"
#include "study/campaign/shard.hpp"
#include "study/evaluation/sweep.hpp"
#include "study/evaluation/sweep_wishes.hpp"
#include "study/training/accuracy_target.hpp"
#include "tests/fuzz/answers.hpp"

namespace lanewise::fuzz {
namespace {

// A limit of any text has a bound that a design can be held against.
void check_limit(const nas::Limit& limit) {
  nas::Metrics metrics;
  metrics[limit.metric] = 1;
  const double violation = limit.violation(metrics, metrics);
  if (!std::isfinite(limit.bound)) throw Nonsense("the bound of a limit is not finite");
  if (!(violation >= 0)) throw Nonsense("a violation is no number");
}

void read_argument(const std::string& option, const std::string& text) {
  if (option == "--set") engine::with_overrides(shipped_engine("ne-256"), {engine::parse_override(text)});
  if (option == "--vary") {
    const study::Axis axis = study::parse_axis(text);
    for (const std::string& value : axis.values) engine::with_overrides(shipped_engine("ne-256"), {{axis.key, value}});
  }
  if (option == "--scale-with") engine::parse_follower(text);
  if (option == "--shard") study::parse_shard(text);
  if (option == "--until") study::parse_accuracy_target(text);
  if (option == "--objectives") nas::parse_objectives(text);
  if (option == "--limit") check_limit(nas::parse_limits({text}).front());
  if (option == "--sort") study::parse_wishes("", {}, text);
  if (option == "--halving") nas::parse_halving(text);
  if (option == "--precision") network::parse_precisions(text);
}

}  // namespace

void read_arguments(const std::string& path, const std::string&) {
  std::ifstream file(path);
  std::string refused;
  for (std::string line; std::getline(file, line);) {
    const std::size_t space = line.find(' ');
    if (space == std::string::npos) continue;
    try {
      read_argument(line.substr(0, space), line.substr(space + 1));
    } catch (const Error& error) {
      refused = error.what();  // the other lines are still worth a look
    }
  }
  if (!refused.empty()) throw Error(refused);
}

}  // namespace lanewise::fuzz
