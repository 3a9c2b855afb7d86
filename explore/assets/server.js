// SPDX-License-Identifier: Apache-2.0
// Requests to the program that this page came from.
"use strict";
Explore.token = new URLSearchParams(location.search).get("token") || "";

Explore.ask = async (path, body) => {
  const headers = { "X-Lanewise-Token": Explore.token };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(path, { method: body === undefined ? "GET" : "POST", headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Error("lanewise explore does not answer: it has ended, or is ending");
  }
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error.replace(/^lanewise: error: /, ""));
  return answer;
};

// Saves what the program gives as a file, as a link would.
Explore.download = async (path, name) => {
  const response = await fetch(path, { headers: { "X-Lanewise-Token": Explore.token } });
  if (!response.ok) throw new Error((await response.json()).error.replace(/^lanewise: error: /, ""));
  const address = URL.createObjectURL(await response.blob());
  const link = Explore.make("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
};

// Calls `work` with what was last given to it, one call at a time: while one is under way only the newest of what comes
// is kept, so that dragging never queues.
Explore.newest = (work) => {
  let busy = false, waiting = null;
  const run = async (argument) => {
    busy = true;
    try {
      await work(argument);
    } finally {
      busy = false;
      if (waiting !== null) {
        const [next] = waiting;
        waiting = null;
        run(next);
      }
    }
  };
  return (argument) => {
    if (busy) waiting = [argument];
    else run(argument);
  };
};
