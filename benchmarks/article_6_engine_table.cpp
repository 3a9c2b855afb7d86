// SPDX-License-Identifier: Apache-2.0
// Every network of NAS-Bench-Macro simulated on the shipped engines, on a full grid of engines and on engines drawn of
// every family: exported with exact fronts, card and splits, summed up, and used to judge the search over networks and
// engines together.
//   article_6_engine_table TABLE.csv --folder FOLDER [--jobs N] [--seeds N] [--no-search] [--svg FILE] [--json]
//                          [--check N --lanewise PROGRAM] [--simulator-sources TEXT] [--only ENGINE …]
//                          [--second energy|area]  the search judged by one second cost alone
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include "benchmarks/accuracy_table.hpp"
#include "benchmarks/engine_table/fill_table.hpp"
#include "benchmarks/engine_table/judge_search.hpp"
#include "benchmarks/engine_table/table_summary.hpp"
#include "benchmarks/engine_table/table_svg.hpp"
#include "core/base/random.hpp"
#include "report/engine_table.hpp"
#include "report/table.hpp"

namespace {

using namespace lanewise;
using Json = nlohmann::ordered_json;

constexpr const char* kAccuracySource =
    "Of [NAS-Bench-Macro](https://github.com/xiusu/NAS-Bench-Macro) (commit 61a2bfc2, Apache-2.0), trained by the "
    "authors "
    "of *Prioritized Architecture Sampling with Monto-Carlo Tree Search* (Su et al., CVPR 2021): CIFAR-10, the mean of "
    "three trainings of each of 6,561 networks.";

// How many engines are drawn of each family, around the engine named.
const std::vector<std::pair<std::string, int>> kDrawn = {{"ne-256", 20}, {"nvdla-small-256", 16}, {"neureka", 4}};

struct Settings {
  std::string table, folder, svg, lanewise, simulator_sources, second;
  std::vector<std::string> only;
  int jobs = 2, seeds = 20, check = 0;
  bool search = true, json = false;
};

study::EngineTable table_of(std::vector<study::TableNetwork> networks, const std::vector<ListedEngine>& engines,
                            const std::string& folder) {
  study::EngineTable table;
  table.space = kNetworkSpace;
  table.simulator_version = version();
  table.networks = std::move(networks);
  for (const ListedEngine& listed : engines) {
    study::TableEngine engine;
    const engine::EngineConfig& config = listed.config;
    engine.name = config.name, engine.family = config.family, engine.hash = listed.hash, engine.origin = listed.origin;
    engine.values = record::engine_values(config);
    engine.group = std::to_string(config.array.parallelism_factor) + ' ' +
                   std::to_string(config.array.dot_product_lanes) + ' ' +
                   std::to_string(config.onchip_capacity().count());
    engine.area_mm2 = config.total_area().count();
    engine.cells = read_cells(metrics_path(folder, config.name), listed, table.networks);
    if (engine.cells.empty()) throw Error(metrics_path(folder, config.name) + ": is not complete");
    table.engines.push_back(std::move(engine));
  }
  return table;
}

void export_table(const study::EngineTable& table, const std::vector<ListedEngine>& engines, const Settings& settings) {
  std::filesystem::create_directories(settings.folder + "/hwconfigs");
  const std::string at = settings.folder + '/';
  for (const ListedEngine& listed : engines) {
    const std::string path = at + "hwconfigs/" + listed.config.name + ".yaml";
    write_file(path, report::hwconfig_text(listed.config));
    if (engine::engine_hash(engine::load_engine(path).config) != listed.hash) {
      throw InternalError(path + ": reads back as another engine");
    }
  }
  // Families say how far they were checked against RTL; without their files engines are of families unknown.
  std::filesystem::copy("hwconfigs/families", at + "hwconfigs/families",
                        std::filesystem::copy_options::recursive | std::filesystem::copy_options::overwrite_existing);
  write_file(at + "networks.csv", report::table_networks_csv(table));
  write_file(at + "engines.csv", report::table_engines_csv(table));
  write_file(at + "fronts.csv", report::table_fronts_csv(table));
  write_file(at + "README.md", report::engine_table_card(table, {kAccuracySource, settings.simulator_sources}));
  write_file(at + "load_table.py", report::engine_table_loader());
}

// What the program itself says of designs drawn at random, engine after engine.
Json check_sample(const study::EngineTable& table, const Settings& settings) {
  Random random(6);
  std::size_t equal = 0;
  std::vector<std::string> differ;
  for (int i = 0; i < settings.check; ++i) {
    const study::TableEngine& engine = table.engines[static_cast<std::size_t>(i) % table.engines.size()];
    const auto n = static_cast<std::size_t>(random.below(table.networks.size()));
    const std::string design = table.networks[n].encoding + " on " + engine.name;
    const std::string command = settings.lanewise + " simulate --space " + kNetworkSpace + " --encoding " +
                                table.networks[n].encoding + " --hw " + settings.folder + "/hwconfigs/" + engine.name +
                                ".yaml --json 2> /dev/null";
    FILE* const pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) throw Error(command + ": cannot be run");
    std::string text;
    char part[4096];
    for (std::size_t read = 0; (read = std::fread(part, 1, sizeof part, pipe)) > 0;) text.append(part, read);
    if (pclose(pipe) != 0) throw Error(command + ": failed");
    const Json total = Json::parse(text).at("total");
    study::TableCell said;
    said.latency_cycles = total.at("latency_cycles"), said.latency_ms = total.at("latency_ms");
    said.energy_uj = total.at("energy_uj"), said.dram_bytes = total.at("dram_bytes");
    said.peak_sram_bytes = total.at("peak_sram_bytes");
    if (said == engine.cells[n] && total.at("area_mm2") == engine.area_mm2) {
      ++equal;
    } else {
      differ.push_back(design);
    }
  }
  if (!differ.empty()) throw Error("the table differs from what is simulated for " + differ.front());
  return {{"designs", settings.check}, {"equal_in_every_metric", equal}};
}

void print(const Json& result) {
  report::Table engines({{"engine", report::Table::Align::kLeft},
                         {"area mm2"},
                         {"front"},
                         {"best % in 25 % of latency"},
                         {"50 %"},
                         {"tau with MACs"},
                         {"median with others"},
                         {"shared front"},
                         {"median lost %"}});
  for (const Json& e : result["engines"]) {
    const Json& best = e["best_accuracy_under_latency_quantile"];
    engines.add({e["engine"], report::fixed(e["area_mm2"], 2), std::to_string(e["front_latency"].get<int>()),
                 report::fixed(best["25"]["accuracy_percent"], 2), report::fixed(best["50"]["accuracy_percent"], 2),
                 report::fixed(e["tau_of_latency_with_macs"], 3),
                 report::fixed(e["tau_of_latency_with_others"]["median"], 3),
                 report::fixed(e["front_shared_with_others"]["median"], 2),
                 report::fixed(100 * e["hypervolume_lost_with_the_fronts_of_others"]["median"].get<double>(), 2)});
  }
  std::printf("%s\n", engines.text().c_str());
  const Json& all = result["all"];
  std::printf("%d networks are on the front of any engine, %d on that of every engine\n",
              all["networks_on_any_front"].get<int>(), all["networks_on_every_front"].get<int>());
  std::printf("%d designs are on the front of accuracy, latency and area of all engines\n",
              all["front_of_all_latency_area"].get<int>());
  if (!result.contains("search")) return;
  for (const auto& [kind, judged] : result["search"].items()) {
    std::printf("\naccuracy, latency and %s over %d designs, %d seeds: share of the true hypervolume\n", kind.c_str(),
                judged["designs"].get<int>(), judged["seeds"].get<int>());
    report::Table table({{"samples"},
                         {"joint"},
                         {"nsga2"},
                         {"random"},
                         {"engine first"},
                         {"ahead"},
                         {"p"},
                         {"engine twice"},
                         {"ahead"},
                         {"p"}});
    for (const auto& [samples, row] : judged["samples"].items()) {
      const Json &first = row["joint_against_engine_then_network"], &again = row["joint_against_engine_chosen_again"];
      const auto share = [&, of = &row](const std::string& name) { return report::fixed((*of)[name]["mean"], 4); };
      table.add({samples, share("surrogate"), share("nsga2"), share("random"), share("engine_then_network"),
                 std::to_string(first["ahead"].get<int>()), report::compact(first["p"]), share("engine_chosen_again"),
                 std::to_string(again["ahead"].get<int>()), report::compact(again["p"])});
    }
    std::printf("%s", table.text().c_str());
  }
}

Settings settings_of(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    const auto value = [&]() -> std::string {
      if (++i >= argc) throw Error(argument + " needs a value");
      return argv[i];
    };
    const auto number = [&](int least) {
      const std::string text = value();
      char* end = nullptr;
      const long read = std::strtol(text.c_str(), &end, 10);
      if (text.empty() || *end != '\0' || read < least || read > 100000) {
        throw Error(argument + " must be a whole number of at least " + std::to_string(least) + ", not '" + text + "'");
      }
      return static_cast<int>(read);
    };
    if (argument == "--folder") {
      settings.folder = value();
    } else if (argument == "--jobs") {
      settings.jobs = number(1);
    } else if (argument == "--seeds") {
      settings.seeds = number(1);
    } else if (argument == "--check") {
      settings.check = number(1);
    } else if (argument == "--lanewise") {
      settings.lanewise = value();
    } else if (argument == "--svg") {
      settings.svg = value();
    } else if (argument == "--simulator-sources") {
      settings.simulator_sources = value();
    } else if (argument == "--only") {
      settings.only.push_back(value());
    } else if (argument == "--second") {
      settings.second = value();
      if (settings.second != "energy" && settings.second != "area") throw Error("--second must be energy or area");
    } else if (argument == "--no-search") {
      settings.search = false;
    } else if (argument == "--json") {
      settings.json = true;
    } else if (argument.rfind("--", 0) == 0 || !settings.table.empty()) {
      throw Error("unknown argument '" + argument + "'");
    } else {
      settings.table = argument;
    }
  }
  if (settings.table.empty() || settings.folder.empty()) throw Error("takes TABLE.csv and --folder FOLDER");
  if (settings.check > 0 && settings.lanewise.empty()) throw Error("--check needs --lanewise PROGRAM");
  return settings;
}

// All engines, or those of --only.
std::vector<ListedEngine> engines_of(const Settings& settings) {
  std::vector<ListedEngine> engines = EngineList(kDrawn).engines();
  if (settings.only.empty()) return engines;
  std::vector<ListedEngine> some;
  for (const std::string& name : settings.only) {
    const auto found = std::find_if(engines.begin(), engines.end(),
                                    [&](const ListedEngine& engine) { return engine.config.name == name; });
    if (found == engines.end()) throw Error("--only " + name + ": is no engine of the table");
    some.push_back(*found);
  }
  return some;
}

Json run(const Settings& settings) {
  const AccuracyTable accuracies = read_accuracy_table(settings.table);
  std::vector<study::TableNetwork> networks;
  for (const AccuracyTable::Row& row : accuracies.rows) {
    networks.push_back(
        {row.encoding, row.accuracy, std::llround(row.parameters), std::llround(row.million_macs * 1e6), 0});
  }
  const NetworksToSimulate simulated = build_networks(networks);
  const std::vector<ListedEngine> engines = engines_of(settings);
  const double cpu = fill_table(settings.folder, engines, networks, simulated, settings.jobs);
  std::fprintf(stderr, "simulating took %.1f s of CPU\n", cpu);
  const study::EngineTable table = table_of(std::move(networks), engines, settings.folder);
  export_table(table, engines, settings);
  Json result;
  result["networks"] = table.networks.size();
  result["graphs"] = simulated.graphs.size();
  result["simulator"] = simulator_name();
  result["simulator_sources"] = settings.simulator_sources;
  if (settings.check > 0) result["checked_against_the_program"] = check_sample(table, settings);
  const TableSummary summary(table);
  result["all"] = summary.of_all();
  for (std::size_t e = 0; e < table.engines.size(); ++e) result["engines"].push_back(summary.of_engine(e));
  if (!settings.svg.empty()) write_file(settings.svg, TableSvg(table, summary).text());
  if (!settings.search) return result;
  for (const SecondCost second : {SecondCost::kEnergy, SecondCost::kArea}) {
    const std::string name = second == SecondCost::kEnergy ? "energy" : "area";
    if (!settings.second.empty() && settings.second != name) continue;
    result["search"][name] = judge_search(EngineGrid(table, second), settings.seeds);
  }
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Settings settings = settings_of(argc, argv);
    const Json result = run(settings);
    if (settings.json) {
      std::cout << result.dump(2) << '\n';
    } else {
      print(result);
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "lanewise: error: " << error.what() << '\n';
    return 1;
  }
}
