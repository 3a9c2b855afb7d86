// SPDX-License-Identifier: Apache-2.0
#include "study/advice/key_advice.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "core/base/error.hpp"
#include "core/engine/followers.hpp"
#include "nas/space/engine_space.hpp"
#include "study/evaluation/sensitivity.hpp"

namespace lanewise::study {
namespace {

constexpr const char* kEngine = "engine";
constexpr double kNextToNothing = 0.001;  // of the latency

using Keys = std::vector<std::pair<std::string, std::string>>;  // with their values, sorted

Keys sorted(const std::vector<ChangedKey>& changed) {
  Keys keys;
  for (const ChangedKey& key : changed) keys.emplace_back(key.key, key.after);
  std::sort(keys.begin(), keys.end());
  return keys;
}

class KeyAdviser {
 public:
  KeyAdviser(const KeyQuestion& question, const Progress& progress, Advice& advice)
      : question_(question), progress_(progress), advice_(advice) {
    if (question.estimator != nullptr) predictor_ = make_estimated(*question.estimator);
  }

  void run() {
    std::vector<EngineGain> all = neighbours();
    add_ranges(all);
    advice_.keys_tried = static_cast<std::int64_t>(all.size());
    std::stable_sort(all.begin(), all.end(), [](const EngineGain& a, const EngineGain& b) { return better(a, b); });
    std::vector<EngineGain> pay;
    for (EngineGain& gain : all) {
      if (gain.latency_saved_ms > 0) {
        pay.push_back(std::move(gain));
      } else if (gain.area_added_mm2 < 0 &&
                 -gain.latency_saved_ms <= kNextToNothing * advice_.start_predicted.latency_ms) {
        advice_.spare.push_back(std::move(gain));
      } else {
        ++advice_.keys_do_not_pay;
      }
    }
    std::stable_sort(advice_.spare.begin(), advice_.spare.end(),
                     [](const EngineGain& a, const EngineGain& b) { return a.area_added_mm2 < b.area_added_mm2; });
    confirm(pay);
    confirm(advice_.spare);
    const double dear = kNextToNothing * advice_.start_simulated.latency_ms;
    drop_if(advice_.spare, [&](const EngineGain& gain) { return gain.saved_ms() < -dear; });
    drop_if(pay, [&](const EngineGain& gain) { return gain.saved_ms() <= 0; });
    std::stable_sort(pay.begin(), pay.end(), [](const EngineGain& a, const EngineGain& b) { return better(a, b); });
    advice_.keys = std::move(pay);
  }

 private:
  const KeyQuestion& question_;
  const Progress& progress_;
  Advice& advice_;
  std::unique_ptr<MeasurementSource> predictor_;
  std::set<Keys> known_;

  template <class Fits>
  void drop_if(std::vector<EngineGain>& gains, const Fits& fits) {
    const auto end = std::remove_if(gains.begin(), gains.end(), fits);
    advice_.keys_do_not_pay += gains.end() - end;
    gains.erase(end, gains.end());
  }

  MeasurementSource& predictor() { return predictor_ ? *predictor_ : question_.simulator; }

  // Keys that a person has decided or vetoed.
  bool is_closed(const std::vector<ChangedKey>& keys) const {
    return std::any_of(keys.begin(), keys.end(), [&](const ChangedKey& key) {
      const bool taken =
          std::any_of(question_.decided.moves.begin(), question_.decided.moves.end(),
                      [&](const nas::PlacedMove& move) { return move.move == kEngine && move.place == key.key; });
      return taken || question_.decided.is_vetoed(kEngine, key.key, key.after);
    });
  }

  // False where it was tried before, or a person has closed it.
  bool is_new(const EngineGain& gain) {
    if (!known_.insert(sorted(gain.keys)).second) return false;
    if (!is_closed(gain.keys)) return true;
    ++advice_.keys_vetoed;
    return false;
  }

  std::vector<EngineGain> neighbours() {
    const std::vector<KeyGroup> groups =
        key_groups(engine::load_follow_rules(question_.job.engine_path, question_.engine.family));
    const Sensitivity table = sensitivity(*question_.start.graph, question_.engine, groups, predictor(), progress_);
    advice_.keys_left_out = table.refused;
    for (const Untried& left : table.left_out) advice_.keys_left_out.push_back(left);
    std::vector<EngineGain> all;
    for (const auto* rows : {&table.changes, &table.groups, &table.alternatives, &table.reductions}) {
      for (const SensitivityRow& row : *rows) {
        EngineGain gain;
        gain.keys = row.keys;
        // A key that is a group by itself, as the clock is, goes by its own name.
        gain.group = row.keys.size() > 1 ? row.group : "";
        if (!row.failure.empty()) {
          if (row.keys.size() == 1) advice_.keys_left_out.push_back({row.keys[0].key, row.keys[0].after, row.failure});
          continue;
        }
        if (!is_new(gain)) continue;
        gain.predicted = {row.after.latency_cycles, row.after.latency_ms,         row.after.energy_uj,
                          row.after.area_mm2,       advice_.start_predicted.macs, advice_.start_predicted.parameters};
        gain.latency_saved_ms = table.before.latency_ms - row.after.latency_ms;
        gain.area_added_mm2 = row.after.area_mm2 - table.before.area_mm2;
        all.push_back(std::move(gain));
      }
    }
    return all;
  }

  // Of the values of each range those next to the engine's own, below and above.
  void add_ranges(std::vector<EngineGain>& all) {
    nas::EngineSettings settings;
    settings.vary = nas::EngineSettings::Vary::kFamily;
    const nas::EngineSpace space(settings, question_.engine, question_.job.family.ranges, {});
    std::vector<EngineGain> gains;
    std::vector<WholeDesign> designs;
    for (std::size_t g = 0; g < space.genes().size(); ++g) {
      const std::string& key = space.genes()[g].name;
      for (const int value : neighbours_of(space, g)) {
        EngineGain gain;
        gain.keys = {{key, space.genes()[g].values[0], space.genes()[g].values[static_cast<std::size_t>(value)]}};
        if (!is_new(gain)) continue;
        nas::Genotype genotype(space.genes().size(), 0);
        genotype[g] = value;
        designs.push_back(whole_design(question_.start.graph, space.engine(genotype)));
        gains.push_back(std::move(gain));
      }
    }
    std::vector<const WholeDesign*> asked;
    for (const WholeDesign& design : designs) asked.push_back(&design);
    const std::vector<Answered> answers = question_.judge.predicted(asked);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (!answers[i].failure.empty()) {
        advice_.keys_left_out.push_back({gains[i].keys[0].key, gains[i].keys[0].after, answers[i].failure});
        continue;
      }
      gains[i].predicted = cost_of(answers[i].answer);
      gains[i].latency_saved_ms = advice_.start_predicted.latency_ms - gains[i].predicted.latency_ms;
      gains[i].area_added_mm2 = gains[i].predicted.area_mm2 - advice_.start_predicted.area_mm2;
      all.push_back(std::move(gains[i]));
    }
  }

  static std::vector<int> neighbours_of(const nas::EngineSpace& space, std::size_t gene) {
    const auto number = [&](int value) {
      nas::Genotype genotype(space.genes().size(), 0);
      genotype[gene] = value;
      return engine::numeric_value(space.engine(genotype), space.genes()[gene].name);
    };
    const double own = number(0);
    int below = -1, above = -1;
    for (int value = 1; value < static_cast<int>(space.genes()[gene].values.size()); ++value) {
      const double other = number(value);
      if (other < own && (below < 0 || other > number(below))) below = value;
      if (other > own && (above < 0 || other < number(above))) above = value;
    }
    std::vector<int> out;
    if (below >= 0) out.push_back(below);
    if (above >= 0) out.push_back(above);
    return out;
  }

  void confirm(std::vector<EngineGain>& gains) {
    const std::size_t count = std::min(gains.size(), question_.job.top);
    for (std::size_t i = 0; i < count; ++i) {
      progress_("confirming the best keys", static_cast<std::int64_t>(i), static_cast<std::int64_t>(count));
      std::vector<engine::Override> changes;
      for (const ChangedKey& key : gains[i].keys) changes.push_back({key.key, key.after});
      const WholeDesign design = whole_design(question_.start.graph, engine::with_overrides(question_.engine, changes));
      const Answered answered = std::move(question_.judge.simulated({&design}, {}).front());
      if (!answered.failure.empty()) continue;
      gains[i].simulated = cost_of(answered.answer);
      gains[i].simulated_saved_ms = advice_.start_simulated.latency_ms - gains[i].simulated->latency_ms;
    }
  }
};

}  // namespace

void advise_keys(const KeyQuestion& question, const Progress& progress, Advice& advice) {
  KeyAdviser(question, progress, advice).run();
}

}  // namespace lanewise::study
