// SPDX-License-Identifier: Apache-2.0
// Names from files as they are shown: nothing in them may steer a terminal, break a line or make JSON invalid.
#include "tests/cli/command.hpp"

namespace lanewise::cli::testing {
namespace {

const std::string kEscape = "tests/cli/hostile/escape.onnx";

// Whether the text is free of control characters but for line breaks, and of what is no UTF-8 or begins a sequence.
bool is_clean(const std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte < 0x20 && byte != '\n') || byte == 0x7f) return false;
    const bool first_of_control = byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (first_of_control) return false;
  }
  return true;
}

void expect_clean(const Arguments& arguments) {
  std::string command;
  for (const std::string& argument : arguments) command += argument + " ";
  SCOPED_TRACE(command);
  const Finished finished = run(arguments);
  EXPECT_TRUE(is_clean(finished.out)) << finished.out;
  EXPECT_TRUE(is_clean(finished.err)) << finished.err;
}

// A network whose own name, and those of its operators and tensors, hold what a terminal obeys and what is no UTF-8.
std::string steering_network(const ScratchFolder& folder) {
  const std::string plain = "classifier", steering = "cl\x1b[31m\n\xffy";
  EXPECT_EQ(plain.size(), steering.size());
  std::string bytes = text_of(kSqueezeNet);
  for (std::size_t at = bytes.find(plain); at != std::string::npos; at = bytes.find(plain, at)) {
    bytes.replace(at, plain.size(), steering);
  }
  return folder.write("a\x1b[31m\nb.onnx", bytes);
}

TEST(NamesShown, of_networks_in_every_answer) {
  const ScratchFolder folder;
  for (const std::string& model : {kEscape, steering_network(folder)}) {
    for (const Arguments& verb :
         {Arguments{"simulate", model, "--hw", "ne-256"}, Arguments{"network", "show", model},
          Arguments{"network", "memory", model, "--hw", "ne-256"},
          Arguments{"explain", model, "--layer", "*", "--hw", "ne-256"},
          Arguments{"sweep", model, "--hw", "ne-256", "--vary", "engine.parallelism_factor=8,16"},
          Arguments{"compare", "ne-256", "ne-512", "--model", model}}) {
      for (const char* format : {"", "--json", "--csv"}) {
        Arguments arguments = verb;
        if (*format != '\0') arguments.emplace_back(format);
        expect_clean(arguments);
      }
    }
  }
}

TEST(NamesShown, json_stays_json) {
  const ScratchFolder folder;
  const Finished finished = run({"network", "show", steering_network(folder), "--json"});
  ASSERT_EQ(finished.status, 0) << finished.err;
  EXPECT_TRUE(Json::accept(finished.out)) << finished.out;
  EXPECT_NE(finished.out.find("cl\\\\x1b[31m\\\\n\\\\xffy"), std::string::npos) << finished.out;
}

TEST(NamesShown, of_traces_waveforms_and_drawings) {
  const ScratchFolder folder;
  const std::string trace = folder.file("t.json"), wave = folder.file("t.vcd"), drawing = folder.file("t.svg");
  const Finished finished = run(
      {"simulate", steering_network(folder), "--hw", "ne-256", "--trace", trace, "--vcd", wave, "--roofline", drawing});
  ASSERT_EQ(finished.status, 0) << finished.err;
  for (const std::string& path : {trace, wave, drawing}) EXPECT_TRUE(is_clean(text_of(path))) << path;
  EXPECT_TRUE(Json::accept(text_of(trace)));
  EXPECT_TRUE(is_clean(finished.err)) << finished.err;
}

TEST(NamesShown, of_files_and_values_in_messages) {
  const ScratchFolder folder;
  expect_clean({"simulate", folder.file("no\x1b[31m\nsuch.onnx"), "--hw", "ne-256"});
  expect_clean({"simulate", kSqueezeNet, "--hw", "no\x1b[31m\xff"});
  expect_clean({"simulate", kSqueezeNet, "--hw", "ne-256", "--set", "engine.\x1b=3"});
  expect_clean({"sim\x1bulate"});
  expect_clean({"simulate", kSqueezeNet, "--hw", "ne-256", "--\x1b"});
  expect_clean({"engine", "show",
                folder.write("a.yaml",
                             "name: \"\xc2\x9b"
                             "31m\"\n")});
  const Finished finished = run({"simulate", folder.file("a\nb.onnx"), "--hw", "ne-256"});
  EXPECT_NE(finished.err.find("a\\nb.onnx"), std::string::npos) << finished.err;
}

}  // namespace
}  // namespace lanewise::cli::testing
