// SPDX-License-Identifier: Apache-2.0
#include "study/curation/capacity_prices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>

#include "core/base/random.hpp"
#include "nas/neighbourhood.hpp"

namespace lanewise::study {
namespace {

constexpr double kHighestPrice = 8;
// How much more of the latency than the cheapest value of its gene a value may take once its capacity is paid for.
constexpr double kSlack = 0.02;
constexpr int kPasses = 3;          // prices and the contexts that they are found in settle each other
constexpr int kPriceContexts = 12;  // settings of the other genes in which values are priced
constexpr int kStepContexts = 48;   // and in which steps are looked at
constexpr std::uint64_t kPricesSeed = 0x70726963, kStepsSeed = 0x72697365;

// The place in [0, high] where a concave function is the largest.
double largest(double high, const std::function<double(double)>& of) {
  double low = 0;
  for (int i = 0; i < 48; ++i) {
    const double a = low + (high - low) / 3, b = high - (high - low) / 3;
    of(a) < of(b) ? low = a : high = b;
  }
  return (low + high) / 2;
}

struct Totals {
  double cycles = 0, macs = 0, parameters = 0;
};
std::optional<Totals> totals_of(const PricedNetwork& network) {
  if (!network.failure.empty()) return std::nullopt;
  Totals out;
  for (const PricedPart& part : network.parts) {
    out.cycles += static_cast<double>(part.result->measurement.latency.count());
    out.macs += static_cast<double>(part.result->measurement.macs);
    out.parameters += static_cast<double>(part.parameters);
  }
  return out;
}

double logarithm(double to, double from) { return to > 0 && from > 0 ? std::log(to / from) : 0; }

class Payer {
 public:
  Payer(const nas::Space& space, CuratedCosts& costs, const CurationOptions& options, const Progress& progress,
        Curation& curation)
      : space_(space), costs_(costs), options_(options), progress_(progress), curation_(curation) {
    for (std::size_t g = 0; g < curation.genes.size(); ++g) {
      kept_.push_back(curation.kept()[g]);
      if (g >= space.network_genes()) kept_.back() = {0};
      open_.push_back(curation.genes[g].left_as_it_is.empty() && g < space.network_genes());
    }
    centre_ = curation.defaults();
    for (std::size_t g = space.network_genes(); g < centre_.size(); ++g) centre_[g] = 0;
  }

  void run() {
    const nas::Genotype defaults = centre_;
    std::vector<std::vector<RelativeSize>> sizes;
    for (int pass = 0; pass < kPasses; ++pass) {
      sizes = relative_sizes(pass);
      prices_ = log_prices(sizes);
      for (std::size_t g = 0; g < sizes.size(); ++g) {
        if (open_[g]) centre_[g] = kept_[g][cheapest(sizes[g])];
      }
    }
    priced_ = kept_;
    for (std::size_t g = 0; g < sizes.size(); ++g) {
      net_.emplace_back();
      for (const RelativeSize& size : sizes[g]) net_.back().push_back(prices_.net(size));
      if (open_[g]) drop_dear(g, sizes[g]);
    }
    for (int round = 0; round < kPasses && drop_rising(); ++round) {
    }
    finish(defaults);
  }

 private:
  std::size_t cheapest(const std::vector<RelativeSize>& sizes) const {
    std::size_t best = 0;
    for (std::size_t i = 1; i < sizes.size(); ++i) {
      if (prices_.net(sizes[i]) < prices_.net(sizes[best])) best = i;
    }
    return best;
  }

  // A gene that does not matter, given the others, is at its own default in the canonical genotype.
  bool matters(std::size_t g, nas::Genotype genotype) const {
    genotype[g] = 1;
    return space_.canonical(genotype)[g] != 0;
  }

  // Around what is cheapest: each gene there or, as often, anywhere.
  std::vector<nas::Genotype> around(int pass) const {
    std::vector<nas::Genotype> out = {centre_};
    Random random(options_.seed ^ kPricesSeed ^ static_cast<std::uint64_t>(pass) << 32);
    while (out.size() < kPriceContexts) {
      out.push_back(centre_);
      for (std::size_t g = 0; g < kept_.size(); ++g) {
        const int other = random.pick(kept_[g]);
        if (random.chance(0.5)) out.back()[g] = other;
      }
    }
    return out;
  }

  // By gene, by kept value: on average over the contexts.
  std::vector<std::vector<RelativeSize>> relative_sizes(int pass) {
    const std::vector<nas::Genotype> contexts = around(pass);
    std::vector<std::vector<RelativeSize>> out;
    for (std::size_t g = 0; g < kept_.size(); ++g) {
      progress_("pricing capacity", static_cast<std::int64_t>(g), static_cast<std::int64_t>(kept_.size()));
      out.emplace_back(kept_[g].size());
      if (!open_[g] || kept_[g].size() < 2) continue;
      double count = 0;
      std::vector<RelativeSize> sums(kept_[g].size());
      for (const nas::Genotype& context : contexts) {
        if (matters(g, context) && add(g, context, sums)) ++count;
      }
      for (std::size_t v = 0; v < sums.size() && count > 0; ++v) {
        out[g][v] = {sums[v].cycles / count, sums[v].macs / count, sums[v].parameters / count};
      }
    }
    return out;
  }

  bool add(std::size_t g, const nas::Genotype& context, std::vector<RelativeSize>& sums) {
    std::vector<nas::Genotype> designs;
    for (const int value : kept_[g]) {
      designs.push_back(context);
      designs.back()[g] = value;
    }
    const std::vector<const PricedNetwork*> networks = costs_.price(designs, quiet());
    std::vector<Totals> totals;
    for (const PricedNetwork* network : networks) {
      const std::optional<Totals> total = totals_of(*network);
      if (!total) return false;
      totals.push_back(*total);
    }
    for (std::size_t v = 0; v < totals.size(); ++v) {
      sums[v].cycles += logarithm(totals[v].cycles, totals.front().cycles);
      sums[v].macs += logarithm(totals[v].macs, totals.front().macs);
      sums[v].parameters += logarithm(totals[v].parameters, totals.front().parameters);
    }
    return true;
  }

  Progress quiet() const { return {{}, progress_.stopped}; }

  void drop_dear(std::size_t g, const std::vector<RelativeSize>& sizes) {
    const std::size_t best = cheapest(sizes);
    std::vector<int> left;
    for (std::size_t v = 0; v < sizes.size(); ++v) {
      const double dearer = net_[g][v] - net_[g][best];
      if (dearer <= kSlack || must_stay(g, kept_[g][v])) {
        left.push_back(kept_[g][v]);
        continue;
      }
      drop(g, kept_[g][v], kept_[g][best],
           fmt::format("takes {:.1f} % more latency than {} once capacity is paid for: a hundredth more MACs is worth "
                       "{:.2f} % of the latency, of parameters {:.2f} %",
                       100 * std::expm1(dearer), value(g, kept_[g][best]), prices_.macs, prices_.parameters));
    }
    kept_[g] = std::move(left);
  }

  // The default of a gene that the file of the space cannot do without.
  bool must_stay(std::size_t g, int v) const {
    const std::vector<std::string>& names = options_.keep_default;
    return v == 0 && std::find(names.begin(), names.end(), space_.genes()[g].name) != names.end();
  }

  const std::string& value(std::size_t g, int v) const { return space_.genes()[g].values[static_cast<std::size_t>(v)]; }

  void drop(std::size_t g, int gone, int stands, std::string reason) {
    Choice& choice = curation_.genes[g].choices[static_cast<std::size_t>(gone)];
    choice.kept = false;
    choice.dominator = stands;
    choice.reason = std::move(reason);
  }

  double net_of(std::size_t g, int v) const {
    // net_ is by the values that were kept when prices were found, in their order.
    const std::vector<int>& then = priced_[g];
    return net_[g][static_cast<std::size_t>(std::find(then.begin(), then.end(), v) - then.begin())];
  }

  // Of two values between which some context's cost rises while FLOPs fall, the dearer goes. Whether one did.
  bool drop_rising() {
    const nas::Neighbourhood nearby(space_.genes(), kept_);
    Random random(options_.seed ^ kStepsSeed);
    std::vector<nas::Genotype> contexts = {centre_};
    while (contexts.size() < kStepContexts) contexts.push_back(nearby.draw(random));
    bool any = false;
    for (std::size_t g = 0; g < kept_.size(); ++g) {
      if (!open_[g]) continue;
      progress_("looking at steps", static_cast<std::int64_t>(g), static_cast<std::int64_t>(kept_.size()));
      while (kept_[g].size() > 1 && drop_one_rising(g, contexts)) any = true;
    }
    return any;
  }

  bool drop_one_rising(std::size_t g, const std::vector<nas::Genotype>& contexts) {
    const nas::Neighbourhood nearby(space_.genes(), kept_);
    for (const nas::Genotype& context : contexts) {
      if (!matters(g, context)) continue;
      std::vector<nas::Genotype> designs;
      for (const int v : kept_[g]) {
        designs.push_back(context);
        designs.back()[g] = v;
      }
      const std::vector<const PricedNetwork*> networks = costs_.price(designs, quiet());
      for (std::size_t a = 0; a < networks.size(); ++a) {
        for (const int other : nearby.steps(g, kept_[g][a])) {
          const auto b =
              static_cast<std::size_t>(std::find(kept_[g].begin(), kept_[g].end(), other) - kept_[g].begin());
          const std::optional<Totals> mine = totals_of(*networks[a]), its = totals_of(*networks[b]);
          if (!mine || !its || !(its->macs < mine->macs && its->cycles > mine->cycles)) continue;
          const bool mine_goes =
              must_stay(g, other) || (!must_stay(g, kept_[g][a]) && net_of(g, kept_[g][a]) > net_of(g, other));
          const int gone = mine_goes ? kept_[g][a] : other, stands = mine_goes ? other : kept_[g][a];
          drop(g, gone, stands,
               fmt::format("between {} and {} the cost rises by {:.2f} % while MACs fall by {:.2f} %",
                           value(g, kept_[g][a]), value(g, other), 100 * (its->cycles / mine->cycles - 1),
                           100 * (1 - its->macs / mine->macs)));
          kept_[g].erase(std::find(kept_[g].begin(), kept_[g].end(), gone));
          return true;
        }
      }
    }
    return false;
  }

  // What stood for a value may have gone itself.
  void finish(const nas::Genotype& defaults) {
    for (std::size_t g = 0; g < kept_.size(); ++g) {
      if (!open_[g]) continue;
      std::vector<Choice>& choices = curation_.genes[g].choices;
      const auto standing = [&](int v) {
        while (!choices[static_cast<std::size_t>(v)].kept) v = choices[static_cast<std::size_t>(v)].dominator;
        return v;
      };
      for (Choice& choice : choices) {
        if (!choice.kept && choice.dominator >= 0) choice.dominator = standing(choice.dominator);
      }
      curation_.genes[g].default_value = standing(defaults[g]);
    }
  }

  const nas::Space& space_;
  CuratedCosts& costs_;
  const CurationOptions& options_;
  const Progress& progress_;
  Curation& curation_;
  nas::AllowedValues kept_, priced_;  // now, and when prices were found
  std::vector<bool> open_;
  nas::Genotype centre_;
  LogPrices prices_;
  std::vector<std::vector<double>> net_;  // by gene, by value of priced_
};

}  // namespace

LogPrices log_prices(const std::vector<std::vector<RelativeSize>>& genes) {
  const auto dual = [&](const LogPrices& prices) {
    double sum = 0;
    for (const std::vector<RelativeSize>& sizes : genes) {
      double best = std::numeric_limits<double>::infinity();
      for (const RelativeSize& size : sizes) best = std::min(best, prices.net(size));
      if (!sizes.empty()) sum += best;
    }
    return sum;
  };
  const auto best_parameters = [&](double macs) {
    return largest(kHighestPrice, [&](double parameters) { return dual({macs, parameters}); });
  };
  LogPrices out;
  out.macs = largest(kHighestPrice, [&](double macs) { return dual({macs, best_parameters(macs)}); });
  out.parameters = best_parameters(out.macs);
  return out;
}

void pay_for_capacity(const nas::Space& space, CuratedCosts& costs, const CurationOptions& options,
                      const Progress& progress, Curation& curation) {
  Payer(space, costs, options, progress, curation).run();
}

}  // namespace lanewise::study
