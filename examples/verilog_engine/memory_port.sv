// SPDX-License-Identifier: Apache-2.0
// The one port to memory: a beat of eight bytes a cycle at most, reads answered in order after a fixed latency. Every so
// often the memory refreshes and takes nothing, and a turn from reading to writing or back costs a pause. What the
// memory holds is with the program around the model (read_memory, write_memory); when it is moved is decided here.
module memory_port #(
    parameter int LATENCY = 24,
    parameter int TURN_PAUSE = 2,
    parameter int REFRESH_EVERY = 1024,
    parameter int REFRESH_PAUSE = 40,
    parameter int TAG_BITS = 2
) (
    input logic clock,
    input logic reset,
    // A request is taken in a cycle in which both `want` and `ready` are high. `blank` asks for `blank_data`, which
    // needs no memory and keeps its place among the reads.
    input logic want,
    input logic write,
    input logic blank,
    input logic [31:0] address,  // in beats
    input logic [63:0] data,
    input logic [63:0] blank_data,
    input logic [TAG_BITS-1:0] tag,
    output logic ready,
    output logic answer,
    output logic [63:0] answer_data,
    output logic [TAG_BITS-1:0] answer_tag
);
  import "DPI-C" function longint unsigned read_memory(input int unsigned beat);
  import "DPI-C" function void write_memory(input int unsigned beat, input longint unsigned data);

  logic [15:0] pause, since_refresh;
  logic writing;
  assign ready = blank || (pause == 0 && write == writing);

  // Reads on their way: a ring as long as the latency.
  logic [63:0] flight_data[LATENCY];
  logic [TAG_BITS-1:0] flight_tag[LATENCY];
  logic [LATENCY-1:0] flight_valid;
  logic [7:0] slot;

  always_ff @(posedge clock) begin
    if (reset) begin
      pause <= 0;
      writing <= 0;
      since_refresh <= 0;
      flight_valid <= '0;
      slot <= 0;
      answer <= 0;
    end else begin
      since_refresh <= since_refresh + 1;
      if (since_refresh == 16'(REFRESH_EVERY)) begin
        pause <= 16'(REFRESH_PAUSE);
        since_refresh <= 0;
      end else if (pause != 0) begin
        pause <= pause - 1;
      end else if (want && !blank && write != writing) begin
        writing <= write;
        pause <= 16'(TURN_PAUSE);
      end
      answer <= flight_valid[slot];
      answer_data <= flight_data[slot];
      answer_tag <= flight_tag[slot];
      flight_valid[slot] <= 0;
      if (want && ready) begin
        if (write) begin
          write_memory(address, data);
        end else begin
          flight_data[slot] <= blank ? blank_data : read_memory(address);
          flight_tag[slot] <= tag;
          flight_valid[slot] <= 1;
        end
      end
      slot <= slot == 8'(LATENCY - 1) ? 0 : slot + 1;
    end
  end
endmodule
