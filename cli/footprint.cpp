// SPDX-License-Identifier: Apache-2.0
#include "report/footprint.hpp"

#include "cli/network_argument.hpp"
#include "cli/options.hpp"
#include "cli/verbs.hpp"
#include "core/base/error.hpp"
#include "core/base/quantity_text.hpp"
#include "study/evaluation/answer.hpp"
#include "study/evaluation/footprint.hpp"

namespace lanewise::cli {
namespace {

struct FootprintVerb {
  NetworkArgument networks;
  EngineOptions engine;
  ImportSettings import;
  std::string host_power = "3 W", host_time;  // as given
  study::FootprintAssumptions assumptions;
  OutputOptions output;

  // Says which option a text that is no quantity was given to.
  template <class Parse>
  static double parsed(const char* option, const std::string& text, const Parse& parse) {
    try {
      return parse(text).count();
    } catch (const Error& error) {
      throw Error(std::string(option) + ": " + error.what());
    }
  }

  study::FootprintAssumptions assumed() const {
    study::FootprintAssumptions out = assumptions;
    out.host_watts = parsed("--host-power", host_power, parse_milliwatts) / 1e3;
    if (!host_time.empty()) out.host_seconds = parsed("--host-time", host_time, parse_seconds);
    return out;
  }

  void run() const {
    output.check();
    const study::FootprintAssumptions stated = assumed();
    study::check(stated);
    const NetworksOnEngine subject = load(networks, import, engine);
    study::NetworkAnswer answer = study::simulate_network(subject.graphs.front(), subject.engine.config);
    answer.sizes = import.sizes();
    answer.warnings = warnings_of_scale(subject.engine.config);
    const study::Footprint result = study::footprint(answer, stated);
    warn(result.warnings);
    output.emit([&] { return report::to_json(result); }, [&] { return report::to_csv(result); },
                [&] { return report::to_text(result); });
  }
};

}  // namespace

void add_footprint(CLI::App& app) {
  const auto [verb, options] = add_command<FootprintVerb>(
      app, "footprint", "Energy and CO2e of a fleet's inferences over a year, beside a host CPU's");
  study::FootprintAssumptions& a = options->assumptions;
  options->networks.add(*verb, false);
  options->engine.add(*verb);
  verb->add_option("--host-power", options->host_power, "Power of the host CPU while it computes")
      ->type_name("POWER")
      ->capture_default_str();
  const auto number = [verb = verb](const char* name, double& value, const char* type, const char* help) {
    return verb->add_option(name, value, help)->type_name(type)->capture_default_str();
  };
  CLI::Option* rate = number("--host-macs-per-second", a.host_macs_per_second, "N",
                             "Multiply-accumulates that the host carries out in a second");
  verb->add_option("--host-time", options->host_time,
                   "Time that the host takes for an inference, where it was measured")
      ->type_name("TIME")
      ->excludes(rate);
  number("--users", a.users, "N", "Devices");
  number("--inferences-per-day", a.inferences_per_day, "N", "Inferences of each device in a day");
  number("--days-per-year", a.days_per_year, "N", "Days on which there are any");
  number("--charging-efficiency", a.charging_efficiency, "SHARE",
         "Share of what the socket gives that reaches the chip, above 0 to 1");
  number("--grid-intensity", a.grid_grams_per_kwh, "GRAMS", "CO2e of a kilowatt-hour from the grid");
  options->import.add(*verb);
  options->output.add(*verb, true);
  verb->footer(
      "Examples:\n  lanewise footprint mobilenet_v2 --hw ne-256\n"
      "  lanewise footprint models/resnet18.onnx --hw hwconfigs/nvdla-large.yaml --users 5000000 --host-time \"90 ms\" "
      "--host-power \"5 W\" --grid-intensity 56");
}

}  // namespace lanewise::cli
