// SPDX-License-Identifier: Apache-2.0
// How long `lanewise explore` takes to answer while a person drags: the round trip of an estimate over HTTP, as the
// page asks it, over every slider that is offered first. Three times: by itself; beside what the page draws of the
// slider under the hand; beside a simulation. Prints a table on standard error and JSON on standard output. Called by
// benchmarks/explore_latency with the address that the program printed.
#include <httplib.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>
#include <regex>
#include <string>
#include <thread>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/version.hpp"

namespace {

using lanewise::Error;
using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kRequests = 400;  // of each of the three

// One connection of the page's, kept open as a browser keeps it.
class Connection {
 public:
  Connection(int port, const std::string& token)
      : client_("127.0.0.1", port),
        headers_{{"X-Lanewise-Token", token}, {"Origin", "http://127.0.0.1:" + std::to_string(port)}} {
    client_.set_keep_alive(true);
    client_.set_tcp_nodelay(true);
    client_.set_read_timeout(600);
  }
  Json get(const std::string& path) { return answer(client_.Get(path, headers_), path); }
  Json post(const std::string& path, const Json& body) {
    return answer(client_.Post(path, headers_, body.dump(), "application/json"), path);
  }
  // Milliseconds until the whole answer is there; parsing it is the browser's.
  double time(const std::string& path, const std::string& body) {
    const auto from = Clock::now();
    const httplib::Result reply = client_.Post(path, headers_, body, "application/json");
    const double ms = std::chrono::duration<double, std::milli>(Clock::now() - from).count();
    if (!reply || reply->status != 200) throw Error(path + ": no answer");
    return ms;
  }

 private:
  static Json answer(const httplib::Result& reply, const std::string& path) {
    if (!reply || reply->status != 200) throw Error(path + ": " + (reply ? reply->body : "no answer"));
    return Json::parse(reply->body);
  }
  httplib::Client client_;
  httplib::Headers headers_;
};

struct Dial {
  std::string name;
  bool of_network = false;
  std::vector<std::string> values;
};

std::vector<Dial> dials_of(const Json& state) {
  std::vector<Dial> dials;
  for (const Json& dial : state.at("dials")) {
    if (dial.at("first") && dial.at("values").size() > 1) dials.push_back({dial.at("name"), false, dial.at("values")});
  }
  for (const Json& dial : state.at("networks")[0].at("dials"))
    dials.push_back({dial.at("name"), true, dial.at("values")});
  return dials;
}

struct Step {
  Json request;
  std::string dial;
};

// A person takes one slider after the other, drags it from end to end, and leaves it somewhere. No design comes twice
// in a row, and hardly one twice at all.
std::vector<Step> drag(const std::vector<Dial>& dials, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<Step> steps;
  Json keys = Json::object(), genes = Json::object();
  while (steps.size() < kRequests) {
    const Dial& dial = dials[random() % dials.size()];
    Json& half = dial.of_network ? genes : keys;
    const auto step = [&](const std::string& value) {
      half[dial.name] = value;
      steps.push_back({{{"design", {{"network", 0}, {"keys", keys}, {"genes", genes}, {"follow", true}}}}, dial.name});
    };
    for (const std::string& value : dial.values) step(value);
    step(dial.values[random() % dial.values.size()]);
  }
  steps.resize(kRequests);
  return steps;
}

double at_percentile(std::vector<double> times, double percent) {
  std::sort(times.begin(), times.end());
  const auto place = static_cast<std::size_t>(percent / 100 * static_cast<double>(times.size() - 1) + 0.5);
  return times[place];
}

// CPU seconds that the program took so far.
double cpu_seconds(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::vector<std::string> all;
  for (std::string field; fields >> field;) all.push_back(field);
  return (std::stod(all.at(11)) + std::stod(all.at(12))) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

struct Address {
  int port = 0;
  std::string token;
};

enum class Beside { kNothing, kCurve, kSimulation };

Json measure(const char* title, const Address& address, int pid, const std::vector<Step>& steps, Beside beside) {
  std::atomic<bool> done{false};
  std::atomic<std::size_t> now{0};
  std::thread other;
  if (beside != Beside::kNothing) {
    other = std::thread([&] {
      Connection connection(address.port, address.token);
      while (!done) {
        Json request = steps[now].request;
        if (beside == Beside::kCurve) {
          // As the page does: the curve of the slider under the hand for the newest design, one at a time.
          request["dial"] = steps[now].dial;
          connection.post("/api/along", request);
        } else {
          connection.post("/api/simulate", request);
        }
      }
    });
  }
  Connection connection(address.port, address.token);
  connection.get("/api/progress");
  const double cpu = cpu_seconds(pid);
  std::vector<double> times;
  std::size_t refused = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    now = i;
    times.push_back(connection.time("/api/estimate", steps[i].request.dump()));
  }
  done = true;
  const double used = cpu_seconds(pid) - cpu;
  if (other.joinable()) other.join();
  for (std::size_t i = 0; i < steps.size(); i += 10) {
    refused += connection.post("/api/estimate", steps[i].request).at("refusal").is_string() ? 1 : 0;
  }
  Json out = {{"requests", times.size()},
              {"median_ms", at_percentile(times, 50)},
              {"p95_ms", at_percentile(times, 95)},
              {"worst_ms", at_percentile(times, 100)},
              {"cpu_ms_per_request", 1000 * used / static_cast<double>(times.size())},
              {"refused_percent", 100.0 * static_cast<double>(refused) / (static_cast<double>(steps.size()) / 10)}};
  // What else the machine is doing: with more to run than it has cores, a round trip is mostly waiting for a core.
  double load = 0;
  ::getloadavg(&load, 1);
  out["load_average"] = load;
  std::fprintf(stderr, "%-28s median %6.1f ms, 95th percentile %6.1f ms, worst %6.1f ms; CPU %6.1f ms a request\n",
               title, out["median_ms"].get<double>(), out["p95_ms"].get<double>(), out["worst_ms"].get<double>(),
               out["cpu_ms_per_request"].get<double>());
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 3) throw Error("usage: explore_latency ADDRESS PID");
    std::cmatch parts;
    if (!std::regex_match(argv[1], parts, std::regex("http://127\\.0\\.0\\.1:([0-9]+)/\\?token=([0-9a-f]+)"))) {
      throw Error(std::string("'") + argv[1] + "' is no address of lanewise explore");
    }
    const Address address{std::stoi(parts[1]), parts[2]};
    const int pid = std::stoi(argv[2]);
    Connection connection(address.port, address.token);
    const Json state = connection.get("/api/state");
    const std::vector<Dial> dials = dials_of(state);
    Json result = {
        {"benchmark", "explore_latency"},
        {"tool_version", lanewise::version()},
        {"network", state.at("networks")[0].at("name")},
        {"engine", state.at("engine")},
        {"sliders", dials.size()},
        {"cores", std::thread::hardware_concurrency()},
        {"unit", "ms of a round trip over HTTP on this machine, keep-alive, until the whole answer is there"}};
    result["dragging"] = measure("dragging", address, pid, drag(dials, 1), Beside::kNothing);
    result["dragging_beside_the_curve"] =
        measure("beside the slider's curve", address, pid, drag(dials, 2), Beside::kCurve);
    result["dragging_beside_a_simulation"] =
        measure("beside simulations", address, pid, drag(dials, 3), Beside::kSimulation);
    std::cout << result.dump(2) << "\n";
  } catch (const std::exception& error) {
    std::cerr << "lanewise: error: " << error.what() << "\n";
    return 1;
  }
}
