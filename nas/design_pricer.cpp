// SPDX-License-Identifier: Apache-2.0
#include "nas/design_pricer.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "core/base/error.hpp"
#include "core/mapping/context_costs.hpp"
#include "core/mapping/operator_fusion.hpp"
#include "nas/price_table.hpp"
#include "nas/stretch_table.hpp"

namespace lanewise::nas {
namespace {

// Networks kept: one is some hundred kilobytes.
constexpr std::size_t kGraphsKept = 512;
// Designs whose subgraphs are priced together.
constexpr std::size_t kTogether = 256;
// Bounds of what is remembered. When one is passed, all is dropped: engines that were met long ago, else everything.
constexpr std::size_t kEnginesKept = 64;
constexpr std::size_t kMostStretches = std::size_t{1} << 17;  // each about a kilobyte
constexpr std::size_t kMostShapes = std::size_t{1} << 16;     // each below a kilobyte
constexpr std::size_t kMostPrices = std::size_t{1} << 20;     // of all engines, each below 200 bytes
constexpr std::size_t kFreeEnginesKept = 1024;                // each some kilobytes
constexpr std::size_t kMostSizes = std::size_t{1} << 16;      // each below a kilobyte
constexpr Metric kFree[] = {Metric::kArea, Metric::kParameters,  Metric::kParameterBytes, Metric::kPeakActivationBytes,
                            Metric::kMacs, Metric::kMacsPerPixel};

double number(std::int64_t value) { return static_cast<double>(value); }

struct EngineState {
  explicit EngineState(engine::EngineConfig engine) : config(std::move(engine)), costs(config) {}
  engine::EngineConfig config;
  mapping::ContextCosts costs;
  PriceTable prices;
  StretchTable::EngineNumber number;
  SquareMillimetres area = config.total_area();
  std::int64_t last_used = 0;  // number of the block
};

// An engine as far as free metrics need it.
struct FreeEngine {
  explicit FreeEngine(engine::EngineConfig engine) : config(std::move(engine)) {}
  engine::EngineConfig config;
  StretchTable::EngineNumber number;
  SquareMillimetres area = config.total_area();
};

// A design on its way to a price.
struct Lowered {
  EngineState* engine = nullptr;  // nullptr: the design has to be looked at as a whole
  NetworkSizes sizes;
  std::vector<PriceTable::Index> subgraphs;
};

// A subgraph that has no price yet.
struct Pending {
  EngineState* engine = nullptr;
  mapping::ShapeTable::Number shape = 0;
  mapping::SubgraphContext context;
  PriceTable::Index entry = 0;
  std::ptrdiff_t form = -1;  // in State::forms, or -1
};

}  // namespace

bool is_free(Metric metric) { return std::find(std::begin(kFree), std::end(kFree), metric) != std::end(kFree); }

struct DesignPricer::State {
  const Space& space;
  CostOracle& costs;
  std::function<void()> check_stop;
  std::array<bool, kMetricCount> wanted{};
  WantedCosts wanted_costs;
  std::int64_t cannot_run = 0;
  PricingCounts counts;
  std::map<std::string, std::shared_ptr<const network::Graph>> graphs;  // by Space::graph_key
  mapping::ShapeTable shapes;
  StretchTable stretches;
  std::map<Genotype, std::unique_ptr<EngineState>> engines;      // by the engine's part of genotypes
  std::map<Genotype, std::unique_ptr<FreeEngine>> free_engines;  // by the engine's part of genotypes
  std::unordered_map<std::string, NetworkSizes> sizes_kept;      // by Space::graph_key
  std::int64_t block = 0;
  std::vector<Pending> pending;
  std::vector<mapping::ClosedForm> forms;          // of those pending that placement asked about
  std::vector<mapping::ClosedForm> design_forms;   // room for all that placement asks about in the design at hand
  std::vector<mapping::Subgraph> subgraphs;        // room for those that are priced
  FusedNetwork fused;                              // room for the design at hand
  std::vector<mapping::SubgraphContext> contexts;  // of its subgraphs

  State(const Space& the_space, CostOracle& oracle, std::function<void()> stop)
      : space(the_space), costs(oracle), check_stop(std::move(stop)), stretches(space.network(), shapes) {}

  bool wants(Metric metric) const { return wanted[static_cast<std::size_t>(metric)]; }

  std::shared_ptr<const network::Graph> network(const Genotype& genotype, const engine::EngineConfig& engine) {
    const std::string key = space.graph_key(genotype, engine);
    const auto found = graphs.find(key);
    if (found != graphs.end()) return found->second;
    if (graphs.size() >= kGraphsKept) graphs.clear();
    return graphs[key] = std::make_shared<const network::Graph>(space.graph(genotype, engine));
  }

  Candidate network_of(const Genotype& genotype) {
    Candidate out;
    try {
      out.engine = space.engine(genotype);
      out.graph = network(genotype, out.engine);
    } catch (const Error& error) {
      out.failure = error.what();
    }
    return out;
  }

  Candidate candidate(const Genotype& genotype) {
    Candidate out = network_of(genotype);
    if (!out.failure.empty()) return out;
    try {
      out.partition = mapping::partition_with_memory(*out.graph, out.engine);
    } catch (const Error& error) {
      out.failure = error.what();
    }
    return out;
  }

  EngineState& engine(const Genotype& genotype) {
    Genotype part = space.engine_part(genotype);
    auto found = engines.find(part);
    if (found == engines.end()) {
      found = engines.emplace(std::move(part), std::make_unique<EngineState>(space.engine(genotype))).first;
      ++counts.engines;
    }
    found->second->last_used = block;
    return *found->second;
  }

  void add_sizes(const NetworkSizes& sizes, SquareMillimetres area, Metrics& metrics) const {
    const auto set = [&](Metric metric, double value) {
      if (wants(metric)) metrics[metric] = value;
    };
    set(Metric::kArea, area.count());
    set(Metric::kParameters, number(sizes.parameters));
    set(Metric::kParameterBytes, number(sizes.parameter_bytes));
    set(Metric::kPeakActivationBytes, number(sizes.peak_activation_bytes));
    set(Metric::kMacs, number(sizes.macs));
    set(Metric::kMacsPerPixel, number(sizes.macs) / number(sizes.input_pixels));
  }

  void add_cost(const Cost& cost, Metrics& metrics) const {
    const auto set = [&](Metric metric, double value) {
      if (wants(metric)) metrics[metric] = value;
    };
    set(Metric::kLatency, cost.latency_ms);
    set(Metric::kEnergy, cost.energy_uj);
    set(Metric::kEnergyDelayProduct, cost.energy_uj * cost.latency_ms);
    set(Metric::kAveragePower, cost.latency_ms > 0 ? cost.energy_uj / cost.latency_ms : 0);  // uJ a ms is mW
    set(Metric::kPeakSramBytes, number(cost.peak_sram.count()));
    set(Metric::kDramBytes, number(cost.dram.count()));
  }

  // The design by way of its partition, priced as a whole.
  PricedDesign price_whole(const Genotype& genotype) {
    PricedDesign out;
    const Candidate design = candidate(genotype);
    out.failure = design.failure;
    if (!out.failure.empty()) return out;
    const Cost cost = costs.price({{&design.engine, &design.partition.subgraphs}}).front();
    out.failure = cost.failure;
    if (!out.failure.empty()) return out;
    add_cost(cost, out.metrics);
    add_sizes(sizes_of(*design.graph, wants(Metric::kPeakActivationBytes)), design.engine.total_area(), out.metrics);
    return out;
  }

  // Puts the network together from what is known of its stretches, or builds and fuses it: into `fused`.
  void fuse(const Genotype& genotype, const engine::EngineConfig& engine, StretchTable::EngineNumber& number) {
    const std::int64_t builds = stretches.builds();
    if (stretches.find(space.network_part(genotype), engine, number, fused)) {
      ++(stretches.builds() == builds ? counts.put_together : counts.built);
      return;
    }
    ++counts.built;
    const std::shared_ptr<const network::Graph> graph = network(genotype, engine);
    const std::vector<mapping::SubgraphDraft> drafts = mapping::fuse_operators(*graph, engine);
    fused.flat = mapping::flatten(drafts.data(), drafts.data() + drafts.size(), *graph, shapes);
    fused.sizes = sizes_of(*graph, wants(Metric::kPeakActivationBytes));
  }

  // Pools of candidates come with the same engines and networks again and again.
  PricedDesign free_metrics(const Genotype& genotype) {
    PricedDesign out;
    try {
      Genotype part = space.engine_part(genotype);
      auto found = free_engines.find(part);
      if (found == free_engines.end()) {
        if (free_engines.size() >= kFreeEnginesKept) free_engines.clear();
        found = free_engines.emplace(std::move(part), std::make_unique<FreeEngine>(space.engine(genotype))).first;
      }
      FreeEngine& engine = *found->second;
      std::string key = space.graph_key(genotype, engine.config);
      auto sizes = sizes_kept.find(key);
      if (sizes == sizes_kept.end()) {
        fuse(genotype, engine.config, engine.number);
        if (sizes_kept.size() >= kMostSizes) sizes_kept.clear();
        sizes = sizes_kept.emplace(std::move(key), fused.sizes).first;
      }
      add_sizes(sizes->second, engine.area, out.metrics);
    } catch (const Error& error) {
      out.failure = error.what();
    }
    return out;
  }

  // A design that is no such design, or whose engine runs cascades, is left to price_whole, which says why.
  Lowered lower(const Genotype& genotype) {
    Lowered out;
    try {
      EngineState& state = engine(genotype);
      if (state.config.mapping.cascade) return out;
      fuse(genotype, state.config, state.number);
      state.costs.keep_forms(&design_forms);
      mapping::place_flat(fused.flat, shapes, state.config, state.costs, contexts);
      out.sizes = fused.sizes;
      out.subgraphs.reserve(contexts.size());
      for (std::size_t i = 0; i < contexts.size(); ++i) {
        bool fresh = false;
        const mapping::ShapeTable::Number shape = fused.flat.drafts[i].shape;
        out.subgraphs.push_back(state.prices.index(shape, contexts[i], fresh));
        if (!fresh) continue;
        pending.push_back({&state, shape, contexts[i], out.subgraphs.back()});
        const mapping::ClosedForm* const form = state.costs.form(shape, contexts[i]);
        if (form == nullptr) continue;
        pending.back().form = static_cast<std::ptrdiff_t>(forms.size());
        forms.push_back(*form);
      }
      state.costs.keep_forms(nullptr);
      counts.subgraphs += static_cast<std::int64_t>(contexts.size());
      out.engine = &state;
    } catch (const Error&) {
      out = {};
    }
    return out;
  }

  void price_pending() {
    counts.priced += static_cast<std::int64_t>(pending.size());
    subgraphs.resize(std::max(subgraphs.size(), pending.size()));
    std::vector<SubgraphOnEngine> queries;
    queries.reserve(pending.size());
    for (std::size_t i = 0; i < pending.size(); ++i) {
      subgraphs[i].shape = shapes[pending[i].shape].shape;
      subgraphs[i].context = pending[i].context;
      const mapping::ClosedForm* const form =
          pending[i].form < 0 ? nullptr : &forms[static_cast<std::size_t>(pending[i].form)];
      queries.push_back({&subgraphs[i], &pending[i].engine->config, form});
    }
    const std::vector<SubgraphCost> answers = costs.price_subgraphs(queries, wanted_costs);
    for (std::size_t i = 0; i < pending.size(); ++i) pending[i].engine->prices.set(pending[i].entry, answers[i]);
    pending.clear();
    forms.clear();
  }

  // False where the engine refuses a subgraph.
  static bool sum(const Lowered& design, Cost& cost) {
    for (const PriceTable::Index entry : design.subgraphs) {
      const SubgraphCost& part = design.engine->prices[entry];
      if (part.refused) return false;
      cost.latency += part.latency;
      cost.energy_uj += part.energy.count() / 1e6;
      cost.dram += part.dram;
      cost.peak_sram = std::max(cost.peak_sram, part.peak_sram);
    }
    cost.latency_ms = design.engine->config.seconds(cost.latency).count() * 1e3;
    return true;
  }

  void price_block(const Genotype* genotypes, std::size_t count, PricedDesign* out) {
    ++block;
    counts.designs += static_cast<std::int64_t>(count);
    std::vector<Lowered> designs(count);
    for (std::size_t i = 0; i < count; ++i) {
      check_stop();
      if (costs.prices_subgraphs()) designs[i] = lower(genotypes[i]);
    }
    if (!pending.empty()) price_pending();
    for (std::size_t i = 0; i < count; ++i) {
      Cost cost;
      if (designs[i].engine == nullptr || !sum(designs[i], cost)) {
        out[i] = price_whole(genotypes[i]);
      } else {
        add_cost(cost, out[i].metrics);
        add_sizes(designs[i].sizes, designs[i].engine->area, out[i].metrics);
      }
      if (!out[i].failure.empty()) ++cannot_run;
    }
    bound();
  }

  void bound() {
    std::size_t prices = 0;
    for (const auto& [genotype, state] : engines) prices += state->prices.size() + state->costs.size();
    if (stretches.size() > kMostStretches || shapes.size() > kMostShapes || prices > kMostPrices) {
      ++counts.forgotten;
      return forget();
    }
    if (engines.size() <= kEnginesKept) return;
    std::vector<std::pair<std::int64_t, const Genotype*>> by_use;
    for (const auto& [genotype, state] : engines) by_use.emplace_back(state->last_used, &genotype);
    std::stable_sort(by_use.begin(), by_use.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    by_use.resize(by_use.size() - kEnginesKept);
    for (const auto& [used, genotype] : by_use) engines.erase(Genotype(*genotype));
  }

  void forget() {
    engines.clear();
    stretches.clear();
    shapes = {};
    pending.clear();
    forms.clear();
  }
};

DesignPricer::DesignPricer(const Space& space, CostOracle& costs, const std::vector<Metric>& wanted,
                           std::function<void()> check_stop)
    : state_(std::make_unique<State>(space, costs, std::move(check_stop))) {
  for (const Metric metric : wanted) state_->wanted[static_cast<std::size_t>(metric)] = true;
  if (wanted.empty()) state_->wanted.fill(true);
  const bool both = state_->wants(Metric::kEnergyDelayProduct) || state_->wants(Metric::kAveragePower);
  state_->wanted_costs = {both || state_->wants(Metric::kLatency), both || state_->wants(Metric::kEnergy),
                          state_->wants(Metric::kDramBytes), state_->wants(Metric::kPeakSramBytes)};
  if (!state_->check_stop) state_->check_stop = [] {};
}
DesignPricer::~DesignPricer() = default;
DesignPricer::DesignPricer(DesignPricer&&) noexcept = default;

std::int64_t DesignPricer::cannot_run() const { return state_->cannot_run; }
const PricingCounts& DesignPricer::counts() const { return state_->counts; }
Candidate DesignPricer::network_of(const Genotype& genotype) { return state_->network_of(genotype); }
Candidate DesignPricer::candidate(const Genotype& genotype) { return state_->candidate(genotype); }

std::vector<PricedDesign> DesignPricer::price(const std::vector<Genotype>& genotypes) {
  std::vector<PricedDesign> out(genotypes.size());
  try {
    for (std::size_t first = 0; first < genotypes.size(); first += kTogether) {
      state_->price_block(genotypes.data() + first, std::min(kTogether, genotypes.size() - first), out.data() + first);
    }
  } catch (...) {
    state_->forget();  // some entries may have no price
    throw;
  }
  return out;
}

std::vector<PricedDesign> DesignPricer::free_metrics(const std::vector<Genotype>& genotypes) {
  std::vector<PricedDesign> out;
  out.reserve(genotypes.size());
  for (const Genotype& genotype : genotypes) out.push_back(state_->free_metrics(genotype));
  return out;
}

}  // namespace lanewise::nas
