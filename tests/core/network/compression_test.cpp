// SPDX-License-Identifier: Apache-2.0
// Forms of weights: counted from numbers, given by entries, and as if.
#include "core/network/compression.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "tests/core/network/onnx_fixture.hpp"

namespace lanewise::network::testing {
namespace {

std::string message_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

void give(OnnxFile& file, const std::string& name, const std::vector<float>& numbers) {
  for (onnx::TensorProto& tensor : *file.model().mutable_graph()->mutable_initializer()) {
    if (tensor.name() != name) continue;
    for (const float number : numbers) tensor.add_float_data(number);
  }
}

// A first layer, a depthwise one, and two that are pruned by default, the last of them a matrix.
OnnxFile four_layers() {
  OnnxFile file(
      "(float[1,4,4,4] x) => (float[1,3] y) { s = Mul(x, k) a = Conv(s, w0) b = Conv<group = 8>(a, w1) "
      "r = Relu(b) c = Conv(r, w2) g = GlobalAveragePool(c) f = Flatten(g) y = Gemm<transB = 1>(f, w3) }");
  file.scalar("k", 0.5F);
  file.weight("w0", {8, 4, 1, 1}).weight("w1", {8, 1, 3, 3}).weight("w2", {6, 8, 1, 1}).weight("w3", {3, 6});
  file.name(1, "first").name(2, "depthwise").name(4, "third").name(7, "head");
  return file;
}

std::string forms(const Graph& graph) {
  std::string text;
  for (const Operator& op : graph.operators()) {
    if (has_form(op)) text += (text.empty() ? "" : ", ") + to_string(graph.tensor(op.weights[0]).form);
  }
  return text;
}

ImportOptions with(const Compression& how) {
  ImportOptions options;
  options.compression = how;
  return options;
}

Compression as_if(const std::string& prune, std::int64_t clusters = 0) {
  Compression how;
  if (!prune.empty()) how.prune = parse_prune(prune);
  if (clusters > 0) how.clusters = clusters;
  return how;
}

LayerForm entry(const std::string& layer, const std::string& form) { return {layer, parse_form_text(form), "FILE:1"}; }

TEST(Compression, every_pattern_of_zeros_counts_as_its_definition_says) {
  // All patterns of eight weights along the input channels, one output each: the smallest N / M that holds.
  for (int pattern = 0; pattern < 256; ++pattern) {
    std::vector<float> numbers;
    for (int i = 0; i < 8; ++i) numbers.push_back((pattern >> i & 1) != 0 ? 1.0F + static_cast<float>(i) : 0.0F);
    std::int64_t kept = 1, of = 1;
    for (const std::int64_t size : {2, 4, 8}) {
      std::int64_t most = 1;
      for (std::int64_t first = 0; first < 8; first += size) {
        std::int64_t here = 0;
        for (std::int64_t i = first; i < first + size; ++i) here += pattern >> i & 1;
        most = std::max(most, here);
      }
      if (most * of < kept * size) {
        kept = most;
        of = size;
      }
    }
    const WeightForm form = counted_form(numbers, {1, 8}, 1, false, 8);
    EXPECT_EQ(form.kept, of > 1 ? kept : 0) << pattern;
    EXPECT_EQ(form.of, of > 1 ? of : 0) << pattern;
    const int ones = __builtin_popcount(static_cast<unsigned>(pattern));
    EXPECT_DOUBLE_EQ(form.density, rounded_density(ones / 8.0)) << pattern;
    EXPECT_NO_THROW(require_valid(form)) << pattern;
  }
}

TEST(Compression, structures_run_along_input_channels_and_not_along_anything_else) {
  // [1 output, 4 inputs, 1, 2]: inputs 0 and 1 are zero, so that 2:4 holds along inputs; along the row none would.
  const std::vector<float> numbers{0, 0, 0, 0, 1, 2, 3, 4};
  WeightForm form = counted_form(numbers, {1, 4, 1, 2}, 1, false, 8);
  EXPECT_EQ(form.kept, 2);
  EXPECT_EQ(form.of, 4);
  // The same numbers as two inputs of four outputs, transposed: [inputs, outputs, 1, 1]; one of each two inputs stays.
  form = counted_form(numbers, {2, 4, 1, 1}, 1, true, 8);
  EXPECT_EQ(form.kept, 1);
  EXPECT_EQ(form.of, 2);
  // Three inputs are no multiple of any M.
  EXPECT_FALSE(counted_form({0, 0, 1}, {1, 3}, 1, false, 8).structured());
}

TEST(Compression, palettes_are_counted_where_they_pay) {
  const auto clusters = [](int values, int elements, int bits) {
    std::vector<float> numbers;
    for (int i = 0; i < elements; ++i) numbers.push_back(static_cast<float>(1 + i % values));
    return counted_form(numbers, {elements, 1}, 1, false, bits).clusters;
  };
  EXPECT_EQ(clusters(16, 64, 8), 16);
  EXPECT_EQ(clusters(1, 64, 8), 2);   // a palette has two at least
  EXPECT_EQ(clusters(33, 64, 8), 0);  // fewer than two weights a value
  EXPECT_EQ(clusters(128, 4096, 8), 128);
  EXPECT_EQ(clusters(129, 4096, 8), 0);  // an index of eight bits stands for eight bits
  EXPECT_EQ(clusters(256, 4096, 16), 256);
  EXPECT_EQ(clusters(257, 4096, 16), 0);
  EXPECT_EQ(clusters(8, 4096, 4), 8);
  EXPECT_EQ(clusters(9, 4096, 4), 0);
}

TEST(Compression, a_single_zero_is_not_rounded_away) {
  std::vector<float> numbers;
  for (int i = 0; i < 40000; ++i) numbers.push_back(static_cast<float>(i));
  EXPECT_EQ(counted_form(numbers, {40000, 1}, 1, false, 8).density, 0.9999);
  numbers[0] = 1;
  EXPECT_EQ(counted_form(numbers, {40000, 1}, 1, false, 8).density, 1);
  numbers[0] = -0.0F;
  EXPECT_EQ(counted_form(numbers, {40000, 1}, 1, false, 8).density, 0.9999);
}

TEST(Compression, files_are_counted_by_their_numbers) {
  OnnxFile file = four_layers();
  std::vector<float> w0(32, 1), w1(72), w2(48), w3(18, 0);
  for (std::size_t i = 0; i < w0.size(); ++i) w0[i] = static_cast<float>(i % 4 < 2 ? 0 : i);
  for (std::size_t i = 0; i < w1.size(); ++i) w1[i] = static_cast<float>(i + 1);
  for (std::size_t i = 0; i < w2.size(); ++i) w2[i] = static_cast<float>(1 + i % 3);
  for (std::size_t i = 0; i < 6; ++i) w3[i] = static_cast<float>(i + 1);
  give(file, "w0", w0);
  give(file, "w1", w1);
  give(file, "w2", w2);
  give(file, "w3", w3);
  Compression how;
  how.counted = true;
  EXPECT_EQ(forms(file.import(with(how))), "2:4 + 0.5, dense, 3 clusters, 0.3333 + 7 clusters");
  how.prune = parse_prune("1:2");
  how.clusters = 4;
  // What is there already is not undone: zeros stay, and so do palettes that are smaller.
  EXPECT_EQ(forms(file.import(with(how))), "2:4 + 0.5, dense, 1:2 + 0.5 + 3 clusters, 1:2 + 0.3333 + 4 clusters");
}

TEST(Compression, numbers_that_are_not_there_are_not_made_up) {
  Compression how;
  how.counted = true;
  const std::string message = four_layers().error(with(how));
  EXPECT_EQ(message,
            "weights cannot be counted: the numbers of 'w0' in 'first' are not in the file, or are computed by "
            "other operators");
}

TEST(Compression, a_what_if_spares_first_and_depthwise_layers) {
  const OnnxFile file = four_layers();
  EXPECT_EQ(forms(file.import(with(as_if("0.5")))), "dense, dense, 0.5, 0.5");
  EXPECT_EQ(forms(file.import(with(as_if("", 16)))), "dense, dense, 16 clusters, 16 clusters");
  // Six input channels of the head are no multiple of four.
  EXPECT_EQ(forms(file.import(with(as_if("2:4", 16)))), "dense, dense, 2:4 + 0.5 + 16 clusters, 16 clusters");
  EXPECT_EQ(message_of([&] { file.import(with(as_if("1:5"))); }),
            "--prune 1:5: no layer of network '" + file.import().name() + "' can be compressed so");
}

TEST(Compression, entries_hold_over_what_ifs_and_the_last_one_over_others) {
  const OnnxFile file = four_layers();
  Compression how = as_if("0.5");
  how.layers = {entry("*", "-/0.7500/0"), entry("third", "2:4/0.5000/8"), entry("h*", "-/1.0000/0")};
  EXPECT_EQ(forms(file.import(with(how))), "0.75, 0.75, 2:4 + 0.5 + 8 clusters, dense");
}

TEST(Compression, entries_that_say_nothing_or_cannot_be_are_refused) {
  const OnnxFile file = four_layers();
  const auto of = [&](const std::string& layer, const std::string& form) {
    Compression how;
    how.layers = {entry(layer, form)};
    return message_of([&] { file.import(with(how)); });
  };
  const std::string name = file.import().name();
  EXPECT_EQ(of("nowhere", "-/0.5000/0"), "FILE:1: 'nowhere' is no operator of network '" + name + "'");
  const std::string relu = file.import().op(3).name;
  EXPECT_EQ(of(relu, "-/0.5000/0"),
            "FILE:1: '" + relu + "' is no convolution and no fully connected layer of network '" + name + "'");
  EXPECT_EQ(of("head", "2:4/0.5000/0"), "FILE:1: 2:4 needs input channels that are a multiple of 4; 'head' has 6");
  EXPECT_EQ(of("depthwise", "1:2/0.5000/0"),
            "FILE:1: 1:2 needs input channels that are a multiple of 2; 'depthwise' has 1 in each group");
}

TEST(Compression, a_shared_weight_has_one_form) {
  OnnxFile file("(float[1,4,4,4] x) => (float[1,4,4,4] y) { a = Conv(x, w) y = Conv(a, w) }");
  file.weight("w", {4, 4, 1, 1}).name(0, "one").name(1, "two");
  Compression how;
  how.layers = {entry("one", "-/0.5000/0"), entry("two", "-/0.2500/0")};
  EXPECT_EQ(message_of([&] { file.import(with(how)); }),
            "FILE:1: 'two' shares its weight 'w' with 'one', which has another form");
  how.layers[1] = entry("two", "-/0.5000/0");
  EXPECT_EQ(forms(file.import(with(how))), "0.5, 0.5");
}

TEST(Compression, what_if_texts_are_read_or_refused) {
  EXPECT_EQ(form_text(parse_prune("2:4")), "2:4/0.5000/0");
  EXPECT_EQ(form_text(parse_prune("1:3")), "1:3/0.3333/0");
  EXPECT_EQ(form_text(parse_prune("0.35")), "-/0.3500/0");
  EXPECT_EQ(message_of([] { parse_prune("4:4"); }), "structure 4:4: N:M must have 1 <= N < M <= 64");
  EXPECT_EQ(message_of([] { parse_prune("2:"); }), "structure '2:': must be N:M, such as 2:4");
  EXPECT_EQ(message_of([] { parse_prune("half"); }),
            "'half': must be N:M, such as 2:4, or the share that is left, such as 0.5");
  EXPECT_EQ(message_of([] { parse_prune("1"); }), "'1': a share of 1 prunes nothing");
  EXPECT_EQ(message_of([] { parse_prune("0"); }), "density 0: must be above 0 and at most 1");
  for (std::int64_t of = 2; of <= kLargestStructure; ++of) {
    for (std::int64_t kept = 1; kept < of; ++kept) {
      const WeightForm form = parse_structure(std::to_string(kept) + ":" + std::to_string(of));
      EXPECT_EQ(parse_form_text(form_text(form)), form);
    }
  }
}

}  // namespace
}  // namespace lanewise::network::testing
