// SPDX-License-Identifier: Apache-2.0
#include "study/installation/programs.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <sstream>

#include "core/base/error.hpp"
#include "core/base/installation.hpp"
#include "core/base/loaded_libraries.hpp"
#include "core/base/process.hpp"
#include "core/base/version.hpp"
#include "core/engine/engine_config.hpp"
#include "core/engine/engine_identity.hpp"
#include "core/mapping/subgraph.hpp"
#include "sim/pool/worker_pool.hpp"
#include "sim/simulate.hpp"

namespace lanewise::study {
namespace {

namespace fs = std::filesystem;

ProcessOutcome outcome_of(const std::vector<std::string>& words) {
  ProcessRequest request;
  request.words = words;
  request.folder = "/";
  request.timeout = std::chrono::seconds(60);
  Process process(request);
  while (!process.ended()) Process::wait_for_any({&process});
  return process.outcome();
}

// What a program says, whatever its status; "" where it is not there.
std::string said(const std::vector<std::string>& words) { return outcome_of(words).output; }

// The same without the line end; nullopt where it is not there or fails.
std::optional<std::string> asked(const std::vector<std::string>& words) {
  const ProcessOutcome outcome = outcome_of(words);
  if (outcome.end != ProcessOutcome::End::kExited || outcome.status != 0) return std::nullopt;
  std::string text = outcome.output;
  text.erase(text.find_last_not_of(" \n") + 1);
  return text;
}

// Path of a program of the PATH; "" where it is not there.
std::string in_path(const std::string& program) {
  const char* const path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    std::error_code ignored;
    const fs::path file = fs::path(folder) / program;
    if (!folder.empty() && fs::is_regular_file(file, ignored)) return file.string();
  }
  return "";
}

// Where the program's installation begins: the folder above bin.
fs::path prefix() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/exe", ignored).parent_path().parent_path();
}

// The first of them that is there; "" where none is.
std::string first_of(const std::vector<fs::path>& files) {
  std::error_code ignored;
  for (const fs::path& file : files) {
    if (fs::is_regular_file(file, ignored)) return file.string();
  }
  return "";
}

fs::path home_folder() {
  const char* const home = std::getenv("HOME");
  return home == nullptr ? fs::path("/nonexistent") : fs::path(home);
}

// A layer that every kind of engine runs.
mapping::Subgraph small_layer() {
  mapping::Subgraph layer;
  mapping::SubgraphShape& shape = layer.shape;
  shape.in_channels = shape.out_channels = 16;
  shape.in_height = shape.in_width = shape.out_height = shape.out_width = 16;
  for (const int axis : {0, 1}) {
    shape.window.kernel[axis] = 3;
    shape.window.pad_begin[axis] = shape.window.pad_end[axis] = 1;
  }
  return layer;
}

}  // namespace

Finding look_at_worker() {
  Finding finding{"worker", Health::kMissing, true, "",
                  "install Lanewise anew, or name another installation by LANEWISE_HOME"};
  try {
    const std::string path = sim::default_worker_path();
    finding.health = Health::kWrong;
    const engine::EngineConfig config = engine::load_engine(find_data("hwconfigs", "ne-256")).config;
    const mapping::Subgraph layer = small_layer();
    sim::WorkerLimits limits;
    limits.silence = std::chrono::seconds(60);
    sim::WorkerPool pool(path, 1, limits);
    std::int64_t there = 0;
    std::string failure = "it answers nothing";
    pool.run({{&config, engine::engine_hash(config), mapping::subgraph_key(layer)}},
             [&](const std::vector<sim::WorkerAnswer>& answers) {
               there = answers.front().result.measurement.latency.count();
               failure = answers.front().result.failure;
             });
    const std::int64_t here = sim::simulate(layer, config).latency.count();
    if (!failure.empty()) {
      finding.found = path + ": " + failure;
    } else if (here != there) {
      finding.found = fmt::format("{} simulates a layer in {} cycles, this program in {}: it is of another version",
                                  path, there, here);
    } else {
      finding.health = Health::kFine;
      finding.found = fmt::format("{} answers: a layer in {} cycles, as here", path, here);
      finding.remedy.clear();
    }
  } catch (const Error& error) {
    finding.found = error.what();
  }
  return finding;
}

Finding look_at_fit() {
  Finding finding{"lanewise-fit", Health::kMissing, false, "",
                  "in a checkout: scripts/install-packages --torch, then build with -DLANEWISE_WITH_TORCH=ON"};
  const char* const named = std::getenv("LANEWISE_FIT");
  std::string path;
  try {
    path = named != nullptr && *named != '\0' ? std::string(named) : find_program("lanewise-fit");
  } catch (const Error&) {
    finding.found = "not there: networks are simulated and searched, not trained";
    return finding;
  }
  const std::optional<std::string> said = asked({path, "--version"});
  const std::string wanted = std::string("lanewise-fit ") + version();
  if (said == wanted) return {"lanewise-fit", Health::kFine, false, path + " " + version(), ""};
  finding.health = Health::kWrong;
  finding.found = path + (said ? " says '" + *said + "', not '" + wanted + "'" : " does not start");
  return finding;
}

Finding look_at_python() {
  const std::optional<std::string> said =
      asked({"python3", "-c", "import lanewise; print(lanewise.__version__, lanewise.__file__)"});
  Finding finding{"Python package", Health::kMissing, false, "python3 does not import lanewise",
                  "in a checkout: scripts/install-packages --python, then pip install . --no-build-isolation"};
  if (!said) return finding;
  if (said->rfind(std::string(version()) + " ", 0) == 0) return {"Python package", Health::kFine, false, *said, ""};
  finding.health = Health::kWrong;
  finding.found = "it is " + *said + ", this program " + version();
  return finding;
}

std::vector<Finding> look_at_shells() {
  const fs::path home = home_folder();
  const struct {
    const char* shell;
    std::vector<fs::path> files;
    const char* own;  // where a user's own script goes
  } shells[] = {
      {"bash",
       {prefix() / "share/bash-completion/completions/lanewise",
        home / ".local/share/bash-completion/completions/lanewise"},
       "~/.local/share/bash-completion/completions/lanewise"},
      {"zsh",
       {prefix() / "share/zsh/vendor-completions/_lanewise", prefix() / "share/zsh/site-functions/_lanewise",
        home / ".zfunc/_lanewise"},
       "~/.zfunc/_lanewise"},
      {"fish",
       {prefix() / "share/fish/vendor_completions.d/lanewise.fish", home / ".config/fish/completions/lanewise.fish"},
       "~/.config/fish/completions/lanewise.fish"},
  };
  std::vector<Finding> findings;
  for (const auto& each : shells) {
    if (in_path(each.shell).empty()) continue;
    Finding finding{std::string("completion in ") + each.shell, Health::kFine, false, first_of(each.files), ""};
    if (finding.found.empty()) {
      finding.health = Health::kMissing;
      finding.found = "no script is installed";
      finding.remedy = fmt::format("lanewise completion {} > {}", each.shell, each.own);
    }
    findings.push_back(std::move(finding));
  }
  return findings;
}

Finding look_at_manual() {
  const std::string page = first_of(
      {prefix() / "share/man/man1/lanewise.1.gz", prefix() / "share/man/man1/lanewise.1", prefix() / "man/lanewise.1"});
  if (!page.empty()) return {"manual", Health::kFine, false, page, ""};
  return {"manual", Health::kMissing, false, "no page is installed", "lanewise manual --out ~/.local/share/man/man1"};
}

std::vector<Library> look_at_libraries() {
  std::vector<Library> libraries;
  std::vector<std::string> search = {"dpkg-query", "--search"};
  for (const std::string& file : loaded_libraries()) {
    const std::string name = fs::path(file).filename().string();
    for (const char* ours : {"systemc", "xgboost", "onnx_proto", "protobuf", "sqlite3", "yaml-cpp", "fmt"}) {
      const std::string begin = std::string("lib") + ours;
      if (name.rfind(begin + ".so", 0) != 0 && name.rfind(begin + "-", 0) != 0) continue;
      Library library{ours, file, "", ""};
      const std::size_t digits = name.find_first_of("0123456789", begin.size());
      if (digits != std::string::npos) library.version = name.substr(digits, name.find(".so", digits) - digits);
      search.push_back(file);
      libraries.push_back(std::move(library));
    }
  }
  // "libfmt9:amd64: /usr/lib/x86_64-linux-gnu/libfmt.so.9.1.0"
  std::istringstream owners(said(search));
  std::vector<std::string> show = {"dpkg-query", "--show", "--showformat=${Package} ${Version}\n"};
  for (std::string line; std::getline(owners, line);) {
    for (Library& library : libraries) {
      if (line.size() < library.file.size() + 2 || line.substr(line.rfind(' ') + 1) != library.file) continue;
      library.package = line.substr(0, line.find_first_of(":,"));
      show.push_back(library.package);
    }
  }
  if (show.size() == 3) return libraries;
  std::istringstream versions(said(show));
  for (std::string package, version; versions >> package >> version;) {
    for (Library& library : libraries) {
      if (library.package == package) library.version = version;
    }
  }
  return libraries;
}

}  // namespace lanewise::study
