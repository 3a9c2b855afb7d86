// SPDX-License-Identifier: Apache-2.0
// The command line. Each verb has a file of its own; what any of them throws is caught and printed here.
#include <CLI/CLI.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <iostream>
#include <new>
#include <stdexcept>
#include <string>

#include "cli/verbs.hpp"
#include "core/base/error.hpp"
#include "core/base/printable.hpp"
#include "core/base/progress.hpp"
#include "core/base/version.hpp"

namespace {

constexpr int kFailure = 1;
constexpr int kUsage = 2;
constexpr int kInterrupted = 130;

int report_error(const std::string& message, int status) {
  std::fprintf(stderr, "lanewise: error: %s\n", lanewise::printable(message).c_str());
  return status;
}

// CLI11 writes some of its messages on several lines.
std::string on_one_line(std::string message) {
  for (char& c : message) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  message.erase(message.find_last_not_of(' ') + 1);
  return message;
}

// "simulate", "network show"; what was being done when something failed that nobody foresaw.
std::string verb_of(const CLI::App& app) {
  std::string verb;
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
    verb += (verb.empty() ? "" : " ") + at->get_name();
  }
  return verb.empty() ? "the command line" : "'" + verb + "'";
}

// Help and version.
int answer(const CLI::App& app, const CLI::ParseError& asked) {
  const int status = app.exit(asked);
  errno = 0;
  std::cout.flush();
  if (!std::cout) {
    const char* why = errno == 0 ? "it takes nothing" : std::strerror(errno);
    return report_error(std::string("cannot write to standard output: ") + why, kFailure);
  }
  return status;
}

int refuse_usage(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  // CLI11 asks for a subcommand before it says that it does not know this one.
  if (app.get_subcommands().empty() && argc > 1 && argv[1][0] != '-') {
    return report_error(std::string("unknown verb '") + argv[1] + "'; `lanewise --help` lists them", kUsage);
  }
  return report_error(on_one_line(error.what()), kUsage);
}

int out_of_memory(const CLI::App& app) {
  return report_error(verb_of(app) + " needs more memory than there is: a smaller network, batch or study needs less",
                      kFailure);
}

// A library's own words would say nothing to a person who has not read its source.
int fault(const CLI::App& app, const std::string& what) {
  return report_error("a fault of this program in " + verb_of(app) + what + ", whatever it was given; please report it",
                      kFailure);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a file that grows past its limit fails to be written, and says so
  CLI::App app{"How fast, how hungry and how big a network is on a neural engine, and which to build instead.",
               "lanewise"};
  app.set_version_flag("--version", std::string("lanewise ") + lanewise::version());
  app.require_subcommand(1);
  app.footer(
      "Example:\n  lanewise simulate mobilenet_v2 --hw ne-256\n"
      "`lanewise VERB --help` explains a verb.");
  for (const auto add_verb : lanewise::cli::kVerbs) add_verb(app);
  try {
    app.parse(argc, argv);
    return 0;
  } catch (const CLI::ParseError& error) {
    return error.get_exit_code() == 0 ? answer(app, error) : refuse_usage(app, error, argc, argv);
  } catch (const lanewise::Interrupted& error) {
    return report_error(error.what(), kInterrupted);
  } catch (const lanewise::Error& error) {
    return report_error(error.what(), kFailure);
  } catch (const lanewise::InternalError& error) {
    return fault(app, std::string(": ") + error.what());
  } catch (const std::bad_alloc&) {
    return out_of_memory(app);
  } catch (const std::length_error&) {  // more elements than any memory could hold
    return out_of_memory(app);
  } catch (const std::exception&) {
    return fault(app, "");
  }
}
