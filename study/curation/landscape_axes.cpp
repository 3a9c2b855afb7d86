// SPDX-License-Identifier: Apache-2.0
#include "study/curation/landscape_axes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <utility>

#include "core/base/error.hpp"
#include "core/mapping/partition.hpp"
#include "nas/space/move_space.hpp"
#include "study/curation/landscape.hpp"

namespace lanewise::study {
namespace {

constexpr const char* kMultiplier = "depth_multiplier.";
constexpr const char* kDrop = "drop.";

// A subgraph of a network and how long it takes.
struct Taken {
  mapping::Subgraph subgraph;
  double cycles = 0;
};
std::vector<Taken> latencies(const network::Graph& graph, const engine::EngineConfig& engine,
                             MeasurementSource& source) {
  std::vector<Taken> out;
  for (mapping::Subgraph& subgraph : mapping::partition(graph, engine)) out.push_back({std::move(subgraph), 0});
  std::vector<SubgraphQuery> queries;
  for (const Taken& taken : out) queries.push_back({&taken.subgraph, &engine});
  const std::vector<record::SubgraphResult> results = source.measure(queries);
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!results[i].failure.empty()) throw Error(results[i].failure);
    out[i].cycles = static_cast<double>(results[i].measurement.latency.count());
  }
  return out;
}

bool has_gene(const nas::Space& space, const std::string& name) {
  const std::vector<nas::Gene>& genes = space.network().genes();
  return std::any_of(genes.begin(), genes.end(), [&](const nas::Gene& gene) { return gene.name == name; });
}

std::string names_of(const nas::Space& space) {
  std::vector<std::string> names;
  for (const nas::Gene& gene : space.network().genes()) names.push_back(gene.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

// The name with the most latency of those that `wanted` allows; "" where there is none.
std::string longest(const std::map<std::string, double>& latency,
                    const std::function<bool(const std::string&)>& wanted) {
  std::string best;
  for (const auto& [name, cycles] : latency) {
    if (wanted(name) && (best.empty() || cycles > latency.at(best))) best = name;
  }
  return best;
}

AxisNames axes_of_stages(const nas::Space& space, const std::vector<Taken>& taken) {
  // Layers of a stage are named STAGE.BLOCK.ROLE.
  std::map<std::string, double> latency;
  for (const Taken& part : taken) latency[part.subgraph.name.substr(0, part.subgraph.name.find('.'))] += part.cycles;
  const auto channels = [&](const std::string& stage) {
    for (const char* property : {".channels", ".depth_multiplier"}) {
      if (has_gene(space, stage + property)) return stage + property;
    }
    return std::string();
  };
  const auto repeats = [&](const std::string& stage) { return has_gene(space, stage + ".repeats"); };
  const std::string both =
      longest(latency, [&](const std::string& stage) { return !channels(stage).empty() && repeats(stage); });
  if (!both.empty()) return {channels(both), both + ".repeats"};
  AxisNames out;
  if (has_gene(space, "depth_multiplier")) out.x = "depth_multiplier";
  const std::string wide = longest(latency, [&](const std::string& stage) { return !channels(stage).empty(); });
  if (out.x.empty() && !wide.empty()) out.x = channels(wide);
  const std::string deep = longest(latency, repeats);
  out.y = !deep.empty() ? deep + ".repeats" : has_gene(space, "repeat_multiplier") ? "repeat_multiplier" : "";
  return out;
}

// How long what writes maps of this size takes.
double cycles_at(const std::vector<Taken>& taken, std::int64_t height, std::int64_t width) {
  double sum = 0;
  for (const Taken& part : taken) {
    if (part.subgraph.shape.out_height == height && part.subgraph.shape.out_width == width) sum += part.cycles;
  }
  return sum;
}

struct MapSize {
  std::int64_t height = 0, width = 0;
};
MapSize map_of(const network::Graph& graph, const network::RepeatRun& run) {
  const std::vector<std::int64_t>& shape = graph.tensor(run.repeats.front().output).shape;
  return shape.size() == 4 ? MapSize{shape[2], shape[3]} : MapSize{};
}

std::string longest_stage(const network::MoveSites& sites, const std::vector<Taken>& taken,
                          const std::function<bool(const std::string&)>& wanted) {
  std::map<std::string, double> latency;
  for (const network::Stage& stage : sites.stages) latency[stage.name] = cycles_at(taken, stage.height, stage.width);
  return longest(latency, wanted);
}

// The run whose blocks take the most.
std::string longest_run(const network::Graph& graph, const network::MoveSites& sites, const std::vector<Taken>& taken,
                        const std::function<bool(const std::string&)>& wanted) {
  std::map<std::string, double> latency;
  for (const network::RepeatRun& run : sites.runs) {
    const MapSize size = map_of(graph, run);
    latency[run.name] = cycles_at(taken, size.height, size.width) * static_cast<double>(run.repeats.size());
  }
  return longest(latency, wanted);
}

AxisNames axes_of_moves(const nas::Space& space, const nas::MoveSpace& moves, const network::Graph& graph,
                        const std::vector<Taken>& taken) {
  const auto is_gene = [&](const char* kind) {
    return [&space, kind](const std::string& name) { return has_gene(space, kind + name); };
  };
  const std::string stage = longest_stage(moves.sites(), taken, is_gene(kMultiplier));
  const std::string run = longest_run(graph, moves.sites(), taken, is_gene(kDrop));
  AxisNames out;
  if (!stage.empty()) out.x = kMultiplier + stage;
  if (!run.empty()) out.y = kDrop + run;
  return out;
}

const network::Stage& stage_of(const network::MoveSites& sites, const std::string& gene) {
  for (const network::Stage& stage : sites.stages) {
    if (kMultiplier + stage.name == gene) return stage;
  }
  std::vector<std::string> names = {kAllGenes};
  for (const network::Stage& stage : sites.stages) names.push_back(kMultiplier + stage.name);
  throw Error(fmt::format("--x: '{}' must be one of {}", gene, fmt::join(names, ", ")));
}

}  // namespace

std::int64_t narrowest_channels(const network::Graph& graph, std::int64_t height, std::int64_t width) {
  std::int64_t narrowest = 0;
  for (const network::Operator& op : graph.operators()) {
    if (op.kind != network::OperatorKind::kConvolution || op.groups != 1) continue;
    const std::vector<std::int64_t>& shape = graph.tensor(op.outputs.front()).shape;
    if (shape.size() != 4 || shape[2] != height || shape[3] != width) continue;
    if (narrowest == 0 || shape[1] < narrowest) narrowest = shape[1];
  }
  return narrowest;
}

AxisNames default_axes(const nas::Space& space, MeasurementSource& source) {
  const engine::EngineConfig engine = space.engine(space.defaults());
  const network::Graph graph = space.graph(space.defaults(), engine);
  const std::vector<Taken> taken = latencies(graph, engine, source);
  const auto* const moves = dynamic_cast<const nas::MoveSpace*>(&space.network().topology());
  const AxisNames out = moves != nullptr ? axes_of_moves(space, *moves, graph, taken) : axes_of_stages(space, taken);
  const std::string names = names_of(space);
  if (names.empty()) throw Error("the space has no genes of networks: there is no landscape of them");
  if (out.x.empty()) throw Error("no gene of the space says how many channels there are: give --x, one of " + names);
  if (out.y.empty()) throw Error("no gene of the space says how deep a network is: give --y, one of " + names);
  return out;
}

ChannelSpace channel_space(const network::Graph& graph, const engine::EngineConfig& engine, MeasurementSource& source,
                           const ChannelSpaceOptions& options) {
  constexpr std::int64_t kValues = 48, kMostStep = 8;
  const network::MoveSites sites = network::find_move_sites(graph);
  if (sites.stages.empty()) throw Error(graph.name() + ": no channels of this network may change");
  if (sites.runs.empty()) throw Error(graph.name() + ": no block of this network repeats, so none may go");
  const std::vector<Taken> taken = latencies(graph, engine, source);
  const auto any = [](const std::string&) { return true; };
  ChannelSpace out;
  out.axes.x = options.x.empty() ? kMultiplier + longest_stage(sites, taken, any) : options.x;
  out.axes.y = options.y.empty() ? kDrop + longest_run(graph, sites, taken, any) : options.y;
  const network::Stage& stage = out.axes.x == kAllGenes ? sites.stages.back() : stage_of(sites, out.axes.x);
  out.channels = std::max<std::int64_t>(1, narrowest_channels(graph, stage.height, stage.width));
  const auto low = static_cast<std::int64_t>(std::ceil(options.least * static_cast<double>(out.channels)));
  const auto high = static_cast<std::int64_t>(std::floor(options.most * static_cast<double>(out.channels)));
  std::int64_t step = options.step;
  for (step = std::max<std::int64_t>(1, step); options.step == 0 && step < kMostStep; step *= 2) {
    if ((high - low) / step < kValues) break;
  }
  out.description.name = graph.name();
  nas::MoveSettings& moves = out.description.moves;
  moves.fuse_ibn = false;
  moves.align_channels = false;
  moves.drop_repeats = true;
  // Counted from the network's own channels, so that these are among the values.
  for (std::int64_t channels = out.channels - (out.channels - low) / step * step; channels <= high; channels += step) {
    const double multiplier = static_cast<double>(channels) / static_cast<double>(out.channels);
    if (channels != out.channels && multiplier > 0) moves.depth_multipliers.push_back(multiplier);
  }
  out.description.engine.vary = nas::EngineSettings::Vary::kNone;
  return out;
}

}  // namespace lanewise::study
