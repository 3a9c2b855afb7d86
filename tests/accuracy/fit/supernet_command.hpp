// SPDX-License-Identifier: Apache-2.0
// A small space, images of three classes as files, and commands about both.
#pragma once

#include "tests/accuracy/fit/fit_command.hpp"
#include "tests/accuracy/supernet/small_space.hpp"
#include "tests/accuracy/training/tiny.hpp"

namespace lanewise::cli::testing {

namespace fs = std::filesystem;
using accuracy::Dataset;

inline std::string big_endian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

class SupernetCommand : public ::testing::Test {
 protected:
  SupernetCommand() {
    fs::create_directories(scratch_.file("images"));
    write_split("train", accuracy::testing::tiny_images(320, 1));
    write_split("t10k", accuracy::testing::tiny_images(90, 2));
    space_ = scratch_.write("small.yaml", accuracy::testing::kSmallSpace);
    table_ = scratch_.write("some.csv",
                            "encoding,note\nr-s4/i3e2c4r1/h0,small\nh-s8/f5e2c8r2/h8,large\n"
                            "r-s8/i5e3c6r2/h8,other\nr-s4/i3e2c4r1/h0,again\n");
  }
  void write_split(const std::string& name, const Dataset& data) const {
    const auto count = static_cast<std::uint32_t>(data.images());
    std::string labels = big_endian(0x00000801) + big_endian(count);
    for (const int label : data.labels) labels += static_cast<char>(label);
    const std::string pixels(data.pixels.begin(), data.pixels.end());
    scratch_.write("images/" + name + "-labels-idx1-ubyte", labels);
    scratch_.write("images/" + name + "-images-idx3-ubyte",
                   big_endian(0x00000803) + big_endian(count) + big_endian(8) + big_endian(8) + pixels);
  }
  Arguments command(const std::string& out, const Arguments& more = {}, const std::string& steps = "60") const {
    Arguments words = {"supernet",     "--space",  space_,  "--data",       scratch_.file("images"),
                       "--set",        "batch=32", "--set", "augment=none", "--set",
                       "checkpoint=5", "--steps",  steps,   "--out",        scratch_.file(out)};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  Arguments inherit(const Arguments& more = {}) const {
    Arguments words = {"inherit", table_, "--supernet", scratch_.file("one"), "--recalibrate", "64"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  ScratchFolder scratch_;
  std::string space_, table_;
};

}  // namespace lanewise::cli::testing
