// SPDX-License-Identifier: Apache-2.0
#include "explore/server.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "cli/console/terminal.hpp"
#include "cli/estimate_options.hpp"
#include "cli/file_kind.hpp"
#include "cli/network_argument.hpp"
#include "cli/options.hpp"
#include "cli/verbs.hpp"
#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "explore/session.hpp"
#include "explore/subject.hpp"
#include "sim/pool/worker_pool.hpp"
#include "study/codesign/job.hpp"

namespace lanewise::cli {
namespace {

struct Explore {
  std::vector<std::string> models, limits;
  std::string space, folder;
  EstimatorOption estimator;
  double level = 0.9;
  int port = 0, jobs = 0;
  EngineOptions engine;
  ImportSettings import;

  explore::Subject subject() const {
    explore::Subject subject;
    // What --set changes is the engine that is explored; then sliders alone lead.
    EngineOptions around = engine;
    around.scale_with.option = nullptr;
    const engine::LoadedEngine loaded = around.load();
    subject.engine = loaded.config;
    subject.engine_path = engine.path();
    subject.family = engine::load_family(subject.engine_path);
    add_rules(subject);
    subject.space_given = !space.empty();
    subject.space = subject.space_given ? load_description(space, import) : study::default_space(subject.family);
    subject.read_as = import.options();
    subject.sizes = import.sizes();
    add_networks(subject);
    const std::string model = estimator.path(subject.engine_path, subject.engine.family);
    subject.estimator = std::make_unique<estimator::Estimator>(estimator::Estimator::load(model));
    subject.estimator_name = std::filesystem::path(model).filename().string();
    subject.level = level;
    subject.limits = nas::parse_limits(limits);
    return subject;
  }

  // With --scale-with keys follow as the page opens; where it names some, these alone ever do.
  void add_rules(explore::Subject& subject) const {
    subject.rules = engine::load_follow_rules(subject.engine_path, subject.engine.family);
    const std::optional<engine::Scaling> scaling = engine.scale_with.scaling(subject.engine_path);
    subject.follow = scaling.has_value();
    if (!scaling || scaling->named.empty()) return;
    for (engine::FollowRule& rule : subject.rules) {
      std::vector<engine::Follower> kept;
      for (const engine::Follower& follower : rule.followers) {
        for (const engine::Follower& named : scaling->named) {
          if (named.key == follower.key)
            kept.push_back({follower.key, named.exponent == 1 ? follower.exponent : named.exponent});
        }
      }
      rule.followers = kept;
    }
    for (const engine::Follower& named : scaling->named) {
      const bool known = std::any_of(subject.rules.begin(), subject.rules.end(), [&](const engine::FollowRule& rule) {
        return std::any_of(rule.followers.begin(), rule.followers.end(),
                           [&](const engine::Follower& each) { return each.key == named.key; });
      });
      if (!known) throw Error("--scale-with " + named.key + ": the family's file does not say which key it follows");
    }
  }

  void add_networks(explore::Subject& subject) const {
    const bool own = subject.space.blocks != nullptr;
    if (own && !models.empty()) {
      throw Error("--space " + space + ": has networks of its own: give no MODEL");
    }
    if (!own && models.empty()) throw CLI::RequiredError("MODEL, or --space with networks of its own,");
    if (own) subject.networks.push_back({subject.space.name, nullptr, ""});
    for (const std::string& model : models) {
      auto graph = std::make_unique<network::Graph>(import.import(model));
      subject.networks.push_back({graph->name(), std::move(graph), find_network(model)});
    }
  }

  std::unique_ptr<study::MeasurementSource> simulator() const {
    return study::make_simulator(sim::default_worker_path(), jobs > 0 ? jobs : sim::default_workers());
  }

  void run() const {
    const explore::Subject explored = subject();
    explore::Session session(explored, simulator(), folder);
    Terminal terminal;  // Ctrl-C is how a person ends it
    const Progress progress = terminal.progress();
    explore::Server server(session, port);
    std::printf("%s\n", server.url().c_str());
    std::fflush(stdout);
    constexpr std::chrono::milliseconds kLook{50};
    while (!progress.stopped()) std::this_thread::sleep_for(kLook);
  }
};

}  // namespace

void add_explore(CLI::App& app) {
  const auto [verb, options] = add_command<Explore>(
      app, "explore", "A page on this machine with a slider per engine key and network gene; Ctrl-C ends it");
  verb->add_option("MODEL", options->models,
                   "Networks, files or names of models/; none where the space has networks of its own");
  options->engine.add(*verb);
  options->engine.scale_with.add(*verb);
  verb->add_option(
          "--space", options->space,
          "Search space, a file or a name of spaces/, whose genes are sliders (default: the moves that codesign "
          "searches by default, and the keys of the engine)")
      ->type_name("FILE");
  options->estimator.add(*verb, "Model file that estimates (default: the engine family's)");
  add_level(*verb, options->level, "Probability with which intervals hold the simulated latency");
  verb->add_option("--limit", options->limits,
                   "What designs must keep, drawn and marked: METRIC<=BOUND or METRIC>=BOUND (may be given again, and "
                   "changed on the page)")
      ->type_name("LIMIT")
      ->allow_extra_args(false);
  verb->add_option("--out", options->folder, "Folder that the basket is saved to (default: none, downloads alone)")
      ->type_name("FOLDER");
  verb->add_option("--port", options->port, "Port of 127.0.0.1 to listen on (default: a free one)")
      ->type_name("N")
      ->check(CLI::Range(1, 65535));
  add_jobs(*verb, options->jobs);
  options->import.add(*verb);
  verb->footer(
      "Examples:\n  lanewise explore mobilenet_v2 --hw ne-256\n"
      "  lanewise explore mobilenet_v2 resnet18 --hw ne-256 --limit \"latency_ms<=4\" --limit \"area_mm2<=1.5\" --out "
      "designs");
}

}  // namespace lanewise::cli
