// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <set>
#include <utility>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/engine/suggestion.hpp"
#include "study/curation/channel_genes.hpp"
#include "study/curation/curated_costs.hpp"
#include "study/curation/curation.hpp"
#include "study/curation/dominance.hpp"
#include "study/curation/reasons.hpp"
#include "study/curation/rising_steps.hpp"
#include "study/curation/start.hpp"
#include "study/curation/trades.hpp"
#include "study/curation/value_series.hpp"

namespace lanewise::study {
namespace {

// In so many of the contexts a value must be favourable to be kept, where it is not in the first.
constexpr double kShare = 0.25;
// After so many passes without a fixed point all that any of the last two keeps is kept.
constexpr int kMostPasses = 4;
// Trades are looked for from so many starts.
constexpr std::size_t kStarts = 10;
// So many settings of the other genes are tried to find contexts in which a gene matters.
constexpr std::size_t kMostDraws = 64;

class Curator {
 public:
  Curator(const nas::Space& space, MeasurementSource& source, const CurationOptions& options, const Progress& progress)
      : space_(space), costs_(space, source), options_(options), progress_(progress) {}

  Curation run() {
    find_genes();
    require_default();
    draw();
    for (std::vector<bool> last; counts_.passes < kMostPasses;) {
      ++counts_.passes;
      judge();
      if (counts_.passes == 1) trade();
      const std::vector<bool> now = flat();
      if (now == last) break;
      if (counts_.passes == kMostPasses) join(last);
      last = now;
    }
    begin_at_best();
    return result();
  }

 private:
  struct Judged {
    std::size_t gene = 0;
    std::vector<std::size_t> order;    // by preference: the default first
    std::vector<std::size_t> by_size;  // empty where all values are asked for
    bool numeric = false;
    std::vector<bool> kept;
    int default_value = 0;
    bool of_channels = false;            // whether it changes channels and nothing else
    std::vector<double> regrets;         // by value: 0 of those that are not traded away
    std::set<std::size_t> out_of_reach;  // of these, those that no near-best design has
    int favourite = 0;                   // in the best working point
    GeneVerdict verdict;
    std::vector<ValueSeries> series;  // of the last pass, by context
  };

  const nas::Gene& gene(std::size_t i) const { return space_.genes()[i]; }

  void find_genes() {
    std::vector<std::string> names;
    for (const nas::Gene& g : space_.genes()) names.push_back(g.name);
    for (const std::string& name : options_.keep) {
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      throw Error(fmt::format("--keep '{}': is no gene of the space{}", name, engine::suggestion(name, names)));
    }
    left_.resize(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
      const bool asked_for = std::find(options_.keep.begin(), options_.keep.end(), names[i]) != options_.keep.end();
      if (i >= space_.network_genes()) {
        left_[i] = "a gene of the engine: values of the network are judged on the engine as it is";
      } else if (asked_for) {
        left_[i] = "left as it is by --keep";
      } else if (gene(i).values.size() < 2) {
        left_[i] = "has one value";
      } else {
        add(i);
      }
    }
  }

  void add(std::size_t i) {
    Judged judged;
    judged.gene = i;
    judged.order.resize(gene(i).values.size());
    std::iota(judged.order.begin(), judged.order.end(), std::size_t{0});
    judged.by_size = numeric_order(gene(i));
    judged.numeric = !judged.by_size.empty();
    if (judged.order.size() <= kFewValues) judged.by_size.clear();
    judged.kept.assign(judged.order.size(), true);
    judged.verdict.dominator.assign(judged.order.size(), -1);
    judged_.push_back(std::move(judged));
  }

  void require_default() {
    const PricedNetwork* const first = costs_.price({space_.defaults()}, progress_).front();
    if (!first->failure.empty()) throw Error("the default network of the space: " + first->failure);
  }

  // Where each gene lies in each context, from 0 to 1 of what is kept of it, so that contexts move with what is kept.
  void draw() {
    for (std::size_t c = 0; c < kMostDraws; ++c) {
      Random random(options_.seed * 0x9e3779b97f4a7c15ULL + c);
      draws_.emplace_back();
      for (std::size_t i = 0; i < space_.genes().size(); ++i) draws_.back().push_back(random.unit());
    }
  }

  nas::Genotype drawn(std::size_t c) const {
    nas::Genotype genotype = space_.defaults();
    for (std::size_t i = 0; i < space_.network_genes(); ++i) {
      const auto of = std::find_if(judged_.begin(), judged_.end(), [&](const Judged& j) { return j.gene == i; });
      std::vector<int> values;
      for (std::size_t v = 0; v < gene(i).values.size(); ++v) {
        if (of == judged_.end() || of->kept[v]) values.push_back(static_cast<int>(v));
      }
      genotype[i] = values[static_cast<std::size_t>(draws_[c][i] * static_cast<double>(values.size()))];
    }
    return genotype;
  }

  nas::Genotype kept_defaults() const {
    nas::Genotype genotype = space_.defaults();
    for (const Judged& judged : judged_) genotype[judged.gene] = judged.default_value;
    return genotype;
  }

  // Whether the gene matters in the context: some value of it makes another network.
  bool matters(std::size_t g, const nas::Genotype& context) const {
    nas::Genotype other = context;
    other[g] = 1;
    return space_.canonical(other)[g] != 0;
  }

  // The raw default first, then the default that is left, then settings drawn at random of what is kept.
  std::vector<nas::Genotype> contexts_of(const Judged& judged, const std::vector<nas::Genotype>& pool) const {
    std::vector<nas::Genotype> out;
    for (const nas::Genotype& context : pool) {
      if (out.size() >= static_cast<std::size_t>(options_.contexts)) break;
      if (!matters(judged.gene, context)) continue;
      nas::Genotype bare = context;
      bare[judged.gene] = 0;
      if (std::find(out.begin(), out.end(), bare) == out.end()) out.push_back(bare);
    }
    return out;
  }

  void judge() {
    std::vector<nas::Genotype> pool = {space_.defaults(), kept_defaults()};
    for (std::size_t c = 0; c < draws_.size(); ++c) pool.push_back(drawn(c));
    for (Judged& judged : judged_) {
      judged.series.clear();
      for (nas::Genotype& context : contexts_of(judged, pool)) {
        judged.series.emplace_back(judged.gene, std::move(context), judged.order.size(), judged.by_size);
      }
    }
    ask();
    for (Judged& judged : judged_) {
      if (judged.series.empty()) continue;
      std::vector<ValueSizes> contexts;
      for (const ValueSeries& series : judged.series) contexts.push_back(series.sizes());
      judged.verdict = verdict(contexts, judged.numeric ? options_.price : 0,
                               judged.numeric ? kShare : 1.0 / static_cast<double>(contexts.size()), judged.order);
      judged.kept = judged.verdict.kept;
      settle(judged);
    }
  }

  bool keeps_default(const Judged& judged) const {
    const auto& names = options_.keep_default;
    return std::find(names.begin(), names.end(), gene(judged.gene).name) != names.end();
  }

  // Steps are looked at around the best design that was met, and leave it what it has.
  void begin_at_best() {
    if (points_.empty()) return;
    for (Judged& judged : judged_) {
      if (keeps_default(judged) || !judged.kept[static_cast<std::size_t>(judged.favourite)]) continue;
      judged.default_value = judged.favourite;
    }
  }

  // Takes away what is traded, and finds the default.
  void settle(Judged& judged) const {
    for (std::size_t v = 0; v < judged.regrets.size(); ++v) {
      if (judged.regrets[v] > 0) judged.kept[v] = false;
    }
    if (keeps_default(judged)) judged.kept[0] = true;
    if (std::find(judged.kept.begin(), judged.kept.end(), true) == judged.kept.end()) {
      judged.kept[static_cast<std::size_t>(judged.favourite)] = true;
    }
    judged.default_value = 0;
    if (judged.kept[0]) return;
    const int by = judged.verdict.dominator[0];
    const auto is_kept = [&](int value) { return value >= 0 && judged.kept[static_cast<std::size_t>(value)]; };
    judged.default_value = is_kept(by) && judged.regrets.empty() ? by
                           : is_kept(judged.favourite)           ? judged.favourite
                                                                 : by;
    if (is_kept(judged.default_value)) return;
    judged.default_value =
        static_cast<int>(std::find(judged.kept.begin(), judged.kept.end(), true) - judged.kept.begin());
  }

  bool changes_channels(const Judged& judged) const {
    return judged.numeric && !judged.series.empty() &&
           study::changes_channels(space_, costs_.engine(), judged.series.front(), judged.order.size());
  }

  // Finds near-best designs, and takes values away that none of them would have.
  void trade() {
    const LocalSize base = whole_size(*costs_.price({space_.defaults()}, progress_).front());
    const auto least = [](double share, std::int64_t of) {
      return static_cast<std::int64_t>(std::ceil(share * static_cast<double>(of)));
    };
    macs_ = least(options_.least_macs, base.macs);
    parameters_ = least(options_.least_parameters, base.parameters);
    if ((macs_ == 0 && parameters_ == 0) || std::isinf(options_.regret)) return;
    std::vector<OpenGene> open;
    for (const Judged& judged : judged_) {
      open.push_back({judged.gene, {}});
      for (std::size_t v = 0; v < judged.order.size(); ++v) {
        if (judged.kept[v]) open.back().values.push_back(static_cast<int>(v));
      }
    }
    std::vector<nas::Genotype> starts = {kept_defaults()};
    for (std::size_t c = 0; starts.size() < kStarts; ++c) {
      starts.push_back(space_.defaults());  // genes that are left as they are stay at their default
      const nas::Genotype other = drawn(c);
      for (const Judged& judged : judged_) starts.back()[judged.gene] = other[judged.gene];
    }
    points_ = working_points(costs_, open, starts, macs_, parameters_, progress_);
    if (points_.empty()) return;
    for (std::size_t i = 0; i < judged_.size(); ++i) {
      Judged& judged = judged_[i];
      judged.favourite = points_.front().genotype[judged.gene];
      judged.of_channels = changes_channels(judged);
      if (judged.of_channels || judged.series.empty()) continue;
      judged.regrets.assign(judged.order.size(), 0);
      std::vector<double> best(open[i].values.size(), std::numeric_limits<double>::infinity());
      for (const WorkingPoint& point : points_) {
        const std::vector<double> here = regrets(costs_, open[i], point, progress_);
        for (std::size_t k = 0; k < here.size(); ++k) {
          const bool chosen = point.genotype[judged.gene] == open[i].values[k];
          best[k] = chosen ? 0 : std::min(best[k], here[k]);
        }
      }
      for (std::size_t k = 0; k < best.size(); ++k) {
        if (best[k] > options_.regret) judged.regrets[static_cast<std::size_t>(open[i].values[k])] = best[k];
      }
      settle(judged);
    }
    drop_out_of_reach(open);
  }

  // Takes values away that no near-best design has, not even where all other genes make the best of them: a price holds
  // for small changes, not for a resolution of twice as many rows.
  void drop_out_of_reach(const std::vector<OpenGene>& open) {
    std::set<std::pair<std::size_t, int>> used;
    const auto use = [&](const WorkingPoint& point) {
      for (const Judged& judged : judged_) used.insert({judged.gene, point.genotype[judged.gene]});
    };
    for (const WorkingPoint& point : points_) use(point);
    std::vector<FixedValue> asked;
    std::vector<OpenGene> left = open;
    for (std::size_t i = 0; i < judged_.size(); ++i) {
      const Judged& judged = judged_[i];
      left[i].values.clear();
      for (const int value : open[i].values) {
        if (!judged.kept[static_cast<std::size_t>(value)]) continue;
        left[i].values.push_back(value);
        if (!judged.regrets.empty() && used.count({judged.gene, value}) == 0) asked.push_back({judged.gene, value});
      }
    }
    const std::vector<std::optional<WorkingPoint>> best =
        best_with(costs_, left, points_, asked, macs_, parameters_, progress_);
    const auto share = [&](const WorkingPoint& point) {
      return static_cast<double>(point.size.cycles) / static_cast<double>(points_.front().size.cycles);
    };
    for (const auto& point : best) {
      if (point && share(*point) <= kNear) use(*point);
    }
    for (std::size_t i = 0; i < asked.size(); ++i) {
      if (used.count({asked[i].gene, asked[i].value}) > 0) continue;
      for (Judged& judged : judged_) {
        if (judged.gene != asked[i].gene) continue;
        const auto value = static_cast<std::size_t>(asked[i].value);
        judged.regrets[value] = best[i] ? share(*best[i]) - 1 : std::numeric_limits<double>::infinity();
        judged.out_of_reach.insert(value);
        settle(judged);
      }
    }
  }

  struct Question {
    ValueSeries* series = nullptr;
    std::size_t value = 0;
  };

  void ask() {
    std::vector<Question> questions;
    for (Judged& judged : judged_) {
      for (ValueSeries& series : judged.series) {
        counts_.values += static_cast<std::int64_t>(judged.order.size());
        std::vector<double> fills;
        for (std::size_t v = 0; !series.asks_all() && v < judged.order.size(); ++v) {
          progress_("looking at fills", 0, 0);
          fills.push_back(costs_.fill(series.with(v)));
        }
        for (const std::size_t value : series.first_questions(fills)) questions.push_back({&series, value});
      }
    }
    for (int round = 1; !questions.empty(); ++round) {
      std::vector<nas::Genotype> genotypes;
      for (const Question& question : questions) genotypes.push_back(question.series->with(question.value));
      const std::vector<const PricedNetwork*> answers = costs_.price(genotypes, progress_);
      for (std::size_t i = 0; i < questions.size(); ++i) questions[i].series->answer(questions[i].value, answers[i]);
      counts_.asked += static_cast<std::int64_t>(questions.size());
      questions.clear();
      for (Judged& judged : judged_) {
        for (ValueSeries& series : judged.series) {
          for (const std::size_t value : series.next_questions(judged.numeric ? options_.price : 0)) {
            questions.push_back({&series, value});
          }
        }
      }
    }
  }

  std::vector<bool> flat() const {
    std::vector<bool> all;
    for (const Judged& judged : judged_) all.insert(all.end(), judged.kept.begin(), judged.kept.end());
    return all;
  }

  void join(const std::vector<bool>& last) {
    std::size_t at = 0;
    for (Judged& judged : judged_) {
      for (std::size_t v = 0; v < judged.kept.size(); ++v, ++at) judged.kept[v] = judged.kept[v] || last[at];
      settle(judged);
    }
  }

  Curation result() {
    Curation out;
    std::size_t next = 0;
    for (std::size_t i = 0; i < space_.genes().size(); ++i) {
      GeneChoices genes;
      genes.gene = gene(i).name;
      genes.left_as_it_is = left_[i];
      for (const std::string& value : gene(i).values) {
        genes.choices.emplace_back();
        genes.choices.back().value = value;
      }
      if (left_[i].empty()) fill(judged_[next++], genes);
      out.genes.push_back(std::move(genes));
    }
    if (!points_.empty()) {
      std::vector<bool> spared(space_.genes().size(), false);  // channels have cliffs of their own to be judged by
      for (const Judged& judged : judged_) spared[judged.gene] = !judged.series.empty() && changes_channels(judged);
      drop_rising_steps(space_, costs_, options_, spared, progress_, out);
    }
    choose_start(space_, costs_.engine(), macs_, parameters_, !points_.empty(), options_, out);
    counts_.designs = costs_.designs();
    counts_.subgraphs = costs_.subgraphs();
    out.counts = counts_;
    for (const WorkingPoint& point : points_) {
      out.points.push_back({space_.encode(point.genotype), point.size, point.prices.mac, point.prices.parameter});
    }
    return out;
  }

  void fill(Judged& judged, GeneChoices& genes) {
    if (judged.series.empty()) {
      genes.left_as_it_is = "matters in none of the contexts that were tried";
      return;
    }
    genes.default_value = judged.default_value;
    genes.of_channels = judged.of_channels;
    const ValueSizes sizes = judged.series.front().sizes();
    for (std::size_t v = 0; v < genes.choices.size(); ++v) {
      Choice& choice = genes.choices[v];
      choice.kept = judged.kept[v];
      choice.dominator = judged.kept[v] ? -1 : judged.verdict.dominator[v];
      if (!judged.kept[v] && !judged.regrets.empty() && judged.regrets[v] > 0) {
        choice.traded = true;
        choice.regret = judged.regrets[v];
        choice.out_of_reach = judged.out_of_reach.count(v) > 0;
        choice.dominator = judged.favourite;
      }
      choice.contexts = static_cast<std::int64_t>(judged.series.size());
      choice.favourable = judged.verdict.favourable[v];
      choice.asked = judged.series.front().asked(v);
      if (sizes[v]) choice.size = *sizes[v];
    }
    for (std::size_t v = 0; v < genes.choices.size(); ++v) {
      genes.choices[v].reason = reason(space_, costs_, judged.series, genes, v);
    }
  }

  const nas::Space& space_;
  CuratedCosts costs_;
  const CurationOptions& options_;
  const Progress& progress_;
  std::vector<std::string> left_;  // by gene
  std::vector<Judged> judged_;
  std::vector<std::vector<double>> draws_;  // by context, by gene
  CurationCounts counts_;
  std::int64_t macs_ = 0, parameters_ = 0;  // least capacity
  std::vector<WorkingPoint> points_;
};

}  // namespace

Curation curate(const nas::Space& space, MeasurementSource& costs, const CurationOptions& options,
                const Progress& progress) {
  return Curator(space, costs, options, progress).run();
}

}  // namespace lanewise::study
