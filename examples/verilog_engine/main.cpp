// SPDX-License-Identifier: Apache-2.0
// Runs one subgraph, as `lanewise measure --with` describes it in a JSON file, on the Verilated engine and prints
// {"cycles": N}. Every cycle is a tick of the model's clock; nothing here knows how long anything takes.
//
//   verilog_engine SUBGRAPH.json [--check]
//
// --check also computes the subgraph in C++ and compares every output byte. What the engine does not do is answered as
// {"failure": "REASON"}.
#include <verilated.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "Vmv_engine.h"

namespace {

using Json = nlohmann::json;

constexpr int kRows = 16;                         // outputs at a time, as in mv_engine.sv
constexpr std::int64_t kMostReduction = 8192;     // beats of a vector that fit half of the input buffer
constexpr std::uint64_t kMostTicks = 1ULL << 34;  // a model that hangs ends here

std::vector<std::uint64_t> memory;  // in beats of eight bytes

std::int64_t beats(std::int64_t bytes) { return (bytes + 7) / 8; }

// What the engine cannot run.
struct Refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::int8_t byte_at(std::int64_t base, std::int64_t index) {
  const std::uint64_t word = memory[static_cast<std::size_t>(base + index / 8)];
  return static_cast<std::int8_t>(word >> (8 * (index % 8)));
}

std::int64_t allocate(std::int64_t size) {
  const auto base = static_cast<std::int64_t>(memory.size());
  memory.resize(memory.size() + static_cast<std::size_t>(size), 0);
  return base;
}

// Numbers that any run makes again; small, so that sums keep their middle bits.
std::uint64_t next_random() {
  static std::uint64_t state = 0x9E3779B97F4A7C15ULL;
  state ^= state << 13U;
  state ^= state >> 7U;
  state ^= state << 17U;
  return state;
}
void set_byte(std::int64_t base, std::int64_t index, std::int64_t value) {
  std::uint64_t& word = memory[static_cast<std::size_t>(base + index / 8)];
  const auto at = static_cast<unsigned>(8 * (index % 8));
  word = (word & ~(0xFFULL << at)) | (static_cast<std::uint64_t>(static_cast<std::uint8_t>(value)) << at);
}

// A map in memory: pixels of whole beats, channels innermost.
struct Map {
  std::int64_t base = 0, height = 1, width = 1, channels = 1;
  std::int64_t pixel_beats() const { return beats(channels); }
  std::int8_t at(std::int64_t y, std::int64_t x, std::int64_t c) const {
    return byte_at(base + (y * width + x) * pixel_beats(), c);
  }
};
Map make_map(std::int64_t height, std::int64_t width, std::int64_t channels, bool filled) {
  Map map{0, height, width, channels};
  map.base = allocate(height * width * map.pixel_beats());
  for (std::int64_t pixel = 0; filled && pixel < height * width; ++pixel) {
    for (std::int64_t c = 0; c < channels; ++c) {
      set_byte(map.base + pixel * map.pixel_beats(), c, static_cast<std::int64_t>(next_random() % 31) - 15);
    }
  }
  return map;
}

struct Window {
  std::int64_t kernel[2] = {1, 1}, stride[2] = {1, 1}, dilation[2] = {1, 1}, pad[2] = {0, 0};
};

enum Kind { kDense, kDepthwise, kSum, kMaximum };

struct Command {
  Kind kind = kDense;
  Map in, out, operand;
  std::int64_t in_beat = 0, out_beat = 0;          // first channels / 8 that a group reads and writes
  std::int64_t in_channels = 0, out_channels = 0;  // of the group
  Window window;
  int operand_kind = 0;  // 0 none, 1 one per output, 2 one per channel
  bool operand_multiplies = false, bias = false, relu = false;
  std::int64_t factor = 1;
  int shift = 0;
  std::int64_t weights = 0, biases = 0;
};

// Weights as the loader reads them, in tiles of kRows outputs, and biases of 32 bits.
void make_weights(Command& command) {
  const std::int64_t taps = command.window.kernel[0] * command.window.kernel[1];
  const bool dense = command.kind == kDense;
  const std::int64_t per_output = dense ? beats(command.in_channels) : 1;
  const std::int64_t tiles = dense ? (command.out_channels + kRows - 1) / kRows : beats(command.out_channels);
  const std::int64_t rows = dense ? kRows : 1;
  command.weights = allocate(command.kind <= kDepthwise ? tiles * taps * per_output * rows : 0);
  command.biases = allocate(command.bias ? tiles * (dense ? kRows / 2 : 4) : 0);
  if (command.kind > kDepthwise) return;
  for (std::int64_t tile = 0; tile < tiles; ++tile) {
    for (std::int64_t k = 0; k < taps * per_output; ++k) {
      for (std::int64_t row = 0; row < rows; ++row) {
        const std::int64_t word = command.weights + (tile * taps * per_output + k) * rows + row;
        for (int lane = 0; lane < 8; ++lane) {
          const std::int64_t out = dense ? tile * kRows + row : tile * 8 + lane;
          const std::int64_t in = dense ? (k % per_output) * 8 + lane : 0;
          if (out >= command.out_channels || (dense && in >= command.in_channels)) continue;
          set_byte(word, lane, static_cast<std::int64_t>(next_random() % 31) - 15);
        }
      }
    }
  }
  for (std::int64_t out = 0; command.bias && out < command.out_channels; ++out) {
    memory[static_cast<std::size_t>(command.biases + out / 2)] |= (next_random() % 2048) << (out % 2 == 0 ? 0U : 32U);
  }
}

std::int64_t weight_of(const Command& command, std::int64_t out, std::int64_t tap, std::int64_t in) {
  const std::int64_t taps = command.window.kernel[0] * command.window.kernel[1];
  if (command.kind == kDepthwise) return byte_at(command.weights + (out / 8) * taps + tap, out % 8);
  const std::int64_t reduction = taps * beats(command.in_channels);
  const std::int64_t k = tap * beats(command.in_channels) + in / 8;
  return byte_at(command.weights + ((out / kRows) * reduction + k) * kRows + out % kRows, in % 8);
}

std::int64_t expected(const Command& c, std::int64_t y, std::int64_t x, std::int64_t out) {
  std::int64_t sum = c.kind == kMaximum ? -128 : 0;
  if (c.bias) {
    const std::uint64_t word = memory[static_cast<std::size_t>(c.biases + out / 2)];
    sum = static_cast<std::int32_t>(word >> (out % 2 == 0 ? 0U : 32U));
  }
  for (std::int64_t ky = 0; ky < c.window.kernel[0]; ++ky) {
    for (std::int64_t kx = 0; kx < c.window.kernel[1]; ++kx) {
      const std::int64_t iy = y * c.window.stride[0] + ky * c.window.dilation[0] - c.window.pad[0];
      const std::int64_t ix = x * c.window.stride[1] + kx * c.window.dilation[1] - c.window.pad[1];
      if (iy < 0 || ix < 0 || iy >= c.in.height || ix >= c.in.width) continue;
      const std::int64_t tap = ky * c.window.kernel[1] + kx;
      if (c.kind == kDense) {
        for (std::int64_t in = 0; in < c.in_channels; ++in) {
          sum += weight_of(c, out, tap, in) * c.in.at(iy, ix, c.in_beat * 8 + in);
        }
      } else {
        const std::int64_t value = c.in.at(iy, ix, c.in_beat * 8 + out);
        if (c.kind == kMaximum) sum = std::max(sum, value);
        if (c.kind == kSum) sum += value;
        if (c.kind == kDepthwise) sum += weight_of(c, out, tap, 0) * value;
      }
    }
  }
  std::int64_t value = (sum * c.factor) >> c.shift;
  if (c.operand_kind != 0) {
    const bool each = c.operand_kind == 1;
    const std::int64_t other = c.operand.at(each ? y : 0, each ? x : 0, c.out_beat * 8 + out);
    value = c.operand_multiplies ? (value * other) >> 6 : value + other;
  }
  if (c.relu) value = std::max<std::int64_t>(value, 0);
  return std::clamp<std::int64_t>(value, -128, 127);
}

class Engine {
 public:
  Engine() {
    top_.reset = 1;
    tick();
    tick();
    top_.reset = 0;
    ticks_ = 0;
  }
  ~Engine() { top_.final(); }

  void run(const Command& c) {
    const auto word = [](std::int64_t value) { return static_cast<std::uint32_t>(value); };
    top_.kind = static_cast<std::uint8_t>(c.kind);
    top_.input_base = word(c.in.base + c.in_beat);
    top_.weight_base = word(c.weights);
    top_.bias_base = word(c.biases);
    top_.output_base = word(c.out.base + c.out_beat);
    top_.operand_base = word(c.operand.base + c.out_beat);
    top_.in_height = word(c.in.height);
    top_.in_width = word(c.in.width);
    top_.out_width = word(c.out.width);
    top_.pixels = word(c.out.height * c.out.width);
    top_.channel_beats = word(beats(c.in_channels));
    top_.in_stride_beats = word(c.in.pixel_beats());
    top_.out_beats = word(beats(c.out_channels));
    top_.out_stride_beats = word(c.out.pixel_beats());
    top_.kernel_height = word(c.window.kernel[0]);
    top_.kernel_width = word(c.window.kernel[1]);
    top_.stride_height = word(c.window.stride[0]);
    top_.stride_width = word(c.window.stride[1]);
    top_.dilation_height = word(c.window.dilation[0]);
    top_.dilation_width = word(c.window.dilation[1]);
    top_.pad_top = word(c.window.pad[0]);
    top_.pad_left = word(c.window.pad[1]);
    top_.operand = static_cast<std::uint8_t>(c.operand_kind);
    top_.operand_multiplies = c.operand_multiplies ? 1 : 0;
    top_.bias = c.bias ? 1 : 0;
    top_.relu = c.relu ? 1 : 0;
    top_.factor = static_cast<std::uint16_t>(c.factor);
    top_.shift = static_cast<std::uint8_t>(c.shift);
    top_.start = 1;
    tick();
    top_.start = 0;
    while (top_.done == 0) {
      tick();
      if (ticks_ > kMostTicks) throw std::runtime_error("the engine does not come to an end");
    }
  }

  std::uint64_t ticks() const { return ticks_; }
  std::uint64_t multiplied() const { return top_.multiplied; }

 private:
  void tick() {
    top_.clock = 0;
    top_.eval();
    top_.clock = 1;
    top_.eval();
    ++ticks_;
  }

  Vmv_engine top_;
  std::uint64_t ticks_ = 0;
};

Window window_of(const Json& subgraph, const std::string& prefix) {
  Window window;
  const char* axes[] = {"height", "width"};
  for (int axis = 0; axis < 2; ++axis) {
    const auto number = [&](const char* what) {
      return subgraph.at(prefix + what + "_" + axes[axis]).get<std::int64_t>();
    };
    window.kernel[axis] = number("kernel");
    window.stride[axis] = number("stride");
    window.dilation[axis] = number("dilation");
    window.pad[axis] = number("pad_begin");
  }
  return window;
}

// The commands of one image of the batch.
std::vector<Command> commands_of(const Json& subgraph) {
  const auto number = [&](const char* name) { return subgraph.at(name).get<std::int64_t>(); };
  const std::string family = subgraph.at("pass_family"), operand = subgraph.at("fused_operand"),
                    activation = subgraph.at("activation");
  for (const char* precision : {"input_precision", "weight_precision", "output_precision"}) {
    if (subgraph.at(precision) != "int8") throw Refused(std::string(precision) + " is not int8");
  }
  const bool array = family == "convolution" || family == "grouped" || family == "depthwise";
  const bool matrix = family == "fully_connected";
  const bool pools = family == "pooling" || family == "reduction";
  if (!array && !matrix && !pools && family != "elementwise") throw Refused("no unit runs " + family);
  std::int64_t height = number("in_height"), width = number("in_width");
  std::int64_t channels = number("in_channels");
  if (family == "elementwise") channels = number("out_channels");
  const bool pooled = subgraph.at("pooled").get<bool>();
  const Window window = family == "elementwise" ? Window() : window_of(subgraph, "");
  std::int64_t out_height = number("out_height"), out_width = number("out_width");
  if (pooled) {
    const auto span = [&](int axis) { return (window.kernel[axis] - 1) * window.dilation[axis] + 1; };
    const char* ends[] = {"pad_end_height", "pad_end_width"};
    out_height = (height + window.pad[0] + number(ends[0]) - span(0)) / window.stride[0] + 1;
    out_width = (width + window.pad[1] + number(ends[1]) - span(1)) / window.stride[1] + 1;
  }
  const Map in = make_map(height, width, channels, true);
  const Map out = make_map(out_height, out_width, number("out_channels"), false);
  Command first;
  first.in = in;
  first.out = out;
  first.window = window;
  first.in_channels = channels;
  first.out_channels = out.channels;
  first.bias = subgraph.at("bias").get<bool>();
  first.relu = activation != "none";
  first.shift = 7;
  if (operand != "none") first.operand_kind = operand == "tensor" ? 1 : 2;
  if (family == "elementwise" && number("input_tensors") > 1) first.operand_kind = 1;
  if (pools) {
    first.kind = family == "pooling" && subgraph.value("pooling", "max") == "max" ? kMaximum : kSum;
    first.shift = first.kind == kMaximum ? 0 : 12;
    if (first.kind == kSum) first.factor = std::max<std::int64_t>(1, 4096 / (window.kernel[0] * window.kernel[1]));
  }
  if (family == "elementwise") {
    first.kind = kSum;
    first.shift = 0;
  }
  if (family == "depthwise") first.kind = kDepthwise;
  if (family == "depthwise" && out.channels != channels) throw Refused("a channel has several outputs");
  if (first.operand_kind != 0) {
    first.operand = first.operand_kind == 1 ? make_map(out.height, out.width, out.channels, true)
                                            : make_map(1, 1, out.channels, true);
  }
  std::vector<Command> commands;
  const std::int64_t groups = family == "grouped" ? number("groups") : 1;
  if (groups > 1 && (channels / groups % 8 != 0 || out.channels / groups % 8 != 0)) {
    throw Refused("groups of other than whole beats of channels");
  }
  for (std::int64_t group = 0; group < groups; ++group) {
    Command one = first;
    one.in_channels = channels / groups;
    one.out_channels = out.channels / groups;
    one.in_beat = group * one.in_channels / 8;
    one.out_beat = group * one.out_channels / 8;
    make_weights(one);
    commands.push_back(one);
  }
  if (pooled) {
    Command second;
    second.kind = kMaximum;
    second.in = out;
    second.out = make_map(number("out_height"), number("out_width"), out.channels, false);
    second.window = window_of(subgraph, "pool_");
    second.in_channels = second.out_channels = out.channels;
    commands.push_back(second);
  }
  for (const Command& command : commands) {
    const std::int64_t taps = command.window.kernel[0] * command.window.kernel[1];
    if (taps * (command.kind == kDense ? beats(command.in_channels) : 1) > kMostReduction) {
      throw Refused("a vector does not fit the input buffer");
    }
  }
  return commands;
}

// The first output that is not what it should be, or "".
std::string first_difference(const Command& command) {
  for (std::int64_t y = 0; y < command.out.height; ++y) {
    for (std::int64_t x = 0; x < command.out.width; ++x) {
      for (std::int64_t c = 0; c < command.out_channels; ++c) {
        const std::int64_t is = command.out.at(y, x, command.out_beat * 8 + c), should = expected(command, y, x, c);
        if (is == should) continue;
        return "output (" + std::to_string(c) + ", " + std::to_string(y) + ", " + std::to_string(x) + ") is " +
               std::to_string(is) + ", not " + std::to_string(should);
      }
    }
  }
  return "";
}

int run(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const bool check = std::find(words.begin(), words.end(), "--check") != words.end();
  if (words.empty()) throw std::runtime_error("usage: verilog_engine SUBGRAPH.json [--check]");
  std::ifstream file(words.front());
  if (!file) throw std::runtime_error(words.front() + " cannot be read");
  const Json json = Json::parse(file);
  Engine engine;
  const auto batch = json.at("subgraph").at("batch").get<std::int64_t>();
  for (std::int64_t image = 0; image < batch; ++image) {
    memory.clear();
    for (const Command& command : commands_of(json.at("subgraph"))) {
      engine.run(command);
      const std::string wrong = check ? first_difference(command) : "";
      if (!wrong.empty()) throw std::runtime_error("wrong result: " + wrong);
    }
  }
  Json answer = {{"cycles", engine.ticks()}};
  if (check) answer["multiplied"] = engine.multiplied();
  std::cout << answer.dump() << std::endl;
  return 0;
}

}  // namespace

extern "C" unsigned long long read_memory(unsigned int beat) { return beat < memory.size() ? memory[beat] : 0; }
extern "C" void write_memory(unsigned int beat, unsigned long long data) {
  if (beat >= memory.size()) throw std::runtime_error("the engine wrote beyond its memory");
  memory[beat] = data;
}

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const Refused& refused) {
    std::cout << Json({{"failure", refused.what()}}).dump() << std::endl;
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "verilog_engine: error: " << error.what() << std::endl;
    return 1;
  }
}
