// SPDX-License-Identifier: Apache-2.0
#include "study/advice/advised_space.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/base/error.hpp"
#include "nas/moves/settle.hpp"
#include "nas/space/move_space.hpp"
#include "study/codesign/job.hpp"

namespace lanewise::study {
namespace {

constexpr const char* kEngine = "engine";

double number_in(const std::string& text) {
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  return status == std::errc() && end == text.data() + text.size() ? value : std::nan("");
}

template <class T>
void add_once(std::vector<T>& list, const T& value) {
  if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(value);
}

// Settings that offer, beside what they do, the values that a person has taken.
nas::MoveSettings with_values(nas::MoveSettings settings, const nas::ResolvedMoves& decided) {
  for (const nas::PlacedMove& move : decided.moves) {
    const double number = number_in(move.value);
    const auto whole = std::isnan(number) ? std::int64_t{0} : std::llround(number);
    if (move.move == "fuse") {
      settings.fuse_ibn = true;
    } else if (move.move == "depth_multiplier") {
      add_once(settings.depth_multipliers, number);
    } else if (move.move == "channels") {
      settings.align_channels = settings.align_channels || move.value == "aligned";
      settings.even_channels = settings.even_channels || move.value == "even";
      if (whole > 0) add_once(settings.channel_multiples, std::int64_t{whole});
    } else if (move.move == "kernel") {
      add_once(settings.kernels, std::int64_t{whole});
    } else if (move.move == "groups") {
      add_once(settings.depthwise_groups, move.value == "lanes"      ? nas::MoveSettings::kLanes
                                          : move.value == "standard" ? network::Moves::kStandard
                                                                     : std::int64_t{whole});
    } else if (move.move == "drop") {
      settings.drop_repeats = true;
    } else if (move.move == "input_resolution") {
      const double share = static_cast<double>(decided.moves_for(1).input_height) /
                           static_cast<double>(std::max<std::int64_t>(1, decided.sites.input_height));
      add_once(settings.input_resolutions, share);
    } else if (move.move == "output_resolution") {
      add_once(settings.output_resolutions, number);
    }
  }
  return settings;
}

std::vector<nas::Limit> capacity_limits(const nas::MovesFile& file) {
  std::vector<std::string> texts;
  if (file.capacity_parameters > 0)
    texts.push_back(fmt::format("parameters>={:.10g}*baseline", file.capacity_parameters));
  if (file.capacity_macs > 0) texts.push_back(fmt::format("macs>={:.10g}*baseline", file.capacity_macs));
  return nas::parse_limits(texts);
}

// The value of a gene that means what a person wrote; -1 where there is none.
int value_index(const nas::Gene& gene, const nas::PlacedMove& move, const nas::ResolvedMoves& decided) {
  std::string text = move.value;
  if (move.move == "input_resolution") {
    const network::Moves moves = decided.moves_for(1);
    text = fmt::format("{}x{}", moves.input_height, moves.input_width);
  } else if (move.move == "depth_multiplier" || move.move == "output_resolution") {
    text = fmt::format("{:.10g}", number_in(text));
  }
  for (std::size_t i = 0; i < gene.values.size(); ++i) {
    if (gene.values[i] == text) return static_cast<int>(i);
  }
  return -1;
}

std::size_t gene_index(const std::vector<nas::Gene>& genes, const std::string& name) {
  const auto found = std::find_if(genes.begin(), genes.end(), [&](const nas::Gene& g) { return g.name == name; });
  return static_cast<std::size_t>(found - genes.begin());
}

}  // namespace

AdvisedSpace::AdvisedSpace(const AdviceJob& job)
    : decided_(nas::settle_moves(job.moves, *job.graph, job.engine).moves), limits_(job.limits) {
  if (job.space.blocks) {
    throw Error(
        fmt::format("space '{}' has networks of its own: advice is about moves on a given one", job.space.name));
  }
  if (!job.space.numbers.empty()) {
    throw Error(
        fmt::format("space '{}' has genes of forms and precisions, which are no moves: advice on these is given by "
                    "--precision-moves and --compression-moves",
                    job.space.name));
  }
  if (job.space.accuracy.oracle != "capacity") {
    throw Error(
        fmt::format("space '{}' measures accuracy, which advice does not: give --limit instead", job.space.name));
  }
  for (const nas::Limit& limit : limits_of(job.space)) limits_.push_back(limit);
  // The capacity that the person's file asks for after all moves binds those that are advised, too.
  for (const nas::Limit& limit : capacity_limits(job.moves)) {
    const bool known =
        std::any_of(limits_.begin(), limits_.end(), [&](const nas::Limit& other) { return other.text == limit.text; });
    if (!known) limits_.push_back(limit);
  }
  for (const nas::Limit& limit : limits_) {
    if (limit.metric == nas::Metric::kAccuracy) {
      throw Error(fmt::format("limit '{}': nobody measures accuracy here", limit.text));
    }
  }
  engine_ = engine::with_overrides(job.engine, decided_.engine_overrides());
  nas::SpaceDescription description = job.space;
  description.engine = {};
  description.engine.vary = nas::EngineSettings::Vary::kNone;
  description.moves = with_values(job.space.moves, decided_);
  space_ =
      std::make_unique<nas::Space>(description, nas::make_network_space(description, job.graph), engine_, job.family);
  decide(job);
}

void AdvisedSpace::decide(const AdviceJob& job) {
  const std::vector<nas::Gene>& genes = space_->genes();
  const nas::MoveSpace plain(job.space.moves, *job.graph);
  for (const nas::Gene& gene : genes) {
    std::vector<bool> offered(gene.values.size(), false);
    const std::size_t known = gene_index(plain.genes(), gene.name);
    for (std::size_t v = 0; known < plain.genes().size() && v < gene.values.size(); ++v) {
      const std::vector<std::string>& values = plain.genes()[known].values;
      offered[v] = std::find(values.begin(), values.end(), gene.values[v]) != values.end();
    }
    offered_.push_back(std::move(offered));
  }
  decided_genes_.assign(genes.size(), false);
  start_ = space_->defaults();
  for (const nas::PlacedMove& move : decided_.moves) {
    if (move.move == kEngine) continue;
    const std::size_t gene = gene_index(genes, nas::gene_of(move.move, move.place));
    const int value = gene < genes.size() ? value_index(genes[gene], move, decided_) : -1;
    if (value < 0) {
      const nas::MoveEntry& entry = job.moves.entries[move.entry];
      throw Error(fmt::format("{}:{}: entry 'moves.{}': '{}' is no value that '{}' takes in a search of {}",
                              job.moves.path, entry.line, entry.name, move.value, move.move, job.graph->name()));
    }
    start_[gene] = value;
    decided_genes_[gene] = true;
  }
}

bool AdvisedSpace::is_offered(std::size_t gene, int value) const {
  return offered_[gene][static_cast<std::size_t>(value)];
}

bool AdvisedSpace::undoes_decisions(std::size_t gene, int value) const {
  nas::Genotype genotype = start_;
  genotype[gene] = value;
  genotype = space_->canonical(genotype);
  for (std::size_t g = 0; g < genotype.size(); ++g) {
    if (g != gene && decided_genes_[g] && genotype[g] != start_[g]) return true;
  }
  return false;
}

bool AdvisedSpace::is_vetoed(std::size_t gene, int value) const {
  if (undoes_decisions(gene, value)) return true;
  const std::string& text = value_of(gene, value);
  if (decided_.is_vetoed(move_of(gene), place_of(gene), text)) return true;
  // A veto may write the same number otherwise.
  return std::any_of(decided_.vetoed.begin(), decided_.vetoed.end(), [&](const nas::PlacedMove& veto) {
    return veto.move == move_of(gene) && veto.place == place_of(gene) && number_in(veto.value) == number_in(text);
  });
}

bool AdvisedSpace::may(std::size_t gene, int value) const {
  return !is_decided(gene) && is_offered(gene, value) && (value == 0 || !is_vetoed(gene, value));
}

std::string AdvisedSpace::move_of(std::size_t gene) const {
  const std::string& name = space_->genes()[gene].name;
  return name.substr(0, name.find('.'));
}

std::string AdvisedSpace::place_of(std::size_t gene) const {
  const std::string& name = space_->genes()[gene].name;
  const std::size_t dot = name.find('.');
  return dot == std::string::npos ? "" : name.substr(dot + 1);
}

const std::string& AdvisedSpace::value_of(std::size_t gene, int value) const {
  return space_->genes()[gene].values[static_cast<std::size_t>(value)];
}

}  // namespace lanewise::study
