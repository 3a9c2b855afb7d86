// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "cli/console/terminal.hpp"
#include "cli/network_argument.hpp"
#include "cli/options.hpp"
#include "cli/page_option.hpp"
#include "cli/verbs.hpp"
#include "cli/workload.hpp"
#include "core/engine/engine_identity.hpp"
#include "core/mapping/partition.hpp"
#include "core/record/file.hpp"
#include "report/answer.hpp"
#include "report/memory.hpp"
#include "report/profile.hpp"
#include "report/sensitivity.hpp"
#include "report/trace.hpp"
#include "report/waveform.hpp"
#include "sim/pool/worker_pool.hpp"
#include "study/evaluation/answer.hpp"
#include "study/evaluation/profile.hpp"
#include "study/evaluation/sensitivity.hpp"
#include "study/evaluation/tile_file.hpp"

namespace lanewise::cli {
namespace {

constexpr const char* kHalfTiles = "auto:half";

struct Simulate {
  NetworkArgument networks;
  EngineOptions engine;
  ImportSettings import;
  OutputOptions output;
  PageOption page;
  std::string trace, vcd, roofline, tiles;
  bool with_profile = false, with_sensitivity = false, with_sets = false;
  int jobs = 0;

  // Files that show one network; they must differ.
  void check() const {
    const std::pair<const char*, const std::string*> files[] = {
        {"--trace", &trace}, {"--vcd", &vcd}, {"--roofline", &roofline}, {"--out", &output.out}};
    for (const auto& [option, file] : files) {
      if (file->empty()) continue;
      if (file != &output.out && networks.models.size() > 1) {
        throw CLI::ValidationError(option, "shows one MODEL, not " + std::to_string(networks.models.size()));
      }
      for (const auto& [other, same] : files) {
        if (option != other && *same == *file) {
          throw CLI::ValidationError(option, "'" + *file + "' is what " + other + " writes too");
        }
      }
    }
  }

  // Tiles of a file go with one network: its layers are named there.
  bool gives_tiles() const { return !tiles.empty() && tiles != kHalfTiles; }

  void check_tiles() const {
    if (!gives_tiles()) return;
    if (networks.models.size() > 1) {
      throw CLI::ValidationError("--tiles",
                                 "names the layers of one MODEL, not of " + std::to_string(networks.models.size()));
    }
    for (const auto& [given, option] :
         {std::pair{with_profile, "--profile"}, std::pair{with_sensitivity, "--sensitivity"},
          std::pair{!roofline.empty(), "--roofline"}, std::pair{page.wanted(), "--report"}}) {
      if (given) throw CLI::ValidationError("--tiles", "cannot be given with " + std::string(option));
    }
  }

  study::NetworkAnswer answer(const network::Graph& graph, const engine::EngineConfig& config,
                              study::MeasurementSource& simulator) const {
    study::Question question{&graph, &config};
    std::optional<mapping::Partition> partition;
    if (gives_tiles()) {
      partition = mapping::partition_with_memory(graph, config);
      study::give_tiles(study::read_tile_table(tiles), config, *partition);
      question.partition = &*partition;
    }
    if (trace.empty() && vcd.empty()) return study::answer_one(question, simulator);
    // Opened first: a path that cannot be written is not worth a simulation.
    std::optional<record::FileWriter> trace_file, vcd_file;
    if (!trace.empty()) trace_file.emplace(trace);
    if (!vcd.empty()) vcd_file.emplace(vcd);
    record::Timeline timeline;
    const study::NetworkAnswer answer = study::simulate_timeline(question, timeline);
    report::TimedRun run{answer.network, answer.engine, answer.tool_version, {}, answer.identity};
    for (const study::Command& c : answer.commands) run.subgraphs.push_back({c.name, c.in_network_cycles});
    if (trace_file) report::write_trace(*trace_file, timeline, run);
    if (vcd_file) report::write_waveform(*vcd_file, timeline, run);
    return answer;
  }

  void add_sensitivities(const std::vector<network::Graph>& graphs, const engine::EngineConfig& config,
                         std::vector<study::NetworkAnswer>& answers) const {
    const std::vector<study::KeyGroup> groups =
        study::key_groups(engine::load_follow_rules(engine.path(), config.family));
    const int workers = jobs > 0 ? jobs : sim::default_workers();
    const auto simulator =
        workers == 1 ? study::make_simulator() : study::make_simulator(sim::default_worker_path(), workers);
    Terminal terminal;
    for (std::size_t i = 0; i < graphs.size(); ++i) {
      answers[i].sensitivity = study::sensitivity(graphs[i], config, groups, *simulator, terminal.progress());
    }
  }

  // What the page draws besides the answer: where the network lies under the roofline, what lies in which bank when.
  std::vector<report::PageData> page_data(const std::vector<network::Graph>& graphs, const engine::EngineConfig& config,
                                          std::vector<study::NetworkAnswer> answers) const {
    std::vector<std::string> memory;
    for (std::size_t i = 0; i < graphs.size(); ++i) {
      if (!answers[i].profile) answers[i].profile = study::profile(graphs[i], config, answers[i]);
      memory.push_back(
          report::to_json(study::MemoryAnswer{answers[i].network, answers[i].engine, answers[i].tool_version,
                                              answers[i].identity, mapping::partition_with_memory(graphs[i], config)}));
    }
    return {{"profile", report::profiles_json(answers)}, {"memory", report::json_array(memory)}};
  }

  std::string page_title(const std::vector<study::NetworkAnswer>& answers) const {
    std::string title;
    for (const study::NetworkAnswer& answer : answers) title += (title.empty() ? "" : ", ") + answer.network;
    return title + " on " + answers.front().identity.title(answers.front().engine);
  }

  std::vector<std::string> drawings() const {
    std::vector<std::string> files;
    for (const std::string& file : {roofline, trace, vcd}) {
      if (!file.empty()) files.push_back(file);
    }
    return files;
  }

  // A workload's answer has no network of its own to look at.
  void run_workload(const std::string& path) const {
    for (const auto& [given, option] :
         {std::pair{!vcd.empty(), "--vcd"}, std::pair{!roofline.empty(), "--roofline"},
          std::pair{with_profile, "--profile"}, std::pair{with_sensitivity, "--sensitivity"},
          std::pair{!tiles.empty(), "--tiles"}, std::pair{page.wanted(), "--report"}}) {
      if (given) throw Error(std::string(option) + ": shows one network, not a workload");
    }
    const WorkloadArguments workload(path, engine, import);
    const int workers = jobs > 0 ? jobs : sim::default_workers();
    const auto simulator =
        workers == 1 ? study::make_simulator() : study::make_simulator(sim::default_worker_path(), workers);
    workload.run(*simulator, with_sets, trace, output);
  }

  void run() const {
    if (const auto workload = workload_among(networks.models)) return run_workload(*workload);
    if (with_sets) throw Error("--sets is for a workload");
    check();
    check_tiles();
    for (const std::string& file : {output.out, trace, vcd, roofline}) expect_writable(file);
    page.check(output, {trace, vcd, roofline});
    if (jobs > 0 && !with_sensitivity) throw Error("--jobs is for --sensitivity and for workloads");
    EngineOptions chosen = engine;
    if (tiles == kHalfTiles) chosen.sets.emplace_back("mapping.half_tiles=true");
    const NetworksOnEngine subject = load(networks, import, chosen);
    const engine::LoadedEngine& loaded = subject.engine;
    const std::vector<std::string> warnings = warnings_of_scale(loaded.config);
    const study::RtlCheckSummary rtl = study::rtl_check_summary(chosen.path(), loaded.config);
    const auto simulator = study::make_simulator();
    std::vector<study::NetworkAnswer> answers;
    const std::vector<network::Graph>& graphs = subject.graphs;
    for (const network::Graph& graph : graphs) {
      answers.push_back(answer(graph, loaded.config, *simulator));
      answers.back().warnings = warnings;
      answers.back().sizes = import.sizes();
      answers.back().rtl = rtl;
      if (!with_profile && roofline.empty()) continue;
      const study::Profile profile = study::profile(graph, loaded.config, answers.back());
      if (!roofline.empty()) {
        record::write_file(roofline,
                           report::roofline_svg(profile, graph.name() + " on " + engine::engine_title(loaded.config)));
      }
      if (with_profile) answers.back().profile = profile;
    }
    if (with_sensitivity) add_sensitivities(graphs, loaded.config, answers);
    warn(warnings);
    std::vector<std::string> made = drawings();
    page.write(
        "simulate", page_title(answers), [&] { return report::to_json(answers); }, made,
        [&] { return page_data(graphs, loaded.config, answers); });
    output.emit([&] { return report::to_json(answers); },
                [&] { return with_sensitivity ? report::sensitivity_csv(answers) : report::to_csv(answers); },
                [&] { return report::to_text(answers); }, made);
  }
};

}  // namespace

void add_simulate(CLI::App& app) {
  const auto [verb, options] =
      add_command<Simulate>(app, "simulate", "Run networks on the SystemC engine, subgraph by subgraph");
  options->networks.add(*verb, true, true);
  options->engine.add_optional(*verb);
  options->engine.scale_with.add(*verb);
  options->import.add(*verb);
  options->output.add(*verb, true);
  options->page.add(*verb);
  verb->add_flag("--profile", options->with_profile,
                 "Also the roofline, what each subgraph reaches of it, and what units waited for");
  verb->add_flag("--sensitivity", options->with_sensitivity,
                 "Also what each engine key, doubled and halved, does to latency, energy and area; --csv has these "
                 "rows alone");
  verb->add_flag("--sets", options->with_sets,
                 "Of a workload: also which sets of its networks the engine can run side by side");
  verb->add_option(
          "--tiles", options->tiles,
          "CSV of tile sizes and loop order by layer, or auto:half: the largest tiles within half of the memory "
          "and half of the accumulators")
      ->type_name("FILE");
  add_jobs(*verb, options->jobs);
  verb->add_option("--roofline", options->roofline, "Draw the roofline as SVG")->type_name("FILE");
  verb->add_option("--trace", options->trace, "Write what every unit did when, for Perfetto or chrome://tracing")
      ->type_name("FILE");
  verb->add_option("--vcd", options->vcd, "Write the same as a waveform (value change dump), for GTKWave")
      ->type_name("FILE");
  verb->footer(
      "Example:\n  lanewise simulate models/mobilenet_v2.onnx --hw hwconfigs/ne-256.yaml --set dram.bandwidth=\"6.4 "
      "GB/s\"\n  lanewise simulate models/mobilenet_v2.onnx --hw hwconfigs/ne-256.yaml --profile --trace trace.json\n  "
      "lanewise simulate "
      "models/mobilenet_v2.onnx --hw hwconfigs/ne-256.yaml --set engine.parallelism_factor=128 --sensitivity");
}

}  // namespace lanewise::cli
