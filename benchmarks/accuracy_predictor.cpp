// SPDX-License-Identifier: Apache-2.0
// How well accuracy is predicted from a few measured networks, and how well the next ones are chosen.
//   accuracy_predictor SPACE.yaml TABLE.csv [ENCODING VALUE]     names of the table's columns
// Every draw learns from so many networks, drawn by its seed, and is judged on the others, of which it reads nothing.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <numeric>
#include <string>

#include "accuracy/metrics/correlation.hpp"
#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "nas/predictor/cross_validation.hpp"
#include "nas/predictor/measured_table.hpp"
#include "nas/predictor/next_networks.hpp"
#include "nas/scores/network_score.hpp"
#include "nas/space/space.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;
using Networks = std::vector<nas::MeasuredNetwork>;

constexpr std::uint64_t kDraws = 10;
constexpr std::size_t kMostJudged = 1500;                      // of large tables, drawn anew each time
constexpr std::size_t kFirst = 20, kBatches = 6, kBatch = 10;  // of the choice of next networks

struct Mean {
  std::vector<double> all;
  double mean() const { return std::accumulate(all.begin(), all.end(), 0.0) / static_cast<double>(all.size()); }
  double deviation() const {
    double sum = 0;
    for (const double one : all) sum += (one - mean()) * (one - mean());
    return all.size() > 1 ? std::sqrt(sum / static_cast<double>(all.size() - 1)) : 0;
  }
  Json json() const {
    const auto rounded = [](double x) { return std::round(x * 1e4) / 1e4; };
    return {{"mean", rounded(mean())},
            {"deviation", rounded(deviation())},
            {"least", rounded(*std::min_element(all.begin(), all.end()))}};
  }
};

double macs_of(const nas::MeasuredNetwork& network) { return network.features[0]; }

// The networks of a draw: what is learnt first, what is judged behind it.
Networks drawn(const Networks& networks, std::uint64_t draw) {
  Networks order = networks;
  Random random(1000 + draw);
  random.shuffle(order);
  return order;
}

Json learning_curve(const Networks& networks, const nas::PredictorSettings& settings,
                    const std::vector<std::size_t>& sizes) {
  Json curve = Json::array();
  for (const std::size_t size : sizes) {
    Mean spearman, quartiles, inside, known, error, seconds;
    for (std::uint64_t draw = 0; draw < kDraws; ++draw) {
      const Networks order = drawn(networks, draw);
      const auto split = order.begin() + static_cast<std::ptrdiff_t>(size);
      const auto began = std::chrono::steady_clock::now();
      const auto predictor = nas::AccuracyPredictor::fitted(settings, {order.begin(), split});
      seconds.all.push_back(std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
      std::vector<double> predicted, measured, macs;
      double held = 0, knew = 0, off = 0;
      for (auto one = split; one != order.end() && predicted.size() < kMostJudged; ++one) {
        const nas::Prediction prediction = predictor.predict(one->features, one->scores);
        predicted.push_back(prediction.value);
        measured.push_back(one->value);
        macs.push_back(macs_of(*one));
        held += one->value >= prediction.low && one->value <= prediction.high ? 1 : 0;
        knew += prediction.known ? 1 : 0;
        off += std::abs(prediction.value - one->value);
      }
      const auto count = static_cast<double>(predicted.size());
      spearman.all.push_back(accuracy::spearman(predicted, measured));
      quartiles.all.push_back(accuracy::spearman_inside_quartiles(predicted, measured, macs));
      inside.all.push_back(held / count);
      known.all.push_back(knew / count);
      error.all.push_back(off / count);
    }
    curve.push_back({{"learnt", size},
                     {"judged", std::min(kMostJudged, networks.size() - size)},
                     {"spearman", spearman.json()},
                     {"q", quartiles.json()},
                     {"inside_90_percent_intervals", inside.json()},
                     {"known", known.json()},
                     {"mean_error", error.json()},
                     {"seconds_to_fit", seconds.mean()}});
    std::cerr << fmt::format("learnt {}: spearman {:.3f} ({:.3f}), Q {:.3f}, inside {:.2f}, known {:.2f}\n", size,
                             spearman.mean(), spearman.deviation(), quartiles.mean(), inside.mean(), known.mean());
  }
  return curve;
}

// What MACs and the two sizes rank by themselves, of all networks.
Json references(const Networks& networks, const nas::NetworkSpace& space) {
  std::vector<double> measured, macs;
  for (const nas::MeasuredNetwork& network : networks) {
    measured.push_back(network.value);
    macs.push_back(macs_of(network));
  }
  Json all = Json::array();
  for (const nas::NetworkScore& score : nas::network_scores()) {
    std::vector<double> values;
    for (const nas::MeasuredNetwork& network : networks) {
      values.push_back((score.higher_is_better ? 1 : -1) * score.of(space.build(space.decode(network.encoding), {})));
    }
    all.push_back({{"score", score.name},
                   {"spearman", accuracy::spearman(values, measured)},
                   {"q", accuracy::spearman_inside_quartiles(values, measured, macs)}});
  }
  return all;
}

Json cross_validation(const Networks& networks, const nas::PredictorSettings& settings) {
  const std::vector<nas::Prediction> predictions = nas::cross_validated(settings, networks, 10, 1);
  std::vector<double> predicted, measured, macs;
  double held = 0;
  for (std::size_t i = 0; i < networks.size(); ++i) {
    predicted.push_back(predictions[i].value);
    measured.push_back(networks[i].value);
    macs.push_back(macs_of(networks[i]));
    held += networks[i].value >= predictions[i].low && networks[i].value <= predictions[i].high ? 1 : 0;
  }
  return {{"folds", 10},
          {"networks", networks.size()},
          {"spearman", accuracy::spearman(predicted, measured)},
          {"q", accuracy::spearman_inside_quartiles(predicted, measured, macs)},
          {"inside_90_percent_intervals", held / static_cast<double>(networks.size())}};
}

// Area under the stairs of best value over ln MACs, of a set of networks, as a share of that of all.
double front_share(const Networks& some, const Networks& all) {
  double floor = all[0].value, end = macs_of(all[0]), begin = end;
  for (const auto& network : all) {
    floor = std::min(floor, network.value);
    end = std::max(end, macs_of(network));
    begin = std::min(begin, macs_of(network));
  }
  const auto area = [&](Networks networks) {
    std::sort(networks.begin(), networks.end(), [](const auto& a, const auto& b) { return macs_of(a) < macs_of(b); });
    double sum = 0, best = floor, at = begin;
    for (const auto& network : networks) {
      sum += (macs_of(network) - at) * (best - floor);
      at = macs_of(network);
      best = std::max(best, network.value);
    }
    return sum + (end - at) * (best - floor);
  };
  return area(some) / area(all);
}

// Networks measured one batch after the other, chosen for the goal or at random, from kFirst drawn ones on.
Json choices(const Networks& networks, const nas::PredictorSettings& settings) {
  double best_of_all = -1e300;
  for (const auto& network : networks) best_of_all = std::max(best_of_all, network.value);
  const std::size_t batches = std::min(kBatches, (networks.size() / 2 - kFirst) / kBatch);
  Json all = Json::array();
  for (const std::string& goal :
       {std::string("random"), std::string("best"), std::string("front"), std::string("learning")}) {
    std::vector<Mean> regret(batches + 1), front(batches + 1), ranks(batches + 1);
    for (std::uint64_t draw = 0; draw < kDraws; ++draw) {
      Networks order = drawn(networks, draw);
      if (order.size() > 1000) order.resize(1000);
      const auto split = order.begin() + static_cast<std::ptrdiff_t>(kFirst);
      Networks learnt(order.begin(), split), rest(split, order.end());
      for (std::size_t step = 0;; ++step) {
        const auto predictor = nas::AccuracyPredictor::fitted(settings, learnt);
        double best = -1e300;
        for (const auto& network : learnt) best = std::max(best, network.value);
        double reachable = best;
        for (const auto& network : rest) reachable = std::max(reachable, network.value);
        regret[step].all.push_back(reachable - best);
        Networks both = learnt;
        both.insert(both.end(), rest.begin(), rest.end());
        front[step].all.push_back(front_share(learnt, both));
        std::vector<double> predicted, measured;
        for (const auto& network : rest) {
          predicted.push_back(predictor.predict(network.features, network.scores).value);
          measured.push_back(network.value);
        }
        ranks[step].all.push_back(accuracy::spearman(predicted, measured));
        if (step == batches) break;
        std::vector<std::size_t> chosen;
        if (goal == "random") {
          for (std::size_t i = 0; i < kBatch; ++i) chosen.push_back(i);  // they are in the order of the draw
        } else {
          std::vector<nas::NextCandidate> candidates;
          for (const auto& network : rest) candidates.push_back({network.encoding, network.features, network.scores});
          for (const auto& choice : nas::next_networks(predictor, candidates, nas::next_goal(goal), kBatch)) {
            chosen.push_back(choice.candidate);
          }
        }
        std::sort(chosen.rbegin(), chosen.rend());
        for (const std::size_t i : chosen) {
          learnt.push_back(rest[i]);
          rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
        }
      }
    }
    Json steps = Json::array();
    for (std::size_t step = 0; step <= batches; ++step) {
      steps.push_back({{"measured", kFirst + step * kBatch},
                       {"best_is_below_the_best_of_all_by", regret[step].json()},
                       {"share_of_the_front", front[step].json()},
                       {"spearman_on_the_rest", ranks[step].json()}});
    }
    std::cerr << fmt::format("{}: regret {:.5f} -> {:.5f}, front {:.3f} -> {:.3f}, rest {:.3f} -> {:.3f}\n", goal,
                             regret[0].mean(), regret[batches].mean(), front[0].mean(), front[batches].mean(),
                             ranks[0].mean(), ranks[batches].mean());
    all.push_back({{"chosen_for", goal}, {"steps", steps}});
  }
  return all;
}

Json judge(const std::vector<std::string>& words) {
  const nas::SpaceDescription description = nas::load_space(words[0]);
  const auto space = nas::make_network_space(description, nullptr);
  const std::string key = words.size() > 2 ? words[2] : "encoding",
                    value = words.size() > 3 ? words[3] : "test_accuracy";
  const nas::MeasuredTable table = nas::read_measured(words[1], key, value, *space);
  nas::PredictorSettings settings;
  settings.value = value;
  settings.space = description.name;
  std::vector<std::size_t> sizes;
  for (const std::size_t size : {20, 40, 80, 160, 320}) {
    if (size + 20 <= table.networks.size()) sizes.push_back(size);
  }
  Json result = {{"space", description.name},
                 {"networks", table.networks.size()},
                 {"measurements", table.rows},
                 {"draws", kDraws}};
  result["learning_curve"] = learning_curve(table.networks, settings, sizes);
  if (table.networks.size() <= 1000) result["cross_validation"] = cross_validation(table.networks, settings);
  result["choice_of_next_networks"] = choices(table.networks, settings);
  result["without_measurements"] = references(table.networks, *space);
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() != 2 && words.size() != 4) {
      throw Error("usage: accuracy_predictor SPACE.yaml TABLE.csv [ENCODING VALUE]");
    }
    std::cout << judge(words).dump(2) << '\n';
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "lanewise: error: " << error.what() << '\n';
    return 1;
  }
}
