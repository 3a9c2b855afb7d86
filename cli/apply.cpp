// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "cli/file_kind.hpp"
#include "cli/options.hpp"
#include "cli/verbs.hpp"
#include "core/base/error.hpp"
#include "core/network/onnx_export.hpp"
#include "core/record/file.hpp"
#include "nas/moves/moves_file.hpp"
#include "report/advice.hpp"
#include "study/advice/apply_moves.hpp"
#include "study/codesign/finalist_files.hpp"

namespace lanewise::cli {
namespace {

struct Apply {
  std::string model, moves, network_out, engine_out;
  EngineOptions engine;
  ImportSettings import;
  OutputOptions output;

  void check() const {
    if (!engine_out.empty() && engine.hw.empty()) throw Error("--engine-out: needs --hw");
    if (engine.hw.empty() && !(engine.sets.empty() && engine.plan_for.empty() && engine.effort.empty())) {
      throw Error("--set, --plan-for and --effort change an engine: give --hw");
    }
    for (const std::string& path : {network_out, engine_out}) expect_writable(path);
    if (!engine_out.empty() && engine_out == network_out) {
      throw Error("--engine-out: '" + engine_out + "' is what --out writes too");
    }
    for (const std::string& path : {network_out, engine_out}) {
      if (!path.empty() && path == moves) throw Error("'" + path + "' is the moves file itself");
    }
    expect_yaml("--moves", moves);
  }

  void run() const {
    check();
    const nas::MovesFile file = nas::load_moves(moves);
    const std::string path = find_network(model);
    const network::Graph graph = import.import(model);
    std::optional<engine::LoadedEngine> loaded;
    std::unique_ptr<study::MeasurementSource> simulator;
    if (!engine.hw.empty()) {
      loaded = engine.load();
      simulator = study::make_simulator();
    }
    const study::AppliedMoves applied =
        study::apply_moves(file, graph, loaded ? &loaded->config : nullptr, simulator.get());
    const std::string engine_name = loaded ? loaded->config.name : "";
    // All texts are ready before the first file is written.
    std::string engine_text;
    if (!engine_out.empty()) {
      engine_text = study::engine_file_text(engine.path(), *applied.engine, engine_name + "-moved",
                                            {"Engine of a moves file, " + engine_name + " before."});
    }
    report::AppliedFiles files;
    std::vector<std::string> made;
    if (!network_out.empty()) {
      files.weights = network::export_onnx(applied.graph, network_out, {path, import.options()});
      files.network = network_out;
      made.push_back(network_out);
    }
    if (!engine_out.empty()) {
      record::write_file(engine_out, engine_text);
      files.engine = engine_out;
      made.push_back(engine_out);
    }
    output.emit([&] { return report::to_json(applied, file, graph.name(), engine_name, files); }, {},
                [&] { return report::to_text(applied, file, graph.name(), engine_name, files); }, made);
  }
};

}  // namespace

void add_apply(CLI::App& app) {
  const auto [verb, options] =
      add_command<Apply>(app, "apply", "Make the moves of a file on a network, and write it as ONNX");
  verb->add_option("MODEL", options->model, "Network, a file or a name of models/")->required();
  verb->add_option("--moves", options->moves, "Moves file, as advise and patterns write it (docs/advice.md)")
      ->type_name("FILE")
      ->required();
  verb->add_option("-o,--out", options->network_out, "Write the network as an ONNX file of operator set 17")
      ->type_name("FILE");
  options->engine.add(*verb);
  verb->get_option("--hw")->required(false)->description(
      "Engine to simulate on before and after, a file or a name of hwconfigs/; needed for keys of the engine and for "
      "what follows its parallelism "
      "factor");
  verb->add_option("--engine-out", options->engine_out, "Write the engine with its changes as an hwconfig")
      ->type_name("FILE");
  options->import.add(*verb);
  options->output.add(*verb, false, false);
  verb->footer(
      "Example:\n  lanewise apply mobilenet_v2 --moves moves.yaml -o moved.onnx\n  lanewise apply mobilenet_v2 --moves "
      "moves.yaml --hw ne-256 -o moved.onnx --engine-out moved.yaml");
}

}  // namespace lanewise::cli
