// SPDX-License-Identifier: Apache-2.0
#include "cli/console/completion.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "cli/console/option_values.hpp"
#include "cli/console/output.hpp"
#include "cli/console/run.hpp"

namespace lanewise::cli {
namespace {

std::vector<const CLI::App*> verbs_of(const CLI::App& group) {
  return group.get_subcommands([](const CLI::App*) { return true; });
}

const CLI::App* verb_named(const CLI::App& group, const std::string& name) {
  for (const CLI::App* verb : verbs_of(group)) {
    if (verb->get_name() == name) return verb;
  }
  return nullptr;
}

// "--hw", "-o".
std::vector<std::string> names_of(const CLI::Option& option) {
  std::vector<std::string> names;
  for (const std::string& name : option.get_snames()) names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) names.push_back("--" + name);
  return names;
}

const CLI::Option* option_named(const CLI::App& verb, const std::string& name) {
  for (const CLI::Option* option : verb.get_options()) {
    const std::vector<std::string> names = names_of(*option);
    if (std::find(names.begin(), names.end(), name) != names.end()) return option;
  }
  return nullptr;
}

bool is_option(const std::string& word) { return word.size() > 1 && word.front() == '-'; }

bool starts_with(const std::string& text, const std::string& beginning) { return text.rfind(beginning, 0) == 0; }

// How far a command line got before the word that is being typed.
class Position {
 public:
  explicit Position(const CLI::App& app) : verb_(&app) {}

  void take(const std::string& word) {
    if (options_ended_) {
      ++arguments_;
    } else if (open_ != nullptr && !is_option(word)) {
      if (++values_ >= open_->get_items_expected_max() || !open_->get_allow_extra_args()) open_ = nullptr;
    } else if (word == "--") {
      open_ = nullptr;
      options_ended_ = true;
    } else if (is_option(word)) {
      take_option(word);
    } else if (const CLI::App* below = arguments_ == 0 ? verb_named(*verb_, word) : nullptr) {
      *this = Position(*below);
    } else {
      ++arguments_;
    }
  }

  Completion at(const std::string& typed, const ValuesOf& values) const {
    Completion completion;
    if (const std::size_t equals = typed.find('=');
        !options_ended_ && starts_with(typed, "--") && equals != typed.npos) {
      add_behind_equals(typed.substr(0, equals), typed.substr(equals + 1), values, completion);
    } else if (open_ != nullptr && !is_option(typed)) {
      add_values_of(*open_, typed, values, completion);
      // It may be done with.
      if (values_ >= std::max(1, open_->get_items_expected_min())) add_arguments(typed, values, completion);
    } else if (!options_ended_ && starts_with(typed, "-")) {
      add_options(completion);
    } else {
      add_arguments(typed, values, completion);
    }
    keep_those_that_begin(typed, completion);
    return completion;
  }

 private:
  void take_option(const std::string& word) {
    open_ = nullptr;
    values_ = 0;
    const std::size_t equals = word.find('=');
    const CLI::Option* option = option_named(*verb_, word.substr(0, equals));
    if (option == nullptr) return;
    given_.push_back(option);
    if (equals == std::string::npos && option->get_items_expected_max() > 0) open_ = option;
  }

  static void add_values_of(const CLI::Option& option, const std::string& typed, const ValuesOf& values,
                            Completion& completion) {
    add_values(option, typed, completion);
    if (values) values(option, typed, completion);
  }

  void add_behind_equals(const std::string& name, const std::string& typed, const ValuesOf& values,
                         Completion& completion) const {
    const CLI::Option* option = option_named(*verb_, name);
    if (option == nullptr || option->get_items_expected_max() == 0) return;
    add_values_of(*option, typed, values, completion);
    for (Candidate& candidate : completion.words) candidate.word = name + "=" + candidate.word;
  }

  // Whether a command line that has what was given may have this one, too.
  bool may_follow(const CLI::Option& option) const {
    for (const CLI::Option* given : given_) {
      if (given->get_excludes().count(const_cast<CLI::Option*>(&option)) > 0) return false;
      if (given == &option && option.get_expected_max() <= 1) return false;
    }
    return true;
  }

  void add_options(Completion& completion) const {
    for (const CLI::Option* option : verb_->get_options()) {
      if (!may_follow(*option)) continue;
      for (const std::string& name : names_of(*option)) {
        completion.words.push_back({name, option->get_description()});
      }
    }
  }

  void add_arguments(const std::string& typed, const ValuesOf& values, Completion& completion) const {
    if (arguments_ == 0) {
      for (const CLI::App* verb : verbs_of(*verb_)) {
        completion.words.push_back({verb->get_name(), verb->get_description()});
      }
    }
    int before = 0;
    for (const CLI::Option* option : verb_->get_options()) {
      if (!option->get_positional()) continue;
      before += std::min(option->get_items_expected_max(), 1 << 20);
      if (arguments_ < before) return add_values_of(*option, typed, values, completion);
    }
  }

  static void keep_those_that_begin(const std::string& typed, Completion& completion) {
    auto& words = completion.words;
    words.erase(std::remove_if(words.begin(), words.end(),
                               [&](const Candidate& candidate) { return !starts_with(candidate.word, typed); }),
                words.end());
    // Names of data folders and of the files in them may say the same twice.
    std::stable_sort(words.begin(), words.end(),
                     [](const Candidate& a, const Candidate& b) { return a.word < b.word; });
    words.erase(std::unique(words.begin(), words.end(),
                            [](const Candidate& a, const Candidate& b) { return a.word == b.word; }),
                words.end());
  }

  const CLI::App* verb_;
  const CLI::Option* open_ = nullptr;  // the option whose values come next
  int values_ = 0;                     // of it, so far
  int arguments_ = 0;
  bool options_ended_ = false;
  std::vector<const CLI::Option*> given_;
};

// One line, as the scripts read it.
std::string first_line(std::string text) {
  for (char& c : text) {
    if (c == '\t' || c == '\n' || c == '\r') c = ' ';
  }
  return text;
}

// The first line says what else to offer, each further one is a word and its meaning.
std::string as_lines(const Completion& completion) {
  std::string text = "words";
  if (completion.files) text += " files";
  if (completion.folders) text += " folders";
  if (completion.open) text += " open";
  text += "\n";
  for (const Candidate& candidate : completion.words) {
    text += candidate.word + "\t" + first_line(candidate.meaning) + "\n";
  }
  return text;
}

struct CompletionVerb {
  const CLI::App* app = nullptr;
  ValuesOf values;
  std::string shell;
  std::vector<std::string> words;
  OutputOptions output;

  void run() const {
    const auto answer = [&] {
      return words.empty() ? completion_script(app->get_name(), shell) : as_lines(complete(*app, words, values));
    };
    output.emit({}, answer, {});
  }
};

}  // namespace

Completion complete(const CLI::App& app, const std::vector<std::string>& words, const ValuesOf& values) {
  Position position(app);
  for (std::size_t i = 1; i + 1 < words.size(); ++i) position.take(words[i]);
  return position.at(words.size() > 1 ? words.back() : "", values);
}

void add_completion_verb(CLI::App& app, ValuesOf values) {
  const auto [verb, options] = add_command<CompletionVerb>(
      app, "completion", "Print what makes a shell complete verbs, options, values and names: bash, zsh or fish");
  options->app = &app;
  options->values = std::move(values);
  options->output.csv = true;  // as it is, for programs
  verb->add_option("SHELL", options->shell, "Shell that reads the script")->required()->check(CLI::IsMember(shells()));
  verb->add_option("WORD", options->words,
                   "A command line behind --, as the script asks: what may stand in the place of its last word");
  const std::string program = app.get_name();
  verb->footer("Example:\n  " + program + " completion bash > ~/.local/share/bash-completion/completions/" + program +
               "\n  " + program + " completion fish > ~/.config/fish/completions/" + program + ".fish\n  " + program +
               " completion bash -- " + program + " \"\"");
}

}  // namespace lanewise::cli
