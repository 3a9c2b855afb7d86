// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "core/base/parallel.hpp"
#include "core/base/random.hpp"
#include "core/mapping/partition.hpp"
#include "study/campaign/boundary_shapes.hpp"
#include "study/campaign/campaign.hpp"

namespace lanewise::study {
namespace {

// Draws for a subgraph that turns out known, or not worth measuring, before another kind has its turn.
constexpr int kTriesASubgraph = 20;
// So many of them without a find one after the other: there is hardly anything left to be found.
constexpr int kVainInTurn = 200;
// Subgraphs of variants to draw from, for each that is wanted: all of one variant would teach less.
constexpr double kVariedChoice = 2;

std::vector<std::int64_t> channel_multiples(const CampaignOptions& options, const engine::Family& family,
                                            const engine::EngineConfig& base) {
  if (!options.multiples.empty()) return options.multiples;
  std::set<std::int64_t> multiples = {1, base.array.parallelism_factor};
  for (const engine::FamilyRange& range : family.ranges) {
    if (range.key != "engine.parallelism_factor") continue;
    for (const std::string& value : range.values) multiples.insert(std::stoll(value));
  }
  return {multiples.begin(), multiples.end()};
}

// What all engines' plans are made from.
struct Sources {
  struct Variant {
    network::Graph graph;
    std::string of;  // the network's name
  };
  const std::vector<network::Graph>& graphs;
  std::vector<Variant> variants;
  const CampaignOptions& options;
};

struct EnginePlan {
  std::vector<Job> jobs;
  std::int64_t refused_networks = 0, complete_networks = 0;
};

// The subgraphs that one engine is measured with.
class EnginePlanner {
 public:
  EnginePlanner(const Sources& sources, const SampledEngine& engine, std::size_t number, std::size_t quota,
                const std::function<bool()>& stopped)
      : sources_(sources),
        engine_(engine.config),
        number_(number),
        quota_(quota),
        stopped_(stopped),
        random_(sources.options.seed ^ stable_hash(engine.hash)) {}

  EnginePlan plan() {
    const CampaignOptions& options = sources_.options;
    const std::size_t formed = knows_forms(engine_) ? share(options.forms.row_share) : 0;
    quota_ -= formed;
    read_networks();
    take_whole_networks();
    const std::size_t shapes = options.shapes.empty() ? 0 : share(options.shape_share);
    const std::size_t boundaries = std::min(share(options.boundary_share), left() - std::min(left(), shapes));
    const std::size_t kept = std::min(left(), shapes + boundaries);
    read_variants(left() - kept);
    take_from(varied_, left() - kept);
    take_made(shapes, [this] { return made_of_shapes(); });
    take_made(std::min(boundaries, left()), [this] { return made_at_boundary(); });
    quota_ += formed;
    take_made(std::min(formed, left()), [this] { return made_with_form(); });
    // What these had too little for.
    take_from(given_, left());
    take_from(varied_, left());
    finish();
    return std::move(plan_);
  }

 private:
  struct Known {
    std::vector<record::NetworkMembership> networks;
    bool taken = false;
  };
  using Entry = std::pair<const std::string, Known>;
  struct Network {
    std::vector<Entry*> subgraphs;  // distinct
  };
  // A subgraph of no network, and the one that it was made from, if any.
  struct Made {
    mapping::Subgraph subgraph;
    const Entry* from = nullptr;
  };

  std::size_t share(double of) const {
    return static_cast<std::size_t>(std::llround(of * static_cast<double>(quota_)));
  }
  std::size_t left() const { return quota_ - taken_; }

  // An engine with many rows takes long: whoever asks to stop need not wait for it.
  void stop_if_asked() const {
    if (stopped_ && stopped_()) throw Interrupted();
  }

  bool subgraphs_of(const network::Graph& graph, std::vector<mapping::Subgraph>& subgraphs) {
    stop_if_asked();
    try {
      subgraphs = mapping::partition(graph, engine_);
      return true;
    } catch (const Error&) {
      ++plan_.refused_networks;
      return false;
    }
  }

  void read_networks() {
    for (const network::Graph& graph : sources_.graphs) {
      networks_.emplace_back();
      std::vector<mapping::Subgraph> subgraphs;
      if (!subgraphs_of(graph, subgraphs)) continue;
      for (const mapping::Subgraph& subgraph : subgraphs) {
        const auto [place, fresh] = known_.try_emplace(mapping::subgraph_key(subgraph));
        Entry& entry = *place;
        if (fresh) given_.push_back(&entry);
        auto& members = entry.second.networks;
        if (members.empty() || members.back().network != graph.name()) {
          members.push_back({graph.name(), 0, static_cast<std::int64_t>(subgraphs.size())});
          networks_.back().subgraphs.push_back(&entry);
        }
        ++members.back().occurrences;
      }
    }
  }

  // Engine by engine another network is the first to find room, so that none is left out for its size.
  void take_whole_networks() {
    if (networks_.empty()) return;
    std::vector<std::size_t> order(networks_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    Random(sources_.options.seed).shuffle(order);
    const auto first = order.begin() + static_cast<std::ptrdiff_t>(number_ % order.size());
    std::rotate(order.begin(), first, order.end());
    const std::size_t room = std::min(quota_, share(sources_.options.network_share));
    for (const std::size_t n : order) {
      std::size_t more = 0;
      for (const Entry* subgraph : networks_[n].subgraphs) more += subgraph->second.taken ? 0 : 1;
      if (taken_ + more > room) continue;
      for (Entry* subgraph : networks_[n].subgraphs) take(*subgraph);
    }
    // Room that no whole network fits in any more goes to single subgraphs of the networks.
    take_from(given_, room - taken_);
  }

  void read_variants(std::size_t wanted) {
    std::vector<std::size_t> order(sources_.variants.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    random_.shuffle(order);
    const auto enough = static_cast<std::size_t>(kVariedChoice * static_cast<double>(wanted));
    for (std::size_t i = 0; i < order.size() && varied_.size() < enough; ++i) {
      std::vector<mapping::Subgraph> subgraphs;
      const Sources::Variant& variant = sources_.variants[order[i]];
      if (!subgraphs_of(variant.graph, subgraphs)) continue;
      for (const mapping::Subgraph& subgraph : subgraphs) {
        const auto [place, fresh] = known_.try_emplace(mapping::subgraph_key(subgraph));
        if (fresh) varied_.push_back(&*place);
        add_origin(place->second, variant.of);
      }
    }
  }

  // That a subgraph owes its shape to a network, though it is no part of it.
  static void add_origin(Known& subgraph, const std::string& network) {
    auto& members = subgraph.networks;
    const bool told = std::any_of(members.begin(), members.end(),
                                  [&](const record::NetworkMembership& member) { return member.network == network; });
    if (!told) members.push_back({network, 0, 0});
  }

  void take(Entry& subgraph) {
    if (subgraph.second.taken) return;
    subgraph.second.taken = true;
    ++taken_;
  }

  void take_from(std::vector<Entry*>& subgraphs, std::size_t count) {
    random_.shuffle(subgraphs);
    for (Entry* subgraph : subgraphs) {
      if (count == 0) return;
      if (subgraph->second.taken) continue;
      take(*subgraph);
      --count;
    }
  }

  template <class Make>
  void take_made(std::size_t count, const Make& make) {
    int vain = 0;
    for (; count > 0 && vain < kVainInTurn; --count, ++vain) {
      stop_if_asked();
      for (int tries = 0; tries < kTriesASubgraph; ++tries) {
        const std::optional<Made> made = make();
        if (!made) continue;
        const auto [place, fresh] = known_.try_emplace(mapping::subgraph_key(made->subgraph));
        if (!fresh) continue;
        if (made->from != nullptr) {
          for (const record::NetworkMembership& member : made->from->second.networks)
            add_origin(place->second, member.network);
        }
        take(*place);
        vain = -1;
        break;
      }
    }
  }

  std::optional<Made> made_of_shapes() {
    std::optional<mapping::Subgraph> drawn = draw_subgraph(random_.pick(sources_.options.shapes), engine_, random_);
    if (!drawn) return std::nullopt;
    return Made{std::move(*drawn), nullptr};
  }

  std::optional<Made> made_at_boundary() {
    const std::vector<Entry*>& from = !varied_.empty() && random_.chance(0.5) ? varied_ : given_;
    if (from.empty()) return std::nullopt;
    const Entry* origin = random_.pick(from);
    const mapping::Subgraph subgraph = mapping::parse_subgraph_key(origin->first);
    std::optional<mapping::Subgraph> moved =
        move_to_boundary(subgraph, static_cast<Boundary>(random_.below(kBoundaryCount)), engine_, random_);
    if (!moved) return std::nullopt;
    return Made{std::move(*moved), origin};
  }

  // A subgraph of a network, of a variant or of the shapes, with weights that are pruned or clustered.
  std::optional<Made> made_with_form() {
    const CampaignOptions& options = sources_.options;
    constexpr double kOfShapes = 0.2;
    const std::vector<Entry*>& from = !varied_.empty() && random_.chance(0.5) ? varied_ : given_;
    Made made;
    if (from.empty() || (!options.shapes.empty() && random_.chance(kOfShapes))) {
      if (options.shapes.empty()) return std::nullopt;
      const std::optional<mapping::Subgraph> drawn = draw_subgraph(random_.pick(options.shapes), engine_, random_);
      if (!drawn) return std::nullopt;
      made.subgraph = *drawn;
    } else {
      made.from = random_.pick(from);
      made.subgraph = mapping::parse_subgraph_key(made.from->first);
    }
    std::optional<mapping::Subgraph> formed = with_drawn_form(made.subgraph, engine_, options.forms, random_);
    if (!formed) return std::nullopt;
    return Made{std::move(*formed), made.from};
  }

  void finish() {
    for (auto& [key, subgraph] : known_) {
      if (!subgraph.taken) continue;
      Job job;
      job.engine = number_;
      job.subgraph_key = key;
      for (const record::NetworkMembership& member : subgraph.networks) {
        job.weight += static_cast<double>(member.occurrences);
      }
      job.networks = subgraph.networks;
      std::sort(job.networks.begin(), job.networks.end(),
                [](const auto& a, const auto& b) { return a.network < b.network; });
      plan_.jobs.push_back(std::move(job));
    }
    for (const Network& network : networks_) {
      const bool complete = std::all_of(network.subgraphs.begin(), network.subgraphs.end(),
                                        [](const Entry* subgraph) { return subgraph->second.taken; });
      plan_.complete_networks += !network.subgraphs.empty() && complete ? 1 : 0;
    }
  }

  const Sources& sources_;
  const engine::EngineConfig& engine_;
  std::size_t number_, quota_, taken_ = 0;
  const std::function<bool()>& stopped_;
  Random random_;
  std::map<std::string, Known> known_;  // by key
  std::vector<Network> networks_;       // as given; without subgraphs where the engine cannot run it
  std::vector<Entry*> given_, varied_;  // in the order found, then shuffled
  EnginePlan plan_;
};

void check(const std::vector<network::Graph>& graphs, const CampaignOptions& options) {
  if (options.rows < 1 || options.rows > kMostCampaignRows) {
    throw Error(fmt::format("{} rows cannot be measured: give 1 to {}", options.rows, kMostCampaignRows));
  }
  if (options.engines > kMostCampaignEngines) {
    throw Error(fmt::format("{} engines cannot be sampled: give at most {}", options.engines, kMostCampaignEngines));
  }
  std::set<std::string> names;
  for (const network::Graph& graph : graphs) {
    if (!names.insert(graph.name()).second) {
      throw Error(fmt::format("network '{}' is given twice; rows are told apart by its name", graph.name()));
    }
  }
  const double shares = options.network_share + options.boundary_share + options.shape_share;
  constexpr double kRounding = 1e-9;
  if (shares > 1 + kRounding) throw Error(fmt::format("shares of networks, cliffs and shapes add up to {}", shares));
  if (graphs.empty() && options.shapes.empty()) throw Error("neither networks nor shapes to measure");
}

// How many rows each engine gets.
std::vector<std::size_t> quotas_of(const CampaignOptions& options, std::size_t engines) {
  std::vector<std::size_t> quotas;
  const auto count = static_cast<std::int64_t>(engines);
  const std::int64_t on_base = std::llround(options.base_share * static_cast<double>(options.rows));
  for (std::int64_t e = 0, left = options.rows; e < count; ++e) {
    const std::int64_t even = ceil_div(left, count - e);
    const std::int64_t mine = std::min(left, e == 0 ? std::max(on_base, even) : even);
    quotas.push_back(static_cast<std::size_t>(mine));
    left -= mine;
  }
  return quotas;
}

// What a shard has of the engines: their numbers, and of each the part.
std::vector<std::pair<std::size_t, EnginePart>> engines_of(const Shard& shard, std::size_t engines) {
  std::vector<std::pair<std::size_t, EnginePart>> mine;
  for (std::size_t e = 0; e < engines; ++e) {
    const EnginePart part = part_of_engine(shard, e, engines);
    if (!part.empty()) mine.emplace_back(e, part);
  }
  return mine;
}

}  // namespace

Campaign plan_campaign(const std::vector<network::Graph>& graphs, const engine::EngineConfig& base,
                       const engine::Family& family, const CampaignOptions& options, const Progress& progress,
                       int threads) {
  check(graphs, options);
  EngineSample sample =
      options.members ? sample_engines(base, family, options.engines, options.outside_share, options.focus,
                                       options.seed, options.sampling, progress)
                      : sample_ranges(base, family, options.engines, options.base_share > 0, options.outside_share,
                                      options.focus, options.seed, options.sampling, progress);
  Campaign campaign;
  campaign.record = record_of(graphs, base, family, options);
  campaign.engines = std::move(sample.engines);
  vary_weight_keys(campaign.engines, options.forms, options.seed);
  campaign.refused_engines = sample.refused;

  Sources sources{graphs, {}, options};
  const std::vector<std::int64_t> multiples = channel_multiples(options, family, base);
  for (const network::Graph& graph : graphs) {
    progress("planning", 0, 0);
    std::vector<network::Graph> more = network_variants(graph, options.variants, multiples, options.seed);
    for (std::size_t v = 1; v < more.size(); ++v) sources.variants.push_back({std::move(more[v]), graph.name()});
  }

  const std::size_t engines = campaign.engines.size();
  const std::vector<std::size_t> quotas = quotas_of(options, engines);
  const auto mine = engines_of(options.shard, engines);
  std::vector<EnginePlan> plans(mine.size());
  parallel_for(
      mine.size(), threads,
      [&](std::size_t i) {
        const std::size_t e = mine[i].first;
        plans[i] = EnginePlanner(sources, campaign.engines[e], e, quotas[e], progress.stopped).plan();
      },
      [&](std::size_t done) {
        progress("planning", static_cast<std::int64_t>(done), static_cast<std::int64_t>(mine.size()));
      });
  for (std::size_t i = 0; i < mine.size(); ++i) {
    const EnginePart& part = mine[i].second;
    // Of an engine that several shards share, the first counts what is of the engine as a whole.
    if (part.begin == 0) {
      campaign.refused_networks += plans[i].refused_networks;
      campaign.complete_networks += plans[i].complete_networks;
    }
    std::copy_if(std::make_move_iterator(plans[i].jobs.begin()), std::make_move_iterator(plans[i].jobs.end()),
                 std::back_inserter(campaign.jobs),
                 [&](const Job& job) { return in_shard(options.shard, part, job.subgraph_key); });
  }
  return campaign;
}

}  // namespace lanewise::study
