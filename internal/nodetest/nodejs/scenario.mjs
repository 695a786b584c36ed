// A whole scenario with the official Node.js client against the embedded node.
//
// The Go test that runs this starts the node and gives its connection string as
// the only argument. A line "restart" on the standard output asks it to kill the
// node and start it again; it answers with a line. The last line is "done".
import assert from "node:assert/strict";
import readline from "node:readline";
import {
  ANY, BACKWARDS, END, FORWARDS, NO_STREAM, START, STREAM_EXISTS,
  EventStoreDBClient, MaxAppendSizeExceededError, StreamNotFoundError,
  WrongExpectedVersionError, binaryEvent, eventTypeFilter, excludeSystemEvents, jsonEvent, streamNameFilter,
} from "@eventstore/db-client";

const [url] = process.argv.slice(2);
const client = EventStoreDBClient.connectionString(url);
const answers = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function restart() {
  console.log("restart");
  await answers.next();
}

const step = (name) => console.error(`- ${name}`);
const written = (type, n) => jsonEvent({ type, data: { n, text: "größer" }, metadata: { actor: "scenario" } });
const several = (type, from, count) => Array.from({ length: count }, (_, i) => written(type, from + i));

async function all(read) {
  const events = [];
  for await (const { event } of read) events.push(event);
  return events;
}
const numbers = (events) => events.map((e) => e.data.n);
const revisions = (events) => events.map((e) => Number(e.revision));
const range = (from, to) => Array.from({ length: to - from }, (_, i) => from + i);

// follow collects what a subscription brings until enough(seen) says so.
function follow(subscription, enough) {
  const seen = [];
  return new Promise((resolve, reject) => {
    subscription.on("error", reject);
    subscription.on("data", ({ event }) => {
      seen.push(event);
      if (enough(seen)) subscription.unsubscribe().then(() => resolve(seen), reject);
    });
  });
}

// untilCaughtUp collects what a subscription brings until it is live.
async function untilCaughtUp(subscription) {
  const seen = [];
  subscription.on("data", ({ event }) => seen.push(event));
  await new Promise((resolve, reject) => subscription.once("caughtUp", resolve).once("error", reject));
  await new Promise(setImmediate); // what came before is handed over first
  await subscription.unsubscribe();
  return seen;
}
const ids = (events) => events.map((e) => e.id);

step("append, three events in one append, and its result");
const first = several("invoice.issued", 0, 3);
const appended = await client.appendToStream("invoice-a", first, { expectedRevision: NO_STREAM });
assert.deepEqual(appended, { success: true, nextExpectedRevision: 2n, position: { commit: 3n, prepare: 3n } });

step("conflict");
await assert.rejects(client.appendToStream("invoice-a", written("invoice.issued", 9), { expectedRevision: NO_STREAM }), (error) => {
  assert.ok(error instanceof WrongExpectedVersionError, error);
  assert.deepEqual([error.streamName, error.expectedVersion, error.actualVersion], ["invoice-a", NO_STREAM, 2n]);
  return true;
});
await assert.rejects(client.appendToStream("invoice-a", written("invoice.issued", 9), { expectedRevision: 7n }), (error) => {
  assert.ok(error instanceof WrongExpectedVersionError, error);
  assert.deepEqual([error.expectedVersion, error.actualVersion], [7n, 2n]);
  return true;
});
await assert.rejects(client.appendToStream("invoice-new", written("invoice.issued", 9), { expectedRevision: STREAM_EXISTS }), WrongExpectedVersionError);
const lenient = EventStoreDBClient.connectionString(`${url}&throwOnAppendFailure=false`);
assert.equal((await lenient.appendToStream("invoice-a", written("invoice.issued", 9), { expectedRevision: NO_STREAM })).success, false);

step("the same append again is the same answer");
assert.deepEqual(await client.appendToStream("invoice-a", first, { expectedRevision: NO_STREAM }), appended);
assert.deepEqual(await client.appendToStream("invoice-a", first, { expectedRevision: ANY }), appended);

step("append at a revision, by the call without batches as well");
await client.appendToStream("invoice-a", written("invoice.paid", 3), { expectedRevision: 2n });
const credentials = { username: "nobody", password: "asks" }; // makes the client use Append instead of BatchAppend
const single = await client.appendToStream("invoice-a", written("invoice.paid", 4), { expectedRevision: 3n, credentials });
assert.deepEqual(single, { success: true, nextExpectedRevision: 4n, position: { commit: 5n, prepare: 5n } });
await assert.rejects(client.appendToStream("invoice-a", written("invoice.paid", 9), { expectedRevision: 3n, credentials }), WrongExpectedVersionError);

step("an append in many chunks is one append");
const chunked = await client.appendToStream("chart-b", several("chart.noted", 0, 500), { expectedRevision: NO_STREAM, batchAppendSize: 2048 });
assert.deepEqual(chunked, { success: true, nextExpectedRevision: 499n, position: { commit: 505n, prepare: 505n } });

step("many appends at once over one call");
const parallel = await Promise.all(range(0, 200).map((n) => client.appendToStream(`chart-p${n % 20}`, written("chart.opened", n), { expectedRevision: ANY })));
assert.equal(new Set(parallel.map((r) => r.position.commit)).size, 200);

step("bytes stay bytes");
const bytes = Uint8Array.from([0, 1, 254, 255]);
await client.appendToStream("blob-1", binaryEvent({ type: "blob.kept", data: bytes, metadata: Uint8Array.from([9]) }));
const [blob] = await all(client.readStream("blob-1"));
assert.equal(blob.isJson, false);
assert.deepEqual([Uint8Array.from(blob.data), Uint8Array.from(blob.metadata)], [bytes, Uint8Array.from([9])]);

step("refusals say what is wrong");
await assert.rejects(client.appendToStream("chart-large", binaryEvent({ type: "x", data: new Uint8Array((1 << 20) + 1) })), (error) => {
  assert.ok(error instanceof MaxAppendSizeExceededError, error);
  assert.equal(error.maxAppendSize, 1 << 20);
  return true;
});
const unsupported = /the embedded event node does not support/;
await assert.rejects(client.appendToStream("$$chart-b", written("$metadata", 0)), unsupported);
await assert.rejects(client.setStreamMetadata("chart-b", { maxCount: 1 }), unsupported);
await assert.rejects(client.deleteStream("chart-b"), unsupported);
await assert.rejects(client.tombstoneStream("chart-b"), unsupported);

step("read a stream both ways, from anywhere");
const forwards = await all(client.readStream("invoice-a", { direction: FORWARDS, fromRevision: START }));
assert.deepEqual(numbers(forwards), range(0, 5));
assert.deepEqual(revisions(forwards), range(0, 5));
assert.deepEqual(ids(forwards.slice(0, 3)), ids(first));
assert.deepEqual([forwards[0].type, forwards[0].streamId, forwards[0].data, forwards[0].metadata, forwards[0].isJson],
  ["invoice.issued", "invoice-a", { n: 0, text: "größer" }, { actor: "scenario" }, true]);
assert.ok(Math.abs(Date.now() - forwards[0].created.getTime()) < 600_000, `created at ${forwards[0].created}`);
assert.deepEqual(numbers(await all(client.readStream("invoice-a", { direction: BACKWARDS, fromRevision: END }))), [4, 3, 2, 1, 0]);
assert.deepEqual(numbers(await all(client.readStream("invoice-a", { fromRevision: 2n }))), [2, 3, 4]);
assert.deepEqual(numbers(await all(client.readStream("invoice-a", { direction: BACKWARDS, fromRevision: 2n, maxCount: 2 }))), [2, 1]);
assert.deepEqual(await all(client.readStream("invoice-a", { fromRevision: 99n })), []);
assert.deepEqual(numbers(await all(client.readStream("chart-b"))), range(0, 500));
await assert.rejects(all(client.readStream("chart-none")), StreamNotFoundError);

step("read $all both ways, from anywhere");
const everything = await all(client.readAll());
assert.equal(everything.length, 706);
assert.deepEqual(everything.map((e) => Number(e.position.commit)), range(1, 707));
assert.deepEqual(ids(await all(client.readAll({ direction: BACKWARDS, fromPosition: END }))), ids(everything).reverse());
const middle = everything[100];
assert.equal((await all(client.readAll({ fromPosition: middle.position, maxCount: 1 })))[0].id, middle.id, "forwards includes its position");
assert.equal((await all(client.readAll({ direction: BACKWARDS, fromPosition: middle.position, maxCount: 1 })))[0].id, everything[99].id, "backwards does not");

step("subscribe to a stream, from its start and behind a revision");
const live = follow(client.subscribeToStream("invoice-a"), (seen) => seen.length === 6);
const behind = follow(client.subscribeToStream("invoice-a", { fromRevision: 3n }), (seen) => seen.length === 2);
const fresh = client.subscribeToStream("invoice-a", { fromRevision: END });
const onlyNew = follow(fresh, (seen) => seen.length === 1);
await new Promise((resolve) => fresh.once("confirmation", resolve));
await client.appendToStream("invoice-a", written("invoice.paid", 5), { expectedRevision: 4n });
assert.deepEqual(numbers(await live), range(0, 6));
assert.deepEqual(numbers(await behind), [4, 5]);
assert.deepEqual(numbers(await onlyNew), [5]);

step("filter $all by prefix and regular expression, on streams and types");
const matching = {
  "prefixes of streams": [streamNameFilter({ prefixes: ["invoice-", "blob-"] }), (e) => /^(invoice|blob)-/.test(e.streamId)],
  "a regular expression on streams": [streamNameFilter({ regex: "^chart-p1\\d?$" }), (e) => /^chart-p1\d?$/.test(e.streamId)],
  "prefixes of types": [eventTypeFilter({ prefixes: ["chart.opened"] }), (e) => e.type === "chart.opened"],
  "a regular expression on types": [eventTypeFilter({ regex: "\\.(paid|kept)$" }), (e) => /\.(paid|kept)$/.test(e.type)],
  "no system events": [excludeSystemEvents(), () => true],
};
const now = await all(client.readAll());
for (const [name, [filter, matches]] of Object.entries(matching)) {
  const wanted = now.filter(matches);
  assert.ok(wanted.length > 1, name);
  assert.deepEqual(ids(await untilCaughtUp(client.subscribeToAll({ fromPosition: START, filter }))), ids(wanted), name);
}

step("checkpoints: resuming after any of them loses and doubles nothing");
const filter = (checkpointReached) => streamNameFilter({ prefixes: ["invoice-"], maxSearchWindow: 32, checkpointInterval: 1, checkpointReached });
const wanted = now.filter((e) => e.streamId.startsWith("invoice-"));
const checkpoints = [];
await untilCaughtUp(client.subscribeToAll({ fromPosition: START, filter: filter((_, position) => { checkpoints.push(position); }) }));
assert.ok(checkpoints.length >= Math.floor(now.length / 32), `${checkpoints.length} checkpoints`);
assert.deepEqual(checkpoints.at(-1), now.at(-1).position, "one at the end, when it goes live");
for (const position of [checkpoints[0], checkpoints[5], checkpoints.at(-1)]) {
  const rest = wanted.filter((e) => e.position.commit > position.commit);
  const seen = await untilCaughtUp(client.subscribeToAll({ fromPosition: position, filter: filter() }));
  assert.deepEqual(ids(seen), ids(rest), `resumed after ${position.commit}`);
}

step("the node is killed under subscriptions and appends");
const before = [];
let position = now.at(-1).position;
const broken = client.subscribeToAll({ fromPosition: START, filter: streamNameFilter({ prefixes: ["invoice-"] }) });
broken.on("data", ({ event }) => { before.push(event.id); position = event.position; });
await new Promise((resolve) => broken.once("caughtUp", resolve));
const ended = new Promise((resolve) => broken.once("error", resolve));
await restart();
assert.ok(await ended instanceof Error);
const retried = written("invoice.paid", 6);
let result;
for (let attempt = 0; result === undefined; attempt++) {
  try {
    result = await client.appendToStream("invoice-a", retried, { expectedRevision: 5n });
  } catch (error) {
    assert.ok(attempt < 200, error);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
assert.equal(result.nextExpectedRevision, 6n);
const after = await follow(client.subscribeToAll({ fromPosition: position, filter: streamNameFilter({ prefixes: ["invoice-"] }) }), (seen) => seen.length === 1);
assert.deepEqual([...before, ...ids(after)], [...ids(wanted), retried.id]);
assert.deepEqual(ids(await all(client.readAll())), [...ids(now), retried.id]);
assert.deepEqual(await client.appendToStream("invoice-a", first, { expectedRevision: NO_STREAM }), appended, "a repetition is recognised after the restart");

await client.dispose();
await lenient.dispose();
console.log("done");
process.exit(0);
