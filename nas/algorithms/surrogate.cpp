// SPDX-License-Identifier: Apache-2.0
// Surrogate-assisted search: candidates are proposed by how much they are expected to enlarge the hypervolume of the
// front (for one objective: by how much they are expected to improve on the best), under Gaussian processes of all that
// was measured; where nothing has to be learnt they are chosen by what is known. Free objectives and limits are exact.
// A small space is scored whole; of a large one the neighbourhood of the front, random candidates, and what climbs from
// the best of them.
//
// Source: Jones, Schonlau and Welch, Efficient global optimization of expensive black-box functions, Journal of Global
// Optimization 13, 1998; Ginsbourger, Le Riche and Carraro, Kriging is well-suited to parallelize optimization, 2010
// (batches: what is proposed is taken to turn out as believed).
#include <algorithm>
#include <cmath>
#include <limits>
#include <queue>
#include <set>

#include "core/base/random.hpp"
#include "nas/algorithms/archive.hpp"
#include "nas/algorithms/known_choice.hpp"
#include "nas/algorithms/surrogate_model.hpp"

namespace lanewise::nas {
namespace {

constexpr double kWholePoolRows = 1.6e7;  // candidates times individuals up to which it stays so
constexpr std::size_t kDrawn = 1000;      // candidates drawn of a larger space
constexpr std::size_t kClimbers = 8, kClimbs = 4, kNeighbours = 200;

// As far beyond the front's worst values as the front extends, and a tenth more, but no farther than the worst that was
// told: what is best in one objective may cost more in the others than all of the front so far.
Point reference_for(const std::vector<Point>& front, const std::vector<Individual>& told) {
  Point reference;
  for (std::size_t k = 0; k < front.front().size(); ++k) {
    double lowest = front.front()[k], nadir = lowest, least = lowest, worst = lowest;
    for (const Point& point : front) {
      lowest = std::min(lowest, point[k]);
      nadir = std::max(nadir, point[k]);
    }
    for (const Individual& individual : told) {
      if (!can_be(individual.evaluation)) continue;
      least = std::min(least, individual.evaluation.objectives[k]);
      worst = std::max(worst, individual.evaluation.objectives[k]);
    }
    const double extent = nadir > lowest ? nadir - lowest : worst - least;
    const double beyond = std::min(nadir + extent, worst);
    reference.push_back(beyond + (extent > 0 ? 0.1 * extent : std::max(std::abs(worst), 1.0)));
  }
  return reference;
}

class Surrogate : public Algorithm {
 public:
  Surrogate(const Problem& problem, const SearchOptions& options, const std::vector<Genotype>& seeds)
      : archive_(problem, options, seeds),
        options_(options),
        random_(options.seed),
        known_(archive_, options),
        inputs_(problem),
        model_(inputs_) {}

  std::vector<Genotype> ask() override {
    if (known_.applies()) {
      if (archive_.has_first()) return archive_.first_batch(known_.whole() ? 0 : first_size(), random_);
      return archive_.exhausted() ? std::vector<Genotype>{} : known_.choose(random_);
    }
    if (archive_.has_first() || archive_.all().size() < first_size()) return first();
    if (archive_.exhausted()) return {};
    model_.update(archive_.all(), batch_size());
    if (!model_.ready()) return drawn(batch_size());
    return proposed(batch_size());
  }

  void tell(const std::vector<Genotype>& batch, const std::vector<Evaluation>& evaluations) override {
    archive_.tell(batch, evaluations);
  }

  const std::vector<Individual>& told() const override { return archive_.all(); }

  std::string save() const override {
    StateWriter out;
    out.text("algorithm", "surrogate");
    out.random("random", random_);
    archive_.save(out);
    model_.save(out);
    return out.str();
  }

  void load(const std::string& state) override {
    StateReader in(state);
    in.expect("algorithm", "surrogate");
    random_ = in.random("random");
    archive_.load(in);
    model_.load(in, archive_.all());
    in.end();
  }

 private:
  std::size_t open_genes() const {
    std::size_t open = 0;
    for (const Gene& gene : archive_.genes()) open += gene.values.size() > 1 ? 1 : 0;
    return open;
  }
  std::size_t first_size() const { return std::clamp<std::size_t>(3 * open_genes() / 2, 8, 24); }

  // One by one where the space is scored whole and a proposal costs little; else a tenth of what is known at once, as
  // every batch has to draw and climb anew.
  std::size_t batch_size() const {
    if (options_.batch > 0) return static_cast<std::size_t>(options_.batch);
    const std::size_t told = archive_.all().size();
    const std::size_t share = scored_whole() ? (told < 500 ? 1 : told / 50) : told / 10;
    return std::clamp<std::size_t>(share, 1, 128);
  }

  std::vector<Genotype> drawn(std::size_t count) {
    std::vector<Genotype> batch;
    while (batch.size() < count && archive_.offer_new(batch, archive_.random_genotype(random_), random_)) {
    }
    return batch;
  }

  // The default and the seeds, and candidates that lie far from them and from each other, those first that limits known
  // beforehand allow.
  std::vector<Genotype> first() {
    std::vector<Genotype> batch = archive_.first_batch(0, random_);
    const std::size_t had = archive_.all().size() + batch.size();
    const std::size_t wanted = first_size() > had ? first_size() - had : 0;
    std::vector<Genotype> pool;
    for (std::size_t i = 0; i < 40 * std::max<std::size_t>(wanted, 1); ++i) {
      pool.push_back(archive_.problem().canonical(i % 2 == 0 ? archive_.uniform_genotype(random_)
                                                             : archive_.random_genotype(random_)));
    }
    std::vector<Genotype> present = batch;
    for (const Individual& individual : archive_.all()) present.push_back(individual.genotype);
    const Known known = inputs_.of(pool), there = inputs_.of(present);
    std::vector<double> apart(pool.size(), std::numeric_limits<double>::max());
    const auto come_nearer = [&](const Inputs& inputs, std::size_t at) {
      for (std::size_t i = 0; i < pool.size(); ++i) {
        double distance = 0;
        for (std::size_t g = 0; g < inputs.genes; ++g)
          distance += inputs.code(at)[g] != known.inputs.code(i)[g] ? 1 : 0;
        for (std::size_t j = 0; j < inputs.numbers; ++j) {
          distance += std::abs(inputs.value(at)[j] - known.inputs.value(i)[j]);
        }
        apart[i] = std::min(apart[i], distance);
      }
    };
    for (std::size_t i = 0; i < present.size(); ++i) come_nearer(there.inputs, i);
    for (std::size_t made = 0; made < wanted; ++made) {
      std::size_t best = 0;
      const auto key = [&](std::size_t i) {
        return std::make_pair(known.evaluations.empty() ? 0.0 : -known.evaluations[i].violation, apart[i]);
      };
      for (std::size_t i = 1; i < pool.size(); ++i) {
        if (key(i) > key(best)) best = i;
      }
      if (!archive_.offer(batch, pool[best]) && !archive_.offer_new(batch, pool[best], random_)) break;
      come_nearer(known.inputs, best);
    }
    return batch;
  }

  // The candidates of the pool, in its order.
  std::vector<Genotype> pool_;
  std::set<Genotype> in_pool_;

  bool scored_whole() const {
    return archive_.size() <= kWholeSpace &&
           archive_.size() * static_cast<double>(archive_.all().size()) <= kWholePoolRows;
  }

  void add_to_pool(const std::vector<Genotype>& genotypes) {
    pool_.insert(pool_.end(), genotypes.begin(), genotypes.end());
    model_.extend_pool(inputs_.of(genotypes));
  }

  void whole_pool() {
    if (whole_) return;
    whole_ = true;
    pool_.clear();
    model_.set_pool(Known{});
    add_to_pool(archive_.enumerate());
  }

  bool add_new(std::vector<Genotype>& to, const Genotype& genotype) {
    Genotype canonical = archive_.problem().canonical(genotype);
    if (archive_.holds(canonical) || !in_pool_.insert(canonical).second) return false;
    to.push_back(std::move(canonical));
    return true;
  }

  // Mutants and crosses of the best that were told, and random candidates.
  void drawn_pool(const std::vector<const Genotype*>& parents) {
    whole_ = false;
    pool_.clear();
    in_pool_.clear();
    model_.set_pool(Known{});
    std::vector<Genotype> fresh;
    for (std::size_t i = 0; i < kDrawn; ++i) {
      const std::size_t kind = i % 5;
      Genotype genotype = *random_.pick(parents);
      if (kind == 0) {
        genotype = archive_.uniform_genotype(random_);
      } else if (kind == 1) {
        genotype = archive_.random_genotype(random_);
      } else {
        if (kind == 2) archive_.cross(genotype, *random_.pick(parents), random_);
        const std::uint64_t changes = 1 + random_.below(kind == 2 ? 2 : 3);
        for (std::uint64_t c = 0; c < changes && !genotype.empty(); ++c) {
          archive_.change(genotype, static_cast<std::size_t>(random_.below(genotype.size())), random_);
        }
      }
      add_new(fresh, genotype);
    }
    add_to_pool(fresh);
  }

  // Adds neighbours of the best candidates of the pool, a few times over.
  template <class Score>
  void climb(const Score& score) {
    std::vector<double> scores;
    std::set<std::size_t> climbed;
    for (std::size_t round = 0; round < kClimbs; ++round) {
      for (std::size_t i = scores.size(); i < pool_.size(); ++i) scores.push_back(score(i));
      std::vector<std::size_t> order;
      for (std::size_t i = 0; i < pool_.size(); ++i) {
        if (climbed.count(i) == 0) order.push_back(i);
      }
      const std::size_t best = std::min(kClimbers, order.size());
      std::partial_sort(
          order.begin(), order.begin() + static_cast<std::ptrdiff_t>(best), order.end(),
          [&](std::size_t a, std::size_t b) { return scores[a] != scores[b] ? scores[a] > scores[b] : a < b; });
      std::vector<Genotype> neighbours;
      for (std::size_t i = 0; i < best; ++i) {
        climbed.insert(order[i]);
        for (std::size_t g = 0; g < archive_.genes().size(); ++g) {
          for (int value = 0; value < archive_.values_of(g); ++value) {
            Genotype neighbour = pool_[order[i]];
            if (neighbour[g] == value) continue;
            neighbour[g] = value;
            neighbours.push_back(std::move(neighbour));
          }
        }
      }
      random_.shuffle(neighbours);
      std::vector<Genotype> fresh;
      for (const Genotype& neighbour : neighbours) {
        if (fresh.size() >= kNeighbours) break;
        add_new(fresh, neighbour);
      }
      if (fresh.empty()) return;
      add_to_pool(fresh);
    }
  }

  std::vector<Genotype> proposed(std::size_t count) {
    std::vector<Point> front;
    std::vector<const Genotype*> parents;
    std::vector<Evaluation> evaluations;
    for (const Individual& individual : archive_.all()) evaluations.push_back(individual.evaluation);
    for (const std::size_t i : pareto_front(evaluations)) {
      parents.push_back(&archive_.all()[i].genotype);
      if (!(evaluations[i].violation > 0) && can_be(evaluations[i])) front.push_back(evaluations[i].objectives);
    }
    const bool feasible = !front.empty();
    Point reference;
    if (feasible) reference = reference_for(front, archive_.all());
    const std::size_t candidates =
        scored_whole() ? static_cast<std::size_t>(archive_.size()) : kDrawn + kClimbs * kNeighbours;
    HypervolumeGain gain(front, reference, candidates);
    std::vector<Belief> beliefs;
    // What limits known beforehand rule out comes after all that they allow; where nothing feasible is known, what may
    // miss the limits by the least comes first.
    const auto score = [&](std::size_t i) {
      const Known& pool = model_.pool();
      const double violation = pool.evaluations.empty() ? 0 : pool.evaluations[i].violation;
      if (!feasible || violation > 0) return -1 - model_.least_violation(i);
      model_.beliefs(i, beliefs);
      return gain.expected(beliefs) * model_.feasible(i);
    };
    if (scored_whole()) {
      whole_pool();
    } else {
      drawn_pool(parents);
      climb(score);
    }

    // Scores only fall while a batch is filled, or nearly so: those that were taken in before the last pick are looked
    // at again when they come first.
    struct Entry {
      double score;
      std::size_t candidate, picks;
      bool operator<(const Entry& other) const {
        return score != other.score ? score < other.score : candidate > other.candidate;
      }
    };
    std::vector<Entry> entries;
    for (std::size_t i = 0; i < pool_.size(); ++i) {
      if (!archive_.holds(pool_[i])) entries.push_back({score(i), i, 0});
    }
    std::priority_queue<Entry> queue(std::less<Entry>(), std::move(entries));
    std::vector<Genotype> batch;
    model_.begin_fantasies();
    while (batch.size() < count && !queue.empty()) {
      Entry top = queue.top();
      queue.pop();
      if (top.picks < batch.size()) {
        model_.refresh(top.candidate);
        queue.push({score(top.candidate), top.candidate, batch.size()});
        continue;
      }
      archive_.offer(batch, pool_[top.candidate]);
      if (batch.size() == count) break;
      const bool holds = model_.feasible(top.candidate) >= 0.5;
      const Point point = model_.fantasise(top.candidate);
      if (feasible && holds && top.score >= 0) {
        front.push_back(point);
        gain = HypervolumeGain(front, reference, candidates);
      }
    }
    model_.forget();
    while (batch.size() < count && archive_.offer_new(batch, archive_.random_genotype(random_), random_)) {
    }
    return batch;
  }

  Archive archive_;
  SearchOptions options_;
  Random random_;
  KnownChoice known_;
  CandidateInputs inputs_;
  SurrogateModel model_;
  bool whole_ = false;  // whether the pool is the whole space
};

}  // namespace

std::unique_ptr<Algorithm> make_surrogate(const Problem& problem, const SearchOptions& options,
                                          const std::vector<Genotype>& seeds) {
  return std::make_unique<Surrogate>(problem, options, seeds);
}

}  // namespace lanewise::nas
