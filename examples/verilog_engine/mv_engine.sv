// SPDX-License-Identifier: Apache-2.0
// A matrix-vector engine: ROWS outputs at a time, BEAT inputs a cycle into each. A convolution is a product of its
// weights with the vectors that its windows see (im2col). A loader fills the input buffer with the vectors of a stripe
// of pixels and the weight buffer with those of ROWS output channels, a stretch of the reduction at a time; the array
// multiplies; a drain scales the sums and writes them. With DOUBLE each buffer has two halves, so that the three work
// at once; without, each has one, and they take turns.
module mv_engine #(
    parameter bit DOUBLE = 1,
    parameter int INPUT_BEATS = 16384,   // of the input buffer, both halves together
    parameter int WEIGHT_WORDS = 512,   // of ROWS beats each, both halves together
    parameter int PIXELS = 64,          // whose sums fit, both halves together
    parameter int LATENCY = 24
) (
    input logic clock,
    input logic reset,
    input logic start,
    output logic done,
    // The command. Kinds: 0 weights of all input channels for each output channel; 1 weights of one channel for each
    // channel (depthwise); 2 no weights, sums of windows; 3 no weights, maxima of windows.
    input logic [1:0] kind,
    input logic [31:0] input_base, weight_base, bias_base, output_base, operand_base,  // in beats
    input logic [31:0] in_height, in_width, out_width, pixels,
    input logic [31:0] channel_beats,       // of a pixel that this command reads
    input logic [31:0] in_stride_beats,     // from one input pixel to the next
    input logic [31:0] out_beats,           // of a pixel that this command writes
    input logic [31:0] out_stride_beats,    // from one output pixel to the next
    input logic [31:0] kernel_height, kernel_width, stride_height, stride_width, dilation_height, dilation_width,
    input logic [31:0] pad_top, pad_left,
    input logic [1:0] operand,       // 0 none, 1 one per output, 2 one per channel
    input logic operand_multiplies,  // instead of being added
    input logic bias, relu,
    input logic [15:0] factor,       // output = sum * factor >> shift, saturated
    input logic [4:0] shift,
    output logic [63:0] multiplied   // products that the array made, to be checked against the network's
);
  localparam int ROWS = 16;
  localparam int HALVES = DOUBLE ? 2 : 1;
  localparam int HALF_INPUT = INPUT_BEATS / HALVES;
  localparam int HALF_WEIGHT = WEIGHT_WORDS / HALVES;
  localparam int HALF_PIXELS = PIXELS / HALVES;
  localparam int OPERANDS = 16;
  localparam logic [1:0] TO_INPUT = 0, TO_WEIGHT = 1, TO_BIAS = 2, TO_OPERAND = 3;

  logic [63:0] input_buffer[INPUT_BEATS];
  logic [ROWS*64-1:0] weight_buffer[WEIGHT_WORDS];
  logic signed [31:0] bias_buffer[HALVES*ROWS];
  logic signed [31:0] sums[PIXELS*ROWS];

  // What the command comes to. Constant while it runs.
  logic dense, weighted;
  logic [31:0] taps, reduction, stripe_pixels, tile_beats, tiles, planes, stretch;
  always_comb begin
    dense = kind == 0;
    weighted = kind <= 1;
    taps = kernel_height * kernel_width;
    reduction = dense ? taps * channel_beats : taps;  // beats of a vector
    stripe_pixels = HALF_INPUT / (reduction == 0 ? 1 : reduction);
    if (stripe_pixels > HALF_PIXELS) stripe_pixels = HALF_PIXELS;
    tile_beats = dense ? ROWS / 8 : 1;  // of a pixel that a tile of outputs has
    tiles = dense ? (out_beats + tile_beats - 1) / tile_beats : 1;
    planes = dense ? 1 : channel_beats;  // walked one after the other
    stretch = reduction > HALF_WEIGHT ? HALF_WEIGHT : reduction;
  end

  // ---- handing over: how many halves are full, and which is next at either side
  logic [1:0] inputs_full, weights_full, sums_full;
  logic input_filled, input_freed, weight_filled, weight_freed, sums_filled, sums_freed;

  // ---- the port
  logic want, want_write, want_blank, ready, answer;
  logic [31:0] want_address;
  logic [63:0] want_data, answer_data;
  logic [1:0] want_tag, answer_tag;
  memory_port #(.LATENCY(LATENCY)) port (
      .clock, .reset, .want, .write(want_write), .blank(want_blank), .address(want_address), .data(want_data),
      .blank_data(loader == L_INPUT && kind == 3 ? 64'h8080_8080_8080_8080 : 64'd0), .tag(want_tag), .ready, .answer, .answer_data, .answer_tag);

  // ---- the loader asks
  typedef enum logic [2:0] {L_IDLE, L_INPUT, L_BIAS, L_WEIGHT, L_DONE} loader_t;
  loader_t loader;
  logic [31:0] l_plane, l_first, l_pixel, l_oy, l_ox, l_oy0, l_ox0, l_ky, l_kx, l_cb, l_tile, l_k, l_k_begin, l_row;
  logic [1:0] l_inputs_asked, l_weights_asked;  // halves asked for and not freed
  logic signed [31:0] at_y, at_x;
  logic outside, l_want, l_blank;
  logic [31:0] l_address, l_in_stripe, l_in_stretch, l_rows;
  always_comb begin
    at_y = 32'(l_oy * stride_height + l_ky * dilation_height) - 32'(pad_top);
    at_x = 32'(l_ox * stride_width + l_kx * dilation_width) - 32'(pad_left);
    outside = at_y < 0 || at_x < 0 || at_y >= 32'(in_height) || at_x >= 32'(in_width);
    l_in_stripe = pixels - l_first < stripe_pixels ? pixels - l_first : stripe_pixels;
    l_in_stretch = reduction - l_k_begin < stretch ? reduction - l_k_begin : stretch;
    l_rows = dense ? ROWS : 1;
    l_want = 0;
    l_blank = 0;
    l_address = 0;
    case (loader)
      L_INPUT: begin
        l_want = l_inputs_asked < HALVES || l_pixel != l_first || l_ky != 0 || l_kx != 0 || l_cb != 0;
        l_blank = outside;
        l_address = input_base + (at_y * in_width + at_x) * in_stride_beats + (dense ? l_cb : l_plane);
      end
      L_BIAS: begin
        l_want = l_weights_asked < HALVES || l_row != 0;
        l_blank = !bias;
        l_address = bias_base + (dense ? l_tile * (ROWS / 2) : l_plane * 4) + l_row;
      end
      L_WEIGHT: begin
        l_want = l_weights_asked < HALVES || l_row != 0 || l_k != l_k_begin || l_k_begin == 0;
        l_blank = !weighted;
        l_address = weight_base + ((dense ? l_tile : l_plane) * reduction + l_k) * l_rows + l_row;
      end
      default: ;
    endcase
  end
  logic l_taken, l_last_input, l_last_weight;
  assign l_last_input = l_cb + 1 == (dense ? channel_beats : 1) && l_kx + 1 == kernel_width && l_ky + 1 == kernel_height
                        && l_pixel + 1 == l_first + l_in_stripe;
  assign l_last_weight = l_row + 1 == l_rows && l_k + 1 == l_k_begin + l_in_stretch;

  always_ff @(posedge clock) begin
    if (reset || start) begin
      loader <= start ? L_INPUT : L_IDLE;
      {l_plane, l_first, l_pixel, l_oy, l_ox, l_oy0, l_ox0, l_ky, l_kx, l_cb} <= '0;
      {l_tile, l_k, l_k_begin, l_row} <= '0;
      l_inputs_asked <= 0;
      l_weights_asked <= 0;
    end else begin
      l_inputs_asked <= l_inputs_asked + 2'(l_taken && loader == L_INPUT && l_last_input) - 2'(input_freed);
      l_weights_asked <= l_weights_asked + 2'(l_taken && loader == L_WEIGHT && l_last_weight) - 2'(weight_freed);
      if (l_taken) begin
        case (loader)
          L_INPUT: begin
            if (l_cb + 1 < (dense ? channel_beats : 1)) l_cb <= l_cb + 1;
            else begin
              l_cb <= 0;
              if (l_kx + 1 < kernel_width) l_kx <= l_kx + 1;
              else begin
                l_kx <= 0;
                if (l_ky + 1 < kernel_height) l_ky <= l_ky + 1;
                else begin
                  l_ky <= 0;
                  l_pixel <= l_pixel + 1;
                  l_ox <= l_ox + 1 == out_width ? 0 : l_ox + 1;
                  if (l_ox + 1 == out_width) l_oy <= l_oy + 1;
                  if (l_last_input) begin
                    loader <= L_BIAS;
                    l_tile <= 0;
                    l_k <= 0;
                    l_k_begin <= 0;
                    l_row <= 0;
                  end
                end
              end
            end
          end
          L_BIAS: begin
            l_row <= l_row + 1;
            if (l_row + 1 == (dense ? ROWS / 2 : 4)) begin
              l_row <= 0;
              loader <= L_WEIGHT;
            end
          end
          L_WEIGHT: begin
            l_row <= l_row + 1;
            if (l_row + 1 == l_rows) begin
              l_row <= 0;
              l_k <= l_k + 1;
            end
            if (l_last_weight) begin
              if (l_k + 1 < reduction) l_k_begin <= l_k + 1;
              else begin
                l_k <= 0;
                l_k_begin <= 0;
                loader <= L_BIAS;
                l_tile <= l_tile + 1;
                if (l_tile + 1 == tiles) begin
                  loader <= L_INPUT;
                  l_first <= l_first + l_in_stripe;
                  if (l_first + l_in_stripe == pixels) begin
                    l_first <= 0;
                    l_pixel <= 0;
                    l_oy <= 0;
                    l_ox <= 0;
                    l_plane <= l_plane + 1;
                    if (l_plane + 1 == planes) loader <= L_DONE;
                  end
                end
              end
            end
          end
          default: ;
        endcase
      end
    end
  end

  // ---- what comes goes into the buffers, in the order in which it was asked for
  logic [31:0] i_first, i_at, w_tile, w_k_begin, w_k, w_row, b_row, i_in_stripe, w_in_stretch;
  logic i_half, w_half, b_half;
  assign i_in_stripe = pixels - i_first < stripe_pixels ? pixels - i_first : stripe_pixels;
  assign w_in_stretch = reduction - w_k_begin < stretch ? reduction - w_k_begin : stretch;
  always_comb begin
    input_filled = answer && answer_tag == TO_INPUT && i_at + 1 == i_in_stripe * reduction;
    weight_filled = answer && answer_tag == TO_WEIGHT && w_row + 1 == l_rows && w_k + 1 == w_k_begin + w_in_stretch;
  end
  always_ff @(posedge clock) begin
    if (reset || start) begin
      {i_first, i_at, w_k_begin, w_k, w_row, b_row} <= '0;
      {i_half, w_half, b_half} <= '0;
    end else if (answer) begin
      case (answer_tag)
        TO_INPUT: begin
          input_buffer[32'(i_half) * HALF_INPUT + i_at] <= answer_data;
          i_at <= i_at + 1;
          if (input_filled) begin
            i_at <= 0;
            i_half <= DOUBLE && !i_half;
            i_first <= i_first + i_in_stripe == pixels ? 0 : i_first + i_in_stripe;
          end
        end
        TO_BIAS: begin
          bias_buffer[32'(b_half) * ROWS + b_row * 2] <= answer_data[31:0];
          bias_buffer[32'(b_half) * ROWS + b_row * 2 + 1] <= answer_data[63:32];
          b_row <= b_row + 1;
          if (b_row + 1 == (dense ? ROWS / 2 : 4)) begin
            b_row <= 0;
            b_half <= DOUBLE && !b_half;
          end
        end
        TO_WEIGHT: begin
          weight_buffer[32'(w_half) * HALF_WEIGHT + w_k - w_k_begin][w_row*64+:64] <= answer_data;
          w_row <= w_row + 1;
          if (w_row + 1 == l_rows) begin
            w_row <= 0;
            w_k <= w_k + 1;
          end
          if (weight_filled) begin
            w_half <= DOUBLE && !w_half;
            w_k_begin <= w_k + 1 == reduction ? 0 : w_k + 1;
            if (w_k + 1 == reduction) w_k <= 0;
          end
        end
        default: ;
      endcase
    end
  end

  // ---- the array
  typedef enum logic [1:0] {A_WAIT, A_RUN, A_SETTLE} array_t;
  array_t array;
  logic [31:0] a_plane, a_first, a_tile, a_k_begin, a_pixel, a_k, a_in_stripe, a_in_stretch, a_settle;
  logic a_input_half, a_weight_half, a_sums_half, a_bias_half, a_busy;
  assign a_in_stripe = pixels - a_first < stripe_pixels ? pixels - a_first : stripe_pixels;
  assign a_in_stretch = reduction - a_k_begin < stretch ? reduction - a_k_begin : stretch;
  logic a_ends_stretch, a_ends_tile, a_ends_stripe;
  always_comb begin
    a_ends_stretch = array == A_SETTLE && a_settle == 3;  // of the multipliers' and adders' own stages
    a_ends_tile = a_ends_stretch && a_k_begin + a_in_stretch == reduction;
    a_ends_stripe = a_ends_tile && a_tile + 1 == tiles;
    weight_freed = a_ends_stretch;
    input_freed = a_ends_stripe;
    sums_filled = a_ends_tile;
  end
  logic [63:0] vector;
  logic [ROWS*64-1:0] weights;
  logic signed [31:0] sum_before, sum_more;
  always_comb begin
    vector = input_buffer[32'(a_input_half) * HALF_INPUT + a_pixel * reduction + a_k];
    weights = weight_buffer[32'(a_weight_half) * HALF_WEIGHT + a_k - a_k_begin];
  end
  always_ff @(posedge clock) begin
    if (reset || start) begin
      array <= A_WAIT;
      a_busy <= start;
      {a_plane, a_first, a_tile, a_k_begin, a_pixel, a_k, a_settle} <= '0;
      {a_input_half, a_weight_half, a_sums_half, a_bias_half} <= '0;
      if (reset) multiplied <= 0;
    end else if (a_busy) begin
      case (array)
        A_WAIT:
        if (inputs_full != 0 && weights_full != 0 && (a_k_begin != 0 || sums_full < HALVES)) begin
          array <= A_RUN;
          a_pixel <= 0;
          a_k <= a_k_begin;
        end
        A_RUN: begin
          for (int row = 0; row < ROWS; ++row) begin
            if (dense || row < 8) begin
              sum_before = sums[(32'(a_sums_half) * HALF_PIXELS + a_pixel) * ROWS + row];
              if (a_k == 0) sum_before = kind == 3 ? -32'sd128 : bias_buffer[32'(a_bias_half) * ROWS + row];
              sum_more = 0;
              if (dense) begin
                for (int lane = 0; lane < 8; ++lane)
                  sum_more += 32'($signed(vector[lane*8+:8])) * 32'($signed(weights[row*64+lane*8+:8]));
              end else if (kind == 1) begin
                sum_more = 32'($signed(vector[row*8+:8])) * 32'($signed(weights[row*8+:8]));
              end else begin
                sum_more = 32'($signed(vector[row*8+:8]));
              end
              sums[(32'(a_sums_half) * HALF_PIXELS + a_pixel) * ROWS + row] <=
                  kind == 3 ? (sum_more > sum_before ? sum_more : sum_before) : sum_before + sum_more;
            end
          end
          if (weighted) multiplied <= multiplied + (dense ? 64'(ROWS * 8) : 64'd8);
          a_k <= a_k + 1;
          if (a_k + 1 == a_k_begin + a_in_stretch) begin
            a_k <= a_k_begin;
            a_pixel <= a_pixel + 1;
            if (a_pixel + 1 == a_in_stripe) begin
              array <= A_SETTLE;
              a_settle <= 0;
            end
          end
        end
        A_SETTLE: begin
          a_settle <= a_settle + 1;
          if (a_ends_stretch) begin
            array <= A_WAIT;
            a_weight_half <= DOUBLE && !a_weight_half;
            a_k_begin <= a_k_begin + a_in_stretch;
          end
          if (a_ends_tile) begin
            a_k_begin <= 0;
            a_sums_half <= DOUBLE && !a_sums_half;
            a_bias_half <= DOUBLE && !a_bias_half;
            a_tile <= a_tile + 1;
          end
          if (a_ends_stripe) begin
            a_tile <= 0;
            a_input_half <= DOUBLE && !a_input_half;
            a_first <= a_first + a_in_stripe;
            if (a_first + a_in_stripe == pixels) begin
              a_first <= 0;
              a_plane <= a_plane + 1;
              if (a_plane + 1 == planes) a_busy <= 0;
            end
          end
        end
        default: ;
      endcase
    end
  end

  // ---- the drain
  logic [31:0] d_plane, d_first, d_tile, d_pixel, d_beat, d_in_stripe, d_tile_beats, o_pixel, o_beat, o_count;
  logic d_half, d_busy, d_want, o_want, d_taken, o_taken, o_all;
  logic [63:0] operands[OPERANDS];
  logic [3:0] o_in, o_out;
  logic [4:0] o_held, o_flying;
  logic [63:0] d_data;
  logic [31:0] d_address, o_address, d_plane_beat;
  assign d_in_stripe = pixels - d_first < stripe_pixels ? pixels - d_first : stripe_pixels;
  assign d_tile_beats = out_beats - d_tile * tile_beats < tile_beats ? out_beats - d_tile * tile_beats : tile_beats;
  assign d_plane_beat = dense ? d_tile * tile_beats : d_plane;
  always_comb begin
    o_want = d_busy && sums_full != 0 && operand != 0 && !o_all && o_held + o_flying < 5'(OPERANDS);
    o_address = operand_base + d_plane_beat + o_beat +
                (operand == 1 ? (d_first + o_pixel) * out_stride_beats : 0);
    d_want = d_busy && sums_full != 0 && (operand == 0 || o_held != 0);
    d_address = output_base + (d_first + d_pixel) * out_stride_beats + d_plane_beat + d_beat;
  end
  function automatic logic [7:0] scaled(input logic signed [31:0] sum, input logic signed [7:0] other,
                                        input logic [1:0] how, input logic multiplies, input logic [15:0] by,
                                        input logic [4:0] down, input logic cut);
    logic signed [63:0] value, times;
    value = 64'(sum);
    times = $signed({48'd0, by});
    value = (value * times) >>> down;
    if (how != 0) value = multiplies ? (value * 64'(other)) >>> 6 : value + 64'(other);
    if (cut && value < 0) value = 0;
    if (value > 127) value = 127;
    if (value < -128) value = -128;
    return value[7:0];
  endfunction
  always_comb begin
    d_data = 0;
    if (d_want)
      for (int lane = 0; lane < 8; ++lane)
        d_data[lane*8+:8] = scaled(sums[(32'(d_half) * HALF_PIXELS + d_pixel) * ROWS + d_beat * 8 + lane],
                                   operands[o_out][lane*8+:8], operand, operand_multiplies, factor, shift, relu);
    sums_freed = d_taken && d_pixel + 1 == d_in_stripe && d_beat + 1 == d_tile_beats;
  end
  always_ff @(posedge clock) begin
    if (reset || start) begin
      d_busy <= start;
      done <= 0;
      {d_plane, d_first, d_tile, d_pixel, d_beat, o_pixel, o_beat} <= '0;
      {o_in, o_out, o_held, o_flying} <= '0;
      d_half <= 0;
      o_all <= 0;
    end else begin
      if (answer && answer_tag == TO_OPERAND) begin
        operands[o_in] <= answer_data;
        o_in <= o_in + 1;
      end
      o_held <= o_held + 5'(answer && answer_tag == TO_OPERAND) - 5'(d_taken && operand != 0);
      o_flying <= o_flying + 5'(o_taken) - 5'(answer && answer_tag == TO_OPERAND);
      if (o_taken) begin
        o_beat <= o_beat + 1;
        if (o_beat + 1 == d_tile_beats) begin
          o_beat <= 0;
          o_pixel <= o_pixel + 1;
          if (o_pixel + 1 == d_in_stripe) o_all <= 1;
        end
      end
      if (d_taken) begin
        if (operand != 0) o_out <= o_out + 1;
        d_beat <= d_beat + 1;
        if (d_beat + 1 == d_tile_beats) begin
          d_beat <= 0;
          d_pixel <= d_pixel + 1;
        end
        if (sums_freed) begin
          d_pixel <= 0;
          d_beat <= 0;
          o_pixel <= 0;
          o_beat <= 0;
          o_all <= 0;
          d_half <= DOUBLE && !d_half;
          d_tile <= d_tile + 1;
          if (d_tile + 1 == tiles) begin
            d_tile <= 0;
            d_first <= d_first + d_in_stripe;
            if (d_first + d_in_stripe == pixels) begin
              d_first <= 0;
              d_plane <= d_plane + 1;
              if (d_plane + 1 == planes) begin
                d_busy <= 0;
                done <= 1;
              end
            end
          end
        end
      end
    end
  end

  // ---- who has the port: what leaves goes before what comes, operands before inputs and weights
  always_comb begin
    want = d_want || o_want || l_want;
    want_write = 0;
    want_blank = 0;
    want_data = d_data;
    want_address = l_address;
    want_tag = loader == L_INPUT ? TO_INPUT : loader == L_BIAS ? TO_BIAS : TO_WEIGHT;
    if (d_want) begin
      want_write = 1;
      want_address = d_address;
    end else if (o_want) begin
      want_address = o_address;
      want_tag = TO_OPERAND;
    end else begin
      want_blank = l_blank;
    end
    d_taken = d_want && ready;
    o_taken = !d_want && o_want && ready;
    l_taken = !d_want && !o_want && l_want && ready;
  end

  always_ff @(posedge clock) begin
    if (reset || start) begin
      inputs_full <= 0;
      weights_full <= 0;
      sums_full <= 0;
    end else begin
      inputs_full <= inputs_full + 2'(input_filled) - 2'(input_freed);
      weights_full <= weights_full + 2'(weight_filled) - 2'(weight_freed);
      sums_full <= sums_full + 2'(sums_filled) - 2'(sums_freed);
    end
  end
endmodule
