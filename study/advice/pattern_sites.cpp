// SPDX-License-Identifier: Apache-2.0
#include "study/advice/pattern_sites.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "core/base/error.hpp"
#include "core/network/rewrite.hpp"
#include "nas/design_pricer.hpp"
#include "nas/moves/moves_file.hpp"
#include "nas/space/gene_text.hpp"
#include "study/codesign/cost_oracle.hpp"

namespace lanewise::study {
namespace {

// Designs of a front without the move, for what it is worth among the others.
constexpr std::size_t kMostTakenOut = 4;

std::optional<double> number_in(const std::string& text) {
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::string rest_of(const std::string& gene, const std::string& move) {
  const std::string start = move + ".";
  return gene.rfind(start, 0) == 0 ? gene.substr(start.size()) : "";
}

// What the value of a gene says of a network that has none of its own: resolutions as shares.
std::string general_value(const nas::MovePlace& place, const std::string& value, const nas::Gene& gene) {
  if (place.move != "input_resolution") return value;
  const auto edge = [](const std::string& size) { return number_in(size.substr(0, size.find('x'))); };
  const auto now = edge(value), given = edge(gene.values.front());
  return now && given && *given > 0 ? fmt::format("{:.3g}", *now / *given) : value;
}

// The value of a key as a number; nullopt of a word.
std::optional<double> key_number(const engine::EngineConfig& base, const std::string& key, const std::string& value) {
  try {
    return engine::numeric_value(engine::with_overrides(base, {{key, value, ""}}), key);
  } catch (const Error&) {
    return std::nullopt;
  }
}

std::string way_of(const nas::MovePlace& place, const nas::Gene& gene, const std::string& value,
                   const engine::EngineConfig& base) {
  const std::string& move = place.move;
  if (move == "fuse" || move == "drop") return move;
  if (move == "channels") return value;
  if (move == "groups") return "group";
  if (move == "input_resolution" || move == "output_resolution") return "smaller";
  const bool of_engine = move == "engine";
  const auto now = of_engine ? key_number(base, place.place, value) : number_in(value);
  const auto before = of_engine ? key_number(base, place.place, gene.values.front()) : number_in(gene.values.front());
  if (!now || !before || *now == *before) return "other";
  if (of_engine) return *now < *before ? "lower" : "higher";
  if (move == "depth_multiplier") return *now < *before ? "narrower" : "wider";
  return *now < *before ? "smaller" : "larger";
}

class SubjectSites {
 public:
  SubjectSites(std::size_t index, const SearchSubject& subject, PatternSites& out)
      : index_(index),
        subject_(subject),
        out_(out),
        space_(subject.space, nas::make_network_space(subject.space, subject.graph.get()), subject.engine,
               subject.family),
        title_(fmt::format("{} on {}", subject.record.network, subject.record.engine)) {
    if (subject.graph) {
      for (nas::MovePlace& place : nas::places_of(*subject.graph, network::find_move_sites(*subject.graph))) {
        const std::string gene = nas::gene_of(place.move, place.place);
        places_.emplace(gene, std::move(place));
      }
    }
    read_front();
  }

  void add(const PricedBy& priced_by) {
    const std::size_t first = out_.sites.size();
    std::size_t of_blocks = 0;
    for (std::size_t gene = 0; gene < space_.genes().size(); ++gene) {
      const auto place = place_of(gene);
      if (!place) {
        ++of_blocks;
        continue;
      }
      add_gene(gene, *place);
    }
    if (of_blocks > 0) {
      out_.not_read.push_back(
          fmt::format("{}: {} genes of a space's own networks, or that set several keys together, name no place that "
                      "other networks have",
                      title_, of_blocks));
    }
    if (priced_by && !front_.empty()) price(first, priced_by(subject_));
  }

 private:
  // The values of a gene that go one way, and the site that stands for them.
  struct Choice {
    std::size_t gene = 0;
    std::set<int> values;
  };

  const std::size_t index_;
  const SearchSubject& subject_;
  PatternSites& out_;
  nas::Space space_;
  const std::string title_;
  std::map<std::string, nas::MovePlace> places_;  // by gene
  std::vector<nas::Genotype> front_;
  std::vector<Choice> choices_;  // of the sites added here, in their order

  std::optional<nas::Genotype> genotype_of(const ChangedGenes& changed) const {
    nas::Genotype genotype = space_.defaults();
    for (const auto& [name, value] : changed) {
      const auto& genes = space_.genes();
      const auto gene = std::find_if(genes.begin(), genes.end(), [&](const nas::Gene& g) { return g.name == name; });
      if (gene == genes.end()) return std::nullopt;
      const auto found = std::find(gene->values.begin(), gene->values.end(), value);
      if (found == gene->values.end()) return std::nullopt;
      genotype[static_cast<std::size_t>(gene - genes.begin())] = static_cast<int>(found - gene->values.begin());
    }
    return space_.canonical(genotype);
  }

  void read_front() {
    std::size_t unread = 0;
    for (const ChangedGenes& changed : subject_.record.front) {
      if (auto genotype = genotype_of(changed)) {
        front_.push_back(std::move(*genotype));
      } else {
        ++unread;
      }
    }
    if (unread > 0) {
      out_.not_read.push_back(
          fmt::format("{}: {} of {} designs of the front have genes or values that the space has not", title_, unread,
                      subject_.record.front.size()));
    }
    if (front_.empty()) out_.not_read.push_back(title_ + ": no design of the front keeps the limits and can be read");
  }

  std::optional<nas::MovePlace> place_of(std::size_t gene) const {
    const std::string& name = space_.genes()[gene].name;
    if (gene >= space_.network_genes()) {
      const std::vector<std::string> keys = engine::parameter_keys();
      if (std::find(keys.begin(), keys.end(), name) == keys.end()) return std::nullopt;
      nas::MovePlace place;
      place.move = "engine";
      place.place = name;
      return place;
    }
    const auto found = places_.find(name);
    return found == places_.end() ? std::nullopt : std::optional(found->second);
  }

  void add_gene(std::size_t gene, const nas::MovePlace& place) {
    const nas::Gene& all = space_.genes()[gene];
    std::map<std::string, Choice> ways;
    std::vector<std::string> order;
    for (std::size_t value = 1; value < all.values.size(); ++value) {
      const std::string way = way_of(place, all, all.values[value], subject_.engine);
      if (ways.count(way) == 0) order.push_back(way);
      ways[way].gene = gene;
      ways[way].values.insert(static_cast<int>(value));
    }
    for (const std::string& way : order) {
      out_.sites.push_back(site_of(place, way, ways[way]));
      choices_.push_back(std::move(ways[way]));
    }
  }

  PatternSite site_of(const nas::MovePlace& place, const std::string& way, const Choice& choice) const {
    const nas::Gene& gene = space_.genes()[choice.gene];
    PatternSite site;
    site.search = index_;
    site.network = subject_.record.network;
    site.engine = subject_.record.engine;
    site.family = subject_.engine.family;
    site.array = subject_.engine.array.parallelism_factor * subject_.engine.array.dot_product_lanes;
    site.place = place;
    site.way = way;
    for (const nas::Genotype& design : front_) {
      const int value = design[choice.gene];
      if (choice.values.count(value) == 0) continue;
      site.values.push_back(general_value(place, gene.values[static_cast<std::size_t>(value)], gene));
    }
    if (!front_.empty()) site.held = static_cast<double>(site.values.size()) / static_cast<double>(front_.size());
    if (subject_.record.candidates == 0) return site;
    std::int64_t tried = 0;
    const auto counts = subject_.record.tried.find(gene.name);
    for (const int value : choice.values) {
      if (counts == subject_.record.tried.end()) break;
      const auto found = counts->second.find(gene.values[static_cast<std::size_t>(value)]);
      if (found != counts->second.end()) tried += found->second;
    }
    site.tried = static_cast<double>(tried) / static_cast<double>(subject_.record.candidates);
    return site;
  }

  // The value that most of the front's designs have here; of several the first.
  int usual_value(const Choice& choice) const {
    std::map<int, int> counts;
    for (const nas::Genotype& design : front_) {
      if (choice.values.count(design[choice.gene]) > 0) ++counts[design[choice.gene]];
    }
    int best = *choice.values.begin(), most = 0;
    for (const auto& [value, count] : counts) {
      if (count > most) best = value, most = count;
    }
    return best;
  }

  // Designs that hold the move, evenly along the front.
  std::vector<nas::Genotype> holders(const Choice& choice) const {
    std::vector<nas::Genotype> all, some;
    for (const nas::Genotype& design : front_) {
      if (choice.values.count(design[choice.gene]) > 0) all.push_back(design);
    }
    const std::size_t count = std::min(all.size(), kMostTakenOut);
    for (std::size_t i = 0; i < count; ++i) some.push_back(all[i * all.size() / count]);
    return some;
  }

  void price(std::size_t first, MeasurementSource& source) {
    const auto oracle = make_cost_oracle(source);
    nas::DesignPricer pricer(space_, *oracle, {nas::Metric::kLatency, nas::Metric::kParameters});
    std::vector<nas::Genotype> asked = {space_.defaults()};
    for (const Choice& choice : choices_) {
      asked.push_back(space_.defaults());
      asked.back()[choice.gene] = usual_value(choice);
      for (const nas::Genotype& design : holders(choice)) {
        asked.push_back(design);
        asked.push_back(design);
        asked.back()[choice.gene] = 0;
      }
    }
    for (nas::Genotype& genotype : asked) genotype = space_.canonical(genotype);
    std::vector<nas::Genotype> distinct = asked;
    std::sort(distinct.begin(), distinct.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    const std::vector<nas::PricedDesign> prices = pricer.price(distinct);
    out_.priced += static_cast<std::int64_t>(distinct.size());
    const auto metric = [&](const nas::Genotype& genotype, nas::Metric wanted) {
      const auto found = std::lower_bound(distinct.begin(), distinct.end(), genotype);
      const nas::PricedDesign& priced = prices[static_cast<std::size_t>(found - distinct.begin())];
      return priced.failure.empty() ? priced.metrics[wanted] : std::nan("");
    };
    std::size_t at = 1;
    for (std::size_t i = 0; i < choices_.size(); ++i) {
      PatternSite& site = out_.sites[first + i];
      const nas::Genotype& alone = asked[at++];
      const auto latency = [&](const nas::Genotype& genotype) { return metric(genotype, nas::Metric::kLatency); };
      const auto parameters = [&](const nas::Genotype& genotype) { return metric(genotype, nas::Metric::kParameters); };
      site.alone_percent = 100 * (1 - latency(alone) / latency(asked[0]));
      site.parameters_percent = 100 * (parameters(alone) / parameters(asked[0]) - 1);
      const std::size_t count = holders(choices_[i]).size();
      double saved = 0;
      for (std::size_t k = 0; k < count; ++k, at += 2) saved += 100 * (1 - latency(asked[at]) / latency(asked[at + 1]));
      if (count > 0) site.in_front_percent = saved / static_cast<double>(count);
    }
  }
};

void add_once(std::vector<double>& values, const std::string& text) {
  const auto value = number_in(text);
  if (value && std::find(values.begin(), values.end(), *value) == values.end()) values.push_back(*value);
}

void add_once(std::vector<std::int64_t>& values, std::int64_t value) {
  if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
}

}  // namespace

nas::SpaceDescription shown_space(const SearchRecord& record, const engine::EngineConfig& engine) {
  nas::SpaceDescription space;
  space.name = "shown";
  space.moves.fuse_ibn = space.moves.align_channels = false;
  space.engine.vary = nas::EngineSettings::Vary::kListed;
  std::map<std::string, std::vector<std::string>> keys;
  const auto show = [&](const std::string& gene, const std::string& value) {
    const auto number = number_in(value);
    const auto whole = number ? static_cast<std::int64_t>(std::clamp(*number, 0.0, 1e6)) : 0;
    if (!rest_of(gene, "fuse").empty()) {
      space.moves.fuse_ibn = true;
    } else if (!rest_of(gene, "depth_multiplier").empty()) {
      if (number && *number >= 0.05 && *number <= 8) add_once(space.moves.depth_multipliers, value);
    } else if (gene == "channels") {
      (value == "even" ? space.moves.even_channels : space.moves.align_channels) = true;
    } else if (!rest_of(gene, "kernel").empty()) {
      if (whole == 3 || whole == 5 || whole == 7) add_once(space.moves.kernels, whole);
    } else if (!rest_of(gene, "groups").empty()) {
      const bool named = value == "lanes" || value == "standard";
      if (named || whole >= 2) {
        add_once(space.moves.depthwise_groups, value == "lanes"      ? nas::MoveSettings::kLanes
                                               : value == "standard" ? network::Moves::kStandard
                                                                     : whole);
      }
    } else if (!rest_of(gene, "drop").empty()) {
      space.moves.drop_repeats = true;
    } else if (gene.find('.') != std::string::npos) {
      keys[gene].push_back(value);
    }
  };
  for (const ChangedGenes& design : record.front) {
    for (const auto& [gene, value] : design) show(gene, value);
  }
  for (const auto& [gene, values] : record.tried) {
    for (const auto& [value, count] : values) show(gene, value);
  }
  const std::vector<std::string> known = engine::parameter_keys();
  for (auto& [key, values] : keys) {
    if (std::find(known.begin(), known.end(), key) == known.end()) continue;
    nas::EngineGene gene;
    gene.name = key;
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    const std::string base = engine::value_text(engine, key);
    values.erase(std::remove(values.begin(), values.end(), base), values.end());
    gene.keys = {{key, values}};
    gene.origin = record.path;
    gene.range = true;  // what the engine refuses is left out
    if (!values.empty()) space.engine.genes.push_back(std::move(gene));
  }
  return space;
}

PatternSites pattern_sites(const std::vector<SearchSubject>& subjects, const PricedBy& priced_by,
                           const Progress& progress) {
  PatternSites out;
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    progress("pricing moves", static_cast<std::int64_t>(i), static_cast<std::int64_t>(subjects.size()));
    SubjectSites(i, subjects[i], out).add(priced_by);
  }
  return out;
}

}  // namespace lanewise::study
