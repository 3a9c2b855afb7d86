// SPDX-License-Identifier: Apache-2.0
#include "cli/external_options.hpp"

#include <cmath>

#include "core/base/error.hpp"
#include "core/base/process_text.hpp"

namespace lanewise::cli {
namespace {

constexpr const char* kOnlyWithProgram[] = {"--allow-commands", "--source", "--timeout", "--retries", "--keep-files"};

std::string check_command(const std::string& text) {
  try {
    study::command_words(text);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

void ExternalOptions::add(CLI::App& verb) {
  verb_ = &verb;
  verb.add_option("--with", command_,
                  "Measure by this program instead of the simulator: it is given each subgraph as ONNX and JSON, and "
                  "prints cycles; --jobs of them at once, default 1 (docs/external_measurement.md)")
      ->type_name("COMMAND")
      ->check(check_command);
  verb.add_flag("--allow-commands", allowed_, "Run the program of --with");
  verb.add_option("--source", source_, "Name under which rows of --with are kept (default: the command)")
      ->type_name("NAME");
  verb.add_option("--timeout", timeout_, "Seconds that the program has for one subgraph")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.01, 1e7))
      ->capture_default_str();
  verb.add_option("--retries", retries_, "How often a subgraph is tried again whose program fails")
      ->type_name("N")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  verb.add_option("--keep-files", keep_, "Keep what the program was given for each subgraph, a folder each")
      ->type_name("FOLDER");
}

bool ExternalOptions::require() const {
  const bool given = verb_->count("--with") > 0;
  for (const char* name : kOnlyWithProgram) {
    if (!given && verb_->count(name) > 0) throw CLI::RequiresError(name, "--with");
  }
  if (given && !allowed_) {
    throw Error("--with '" + command_ + "': programs run only with --allow-commands");
  }
  return given;
}

std::unique_ptr<study::ExternalTruth> ExternalOptions::truth(const std::string& store, int jobs) const {
  study::ExternalSettings settings;
  settings.words = study::command_words(command_);
  settings.source = source_;
  settings.scratch = store + ".subgraphs";
  settings.jobs = jobs > 0 ? jobs : 1;
  settings.retries = retries_;
  settings.timeout = std::chrono::milliseconds(std::llround(1000 * timeout_));
  settings.keep = keep_;
  return std::make_unique<study::ExternalTruth>(std::move(settings));
}

study::ExternalReport ExternalOptions::report(const study::ExternalTruth& truth) const {
  const study::ExternalAccount& account = truth.account();
  study::ExternalReport report;
  report.source = truth.source();
  report.command = command_text(study::command_words(command_));
  report.runs = account.runs;
  report.retries = account.retries;
  report.unanswered = account.given_up;
  report.seconds = account.seconds;
  for (const auto& [key, reason] : account.given_up_first) report.unanswered_first.push_back({key, reason});
  return report;
}

}  // namespace lanewise::cli
