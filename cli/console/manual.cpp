// SPDX-License-Identifier: Apache-2.0
#include "cli/console/manual.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <regex>
#include <sstream>
#include <vector>

#include "cli/console/output.hpp"
#include "cli/console/roff.hpp"
#include "cli/console/run.hpp"
#include "core/base/error.hpp"
#include "core/base/output_file.hpp"
#include "core/base/version.hpp"

namespace lanewise::cli {
namespace {

std::vector<const CLI::App*> verbs_of(const CLI::App& group) {
  return group.get_subcommands([](const CLI::App*) { return true; });
}

// "lanewise", "lanewise store merge".
std::string called(const CLI::App& verb) {
  return verb.get_parent() == nullptr ? verb.get_name() : called(*verb.get_parent()) + " " + verb.get_name();
}

std::string bold(const std::string& text) { return "\\fB" + roff(text) + "\\fR"; }
std::string italic(const std::string& text) { return "\\fI" + roff(text) + "\\fR"; }
std::string reference(const std::string& page) { return bold(page) + "(1)"; }

// An option's type as the tree has it: what stands for the value, and what is checked of it.
struct ValueType {
  std::string name, rule;
};

ValueType type_of(const CLI::Option& option) {
  static const std::regex checked(
      R"re((.*):(POSITIVE|NONNEGATIVE|FILE|DIR|(?:U?INT|FLOAT) in \[(.+) - (.+)\]|\{(.+)\}))re");
  const std::string type = option.get_type_name();
  std::smatch match;
  if (!std::regex_match(type, match, checked)) return {type, ""};
  const std::string check = match[2];
  if (check == "POSITIVE") return {match[1], "More than 0."};
  if (check == "NONNEGATIVE") return {match[1], "0 or more."};
  if (check == "FILE" || check == "DIR") return {match[1], ""};
  if (match[5].matched) return {match[1], "One of " + std::regex_replace(match[5].str(), std::regex(","), ", ") + "."};
  return {match[1], fmt::format("From {} to {}.", match[3].str(), match[4].str())};
}

std::string sentence(std::string text) {
  if (!text.empty() && text.back() != '.') text += '.';
  return text;
}

// "--hw", "MODEL" in one line each, without the links to the options themselves.
std::string names_of(const std::set<CLI::Option*>& options) {
  std::vector<std::string> names;
  for (const CLI::Option* option : options) names.push_back(option->get_name());
  std::sort(names.begin(), names.end());
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string description_of(const CLI::Option& option, const ValueType& type) {
  std::string text = sentence(option.get_description());
  if (!type.rule.empty()) text += " " + type.rule;
  if (!option.get_default_str().empty()) text += " Default: " + option.get_default_str() + ".";
  if (option.get_required()) text += " Must be given.";
  if (!option.get_needs().empty()) text += " Goes with " + names_of(option.get_needs()) + ".";
  if (!option.get_excludes().empty()) text += " Not together with " + names_of(option.get_excludes()) + ".";
  return text;
}

bool takes_several(const CLI::Option& option) { return option.get_items_expected_max() > 1; }

std::string argument_text(const CLI::Option& option) {
  const std::string name = italic(option.get_name()) + (takes_several(option) ? " ..." : "");
  return option.get_required() ? name : "[" + name + "]";
}

std::string option_head(const CLI::Option& option, const ValueType& type) {
  std::string head;
  for (const std::string& name : option.get_snames()) head += (head.empty() ? "" : ", ") + bold("-" + name);
  for (const std::string& name : option.get_lnames()) head += (head.empty() ? "" : ", ") + bold("--" + name);
  return option.get_items_expected_max() == 0 || type.name.empty() ? head : head + " " + italic(type.name);
}

std::string entry(const std::string& head, const std::string& text) {
  return ".TP\n" + head + "\n" + roff_lines(roff(text));
}

std::string synopsis_line(const CLI::App& verb) {
  std::string line = bold(called(verb)) + " ";
  if (!verbs_of(verb).empty()) return line + italic("VERB") + " ...";
  line += "[" + italic("OPTIONS") + "]";
  for (const CLI::Option* option : verb.get_options()) {
    if (option->get_positional()) line += " " + argument_text(*option);
  }
  for (const CLI::Option* option : verb.get_options()) {
    if (!option->get_positional() && option->get_required()) line += " " + option_head(*option, type_of(*option));
  }
  return line;
}

std::string options_of(const CLI::App& verb) {
  std::string arguments, options;
  for (const CLI::Option* option : verb.get_options()) {
    const ValueType type = type_of(*option);
    const std::string text = description_of(*option, type);
    if (option->get_positional()) {
      arguments += entry(italic(option->get_name()), text);
    } else {
      options += entry(option_head(*option, type), text);
    }
  }
  return arguments + options;
}

// What stands under a verb's help: commands to try, and words.
struct Footer {
  std::vector<std::string> commands;
  std::string words;
};

Footer footer_of(const CLI::App& verb) {
  Footer footer;
  std::istringstream lines(verb.get_footer());
  bool goes_on = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("Example", 0) == 0 && line.back() == ':') continue;
    const bool command = line.rfind("  ", 0) == 0;
    if (command && goes_on) {
      footer.commands.back() += " " + line.substr(4);
    } else if (command) {
      footer.commands.push_back(line.substr(2));
    } else {
      footer.words += (footer.words.empty() ? "" : " ") + line;
    }
    goes_on = !line.empty() && line.back() == '\\';
  }
  return footer;
}

std::string examples_of(const CLI::App& verb) {
  std::string text;
  std::vector<const CLI::App*> shown = {&verb};
  if (verb.get_parent() != nullptr) {
    for (const CLI::App* below : verbs_of(verb)) shown.push_back(below);
  }
  std::vector<std::string> seen;
  for (const CLI::App* each : shown) {
    for (const std::string& command : footer_of(*each).commands) {
      if (std::find(seen.begin(), seen.end(), command) != seen.end()) continue;
      seen.push_back(command);
      text += ".PP\n.nf\n.RS 4\n" + roff_command(command) + ".RE\n.fi\n";
    }
  }
  return text.empty() ? "" : ".SH EXAMPLES\n" + text.substr(4);
}

// The same for every verb; cli/console/run.cpp gives them.
std::string exit_status() {
  return ".SH EXIT STATUS\n" + entry("0", "The work was done.") +
         entry("1", "It failed, or the answer is not a good one: one line on standard error says why.") +
         entry("2", "The command line is wrong: one line on standard error says what was meant.") +
         entry("130", "It was interrupted by SIGINT or SIGTERM.");
}

std::string environment() {
  return ".SH ENVIRONMENT\n" +
         entry(bold("LANEWISE_HOME"),
               "A checkout, a data folder or an installation's prefix whose data go before the installation's.") +
         entry(bold("LANEWISE_ESTIMATORS"), "A folder of estimators, FAMILY.lwm, that is looked into first.");
}

std::string files() {
  return ".SH FILES\n" +
         entry(italic("hwconfigs/, models/, spaces/, campaigns/, workloads/"),
               "Engines, networks, search spaces, campaigns and workloads that are called by their bare names: in the "
               "current folder, in $LANEWISE_HOME, and in share/lanewise of the installation.") +
         entry(italic("trained/FAMILY.lwm"), "The estimator of a family of engines, in the same folders.") +
         entry(italic("libexec/lanewise/lanewise-worker"), "The simulator's process, which is started once per core.");
}

std::string see_also(const CLI::App& app, const CLI::App* verb) {
  std::vector<std::string> pages;
  if (verb != nullptr) pages.push_back(reference(app.get_name()));
  for (const CLI::App* other : verbs_of(app)) {
    if (other != verb) pages.push_back(reference(app.get_name() + "-" + other->get_name()));
  }
  const char* const sister = app.get_name() == "lanewise" ? "lanewise-fit" : "lanewise";
  pages.push_back(reference(sister));
  std::string text = ".SH SEE ALSO\n";
  for (std::size_t i = 0; i < pages.size(); ++i) text += pages[i] + (i + 1 < pages.size() ? ",\n" : "\n");
  return text + ".PP\n" + roff_lines(roff("The documentation lies in share/doc/lanewise of the installation."));
}

std::string head_of(const std::string& page, const std::string& what, const std::string& date) {
  std::string title = page;
  for (char& c : title) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return fmt::format(".TH {} 1 \"{}\" \"lanewise {}\" \"Lanewise\"\n.nh\n.ad l\n.SH NAME\n{} \\- {}\n", roff(title),
                     date, version(), roff(page), roff(what));
}

std::string synopsis(const CLI::App& verb) {
  std::string text = ".SH SYNOPSIS\n";
  const std::vector<const CLI::App*> below = verbs_of(verb);
  if (verb.get_parent() == nullptr || below.empty()) return text + roff_lines(synopsis_line(verb));
  for (std::size_t i = 0; i < below.size(); ++i) {
    text += (i == 0 ? "" : ".br\n") + roff_lines(synopsis_line(*below[i]));
  }
  return text;
}

// What the verb itself says, and what stands below its help.
std::string words_of(const CLI::App& verb) {
  const std::string more = footer_of(verb).words;
  return roff_lines(roff(sentence(verb.get_description()))) + (more.empty() ? "" : ".PP\n" + roff_lines(roff(more)));
}

std::string program_page(const CLI::App& app, const std::string& date) {
  std::string text = head_of(app.get_name(), app.get_description(), date) + synopsis(app);
  text += ".SH DESCRIPTION\n" + words_of(app) + ".SH VERBS\n";
  for (const CLI::App* verb : verbs_of(app)) {
    text += entry(reference(app.get_name() + "-" + verb->get_name()), sentence(verb->get_description()));
  }
  text += ".SH OPTIONS\n" + options_of(app);
  return text + examples_of(app) + exit_status() + environment() + files() + see_also(app, nullptr);
}

std::string verb_page(const CLI::App& app, const CLI::App& verb, const std::string& date) {
  std::string text = head_of(app.get_name() + "-" + verb.get_name(), verb.get_description(), date) + synopsis(verb);
  text += ".SH DESCRIPTION\n" + words_of(verb);
  const std::vector<const CLI::App*> below = verbs_of(verb);
  if (below.empty()) text += ".SH OPTIONS\n" + options_of(verb);
  if (!below.empty()) text += ".SH VERBS\n";
  for (const CLI::App* each : below) {
    text += ".SS " + roff(called(*each)) + "\n" + words_of(*each) + options_of(*each);
  }
  return text + examples_of(verb) + exit_status() + environment() + files() + see_also(app, &verb);
}

struct Manual {
  const CLI::App* app = nullptr;
  std::string verb, folder, date;
  OutputOptions output;

  const CLI::App* chosen() const {
    if (verb.empty()) return nullptr;
    std::vector<std::string> names;
    for (const CLI::App* each : verbs_of(*app)) {
      if (each->get_name() == verb) return each;
      names.push_back(each->get_name());
    }
    throw Error(fmt::format("VERB {}: must be one of {}", verb, fmt::join(names, ", ")));
  }

  std::string write(const CLI::App* each) const {
    const std::string name = app->get_name() + (each == nullptr ? "" : "-" + each->get_name()) + ".1";
    const std::string path = (std::filesystem::path(folder) / name).string();
    write_file(path, manual_page(*app, each, date));
    return path;
  }

  void run() const {
    if (folder.empty()) return output.emit({}, [&] { return manual_page(*app, chosen(), date); }, {});
    if (!verb.empty()) throw Error("--out: takes all pages, not that of '" + verb + "'");
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) throw Error("--out " + folder + ": " + failed.message());
    std::string made = "wrote " + write(nullptr) + "\n";
    for (const CLI::App* each : verbs_of(*app)) made += "wrote " + write(each) + "\n";
    output.emit({}, [&] { return made; }, {});
  }
};

}  // namespace

std::string manual_page(const CLI::App& app, const CLI::App* verb, const std::string& date) {
  return verb == nullptr ? program_page(app, date) : verb_page(app, *verb, date);
}

void add_manual_verb(CLI::App& app) {
  const auto [verb, options] =
      add_command<Manual>(app, "manual", "Print a page of the manual, of the program or of a verb, as man reads it");
  options->app = &app;
  options->output.csv = true;  // as it is, for programs
  const std::string program = app.get_name();
  verb->add_option("VERB", options->verb, "Verb to print the page of (default: the program)");
  verb->add_option("--out", options->folder, "Write all pages to this folder, " + program + ".1 and one per verb")
      ->type_name("FOLDER");
  verb->add_option("--date", options->date, "Date that stands at the foot of a page, as in 2026-11-29")
      ->type_name("DATE")
      ->check([](const std::string& text) {
        static const std::regex day("[0-9]{4}-[0-9]{2}-[0-9]{2}");
        return std::regex_match(text, day) ? std::string() : "'" + text + "' must be YEAR-MONTH-DAY";
      });
  verb->footer("Example:\n  " + program + " manual " + verbs_of(app).front()->get_name() + " | man -l -");
}

}  // namespace lanewise::cli
