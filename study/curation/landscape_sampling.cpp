// SPDX-License-Identifier: Apache-2.0
#include "study/curation/landscape_sampling.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "core/base/random.hpp"

namespace lanewise::study {
namespace {

// Neighbours of one descent that are priced together.
constexpr std::size_t kLookedAtOnce = 8;
// Each kind of sample draws from a sequence of its own, so that more of one changes nothing of the others.
constexpr std::uint64_t kStepsSeed = 0x73746570, kWalksSeed = 0x77616c6b, kDescentsSeed = 0x64657363;

class Sampler {
 public:
  Sampler(LandscapePricing& pricing, const nas::AllowedValues& kept, const LandscapeOptions& options, std::string name)
      : pricing_(pricing),
        genes_(pricing.space().genes()),
        nearby_(genes_, kept),
        options_(options),
        name_(std::move(name)) {
    out_.designs = 1;
    for (const std::vector<int>& values : kept) out_.designs *= static_cast<double>(values.size());
  }

  SpaceMeasures sample() {
    const std::int64_t before = pricing_.cannot_run();
    if (options_.designs > 0) take_steps();
    if (options_.walks > 0) walk();
    if (options_.descents > 0) {
      out_.free = descend(false);
      out_.limited = descend(true);
    }
    out_.cannot_run = pricing_.cannot_run() - before;
    return std::move(out_);
  }

 private:
  std::string phase(const std::string& what) const { return what + " of the " + name_ + " space"; }
  nas::Genotype canonical(const nas::Genotype& genotype) const { return pricing_.space().canonical(genotype); }

  // Every gene that matters in a design takes one of its steps.
  void take_steps() {
    Random random(options_.seed ^ kStepsSeed);
    struct Step {
      std::size_t gene = 0, from = 0, to = 0;
    };
    std::vector<nas::Genotype> designs;
    std::vector<Step> steps;
    for (int i = 0; i < options_.designs; ++i) {
      const nas::Genotype start = nearby_.draw(random), same = canonical(start);
      const std::size_t from = designs.size();
      designs.push_back(start);
      for (std::size_t g = 0; g < genes_.size(); ++g) {
        const std::vector<int> values = nearby_.steps(g, start[g]);
        if (values.empty()) continue;
        nas::Genotype next = start;
        next[g] = random.pick(values);
        if (canonical(next) == same) continue;
        steps.push_back({g, from, designs.size()});
        designs.push_back(std::move(next));
      }
    }
    const std::vector<const DesignPrice*> prices = pricing_.price(designs, phase("steps"));
    std::vector<nas::StepCounts> by_gene(genes_.size());
    for (const Step& step : steps) {
      const DesignPrice &a = *prices[step.from], &b = *prices[step.to];
      if (!a.runs() || !b.runs()) continue;
      nas::count_step(a.macs, a.latency_ms, b.macs, b.latency_ms, out_.steps);
      nas::count_step(a.macs, a.latency_ms, b.macs, b.latency_ms, by_gene[step.gene]);
    }
    for (std::size_t g = 0; g < genes_.size(); ++g) {
      if (nearby_.order(g).size() > 1) out_.by_gene.push_back({genes_[g].name, by_gene[g]});
    }
    out_.sampled = options_.designs;
  }

  // A neighbour of another meaning; the genotype itself where it has none.
  nas::Genotype random_neighbour(const nas::Genotype& at, Random& random) const {
    std::vector<std::pair<std::size_t, int>> steps = nearby_.steps(at);
    random.shuffle(steps);
    const nas::Genotype same = canonical(at);
    for (const auto& [gene, value] : steps) {
      nas::Genotype next = at;
      next[gene] = value;
      if (canonical(next) != same) return next;
    }
    return at;
  }

  void walk() {
    Random random(options_.seed ^ kWalksSeed);
    std::vector<nas::Genotype> designs;
    for (int i = 0; i < options_.walks; ++i) {
      nas::Genotype at = nearby_.draw(random);
      for (int step = 0; step <= options_.walk_steps; ++step) {
        designs.push_back(at);
        at = random_neighbour(at, random);
      }
    }
    const std::vector<const DesignPrice*> prices = pricing_.price(designs, phase("walks"));
    // A design that cannot be ends a walk: what comes behind it is another one.
    std::vector<std::vector<double>> latency, per_mac;
    const auto length = static_cast<std::size_t>(options_.walk_steps) + 1;
    for (std::size_t i = 0; i < prices.size(); ++i) {
      if (i % length == 0 || (i > 0 && !prices[i - 1]->runs())) latency.emplace_back(), per_mac.emplace_back();
      if (!prices[i]->runs()) continue;
      latency.back().push_back(prices[i]->latency_ms);
      per_mac.back().push_back(prices[i]->latency_ms / prices[i]->macs);
    }
    const std::size_t most_lag = length / 2;
    out_.latency = nas::autocorrelation(latency, most_lag);
    out_.latency_per_mac = nas::autocorrelation(per_mac, most_lag);
  }

  struct Descent {
    nas::Genotype at;
    const DesignPrice* price = nullptr;
    std::vector<nas::Genotype> left;  // neighbours not looked at, the next ones last
  };

  void turn(Descent& descent, nas::Genotype to, const DesignPrice* price, Random& random) const {
    descent.at = std::move(to);
    descent.price = price;
    descent.left.clear();
    std::vector<std::pair<std::size_t, int>> steps = nearby_.steps(descent.at);
    random.shuffle(steps);
    const nas::Genotype same = canonical(descent.at);
    for (const auto& [gene, value] : steps) {
      nas::Genotype next = descent.at;
      next[gene] = value;
      if (canonical(next) != same) descent.left.push_back(std::move(next));
    }
  }

  // All of them go down side by side, so that there is much to price at once.
  Descents descend(bool limited) {
    Random random(options_.seed ^ kDescentsSeed);
    const auto violation = [&](const DesignPrice& p) { return limited ? p.violation : 0; };
    const auto is_better = [&](const DesignPrice& a, const DesignPrice& b) {
      if (a.runs() != b.runs() || !a.runs()) return a.runs() && !b.runs();
      if (violation(a) != violation(b)) return violation(a) < violation(b);
      return a.latency_ms < b.latency_ms;
    };
    std::vector<nas::Genotype> starts;
    for (int i = 0; i < options_.descents; ++i) starts.push_back(nearby_.draw(random));
    const std::vector<const DesignPrice*> prices = pricing_.price(starts);
    std::vector<Descent> all(starts.size());
    for (std::size_t i = 0; i < all.size(); ++i) turn(all[i], starts[i], prices[i], random);
    const std::string shown = phase(limited ? "descents within the limits" : "descents");
    for (std::size_t open = all.size(); open > 0;) {
      pricing_.progress()(shown, static_cast<std::int64_t>(all.size() - open), static_cast<std::int64_t>(all.size()));
      std::vector<nas::Genotype> asked;
      std::vector<std::size_t> counts;
      for (Descent& descent : all) {
        counts.push_back(std::min(kLookedAtOnce, descent.left.size()));
        for (std::size_t i = 0; i < counts.back(); ++i, descent.left.pop_back()) asked.push_back(descent.left.back());
      }
      const std::vector<const DesignPrice*> found = pricing_.price(asked);
      std::size_t next = 0;
      open = 0;
      for (std::size_t d = 0; d < all.size(); ++d) {
        std::size_t best = asked.size();
        for (std::size_t i = next; i < next + counts[d]; ++i) {
          if (is_better(*found[i], best == asked.size() ? *all[d].price : *found[best])) best = i;
        }
        next += counts[d];
        if (best < asked.size()) turn(all[d], asked[best], found[best], random);
        if (!all[d].left.empty()) ++open;
      }
    }
    return summary(all, limited);
  }

  Descents summary(const std::vector<Descent>& all, bool limited) const {
    Descents out;
    out.starts = static_cast<std::int64_t>(all.size());
    std::set<nas::Genotype> minima;
    for (const Descent& descent : all) {
      if (!descent.price->runs() || (limited && descent.price->violation > 0)) continue;
      minima.insert(canonical(descent.at));
      out.end_ms.push_back(descent.price->latency_ms);
    }
    out.distinct = static_cast<std::int64_t>(minima.size());
    if (out.end_ms.empty()) return out;
    out.best_ms = *std::min_element(out.end_ms.begin(), out.end_ms.end());
    out.best_reached = std::count(out.end_ms.begin(), out.end_ms.end(), out.best_ms);
    std::vector<double> above;
    for (const double end : out.end_ms) above.push_back(end / out.best_ms - 1);
    out.above_best = nas::spread_of(above);
    return out;
  }

  LandscapePricing& pricing_;
  const std::vector<nas::Gene>& genes_;
  nas::Neighbourhood nearby_;
  const LandscapeOptions& options_;
  std::string name_;
  SpaceMeasures out_;
};

}  // namespace

SpaceMeasures sample_space(LandscapePricing& pricing, const nas::AllowedValues& kept, const LandscapeOptions& options,
                           const std::string& name) {
  return Sampler(pricing, kept, options, name).sample();
}

}  // namespace lanewise::study
